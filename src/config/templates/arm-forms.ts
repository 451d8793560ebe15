/** Functions of ARM templates that do not evaluate all their arguments first, or that look at the template around them. */
import { ArmFault } from './arm-fault.ts';
import type { ArmExpression } from './arm-expression.ts';
import { ANY_NUMBER, boolArg, intArg, listArg, objectArg, textArg, wrongArg } from './arm-function.ts';
import type { ArmFunction } from './arm-function.ts';
import type { ArmScope } from './arm-scope.ts';
import { NOTHING } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

export interface ArmFormCall {
  readonly args: readonly ArmExpression[];
  readonly scope: ArmScope;
  readonly evaluate: (arg: ArmExpression, scope?: ArmScope) => ArmValue;
  readonly names: { parameter(name: string): ArmValue; variable(name: string): ArmValue };
}

export interface ArmForm extends Pick<ArmFunction, 'name' | 'takes'> {
  readonly run: (call: ArmFormCall) => ArmValue;
}

const LIST: readonly ArmForm[] = [
  { name: 'and', takes: [2, ANY_NUMBER], run: (call) => call.args.every((_, index) => boolAt(call, index)) },
  { name: 'coalesce', takes: [1, ANY_NUMBER], run: coalesce },
  { name: 'copyIndex', takes: [0, 2], run: copyIndex },
  {
    name: 'filter',
    takes: [2, 2],
    run: (call) => listAt(call).filter((item, at) => isTrue(apply(call, 1, [item, at]))),
  },
  { name: 'groupBy', takes: [2, 2], run: groupBy },
  { name: 'if', takes: [3, 3], run: (call) => valueAt(call, boolAt(call, 0) ? 1 : 2) },
  {
    name: 'lambda',
    takes: [1, ANY_NUMBER],
    run: () => {
      throw new ArmFault('a lambda can only be the argument of a function such as map');
    },
  },
  { name: 'lambdaVariables', takes: [1, 1], run: lambdaVariables },
  { name: 'map', takes: [2, 2], run: (call) => listAt(call).map((item, index) => apply(call, 1, [item, index])) },
  { name: 'mapValues', takes: [2, 2], run: mapValues },
  { name: 'or', takes: [2, ANY_NUMBER], run: (call) => call.args.some((_, index) => boolAt(call, index)) },
  { name: 'parameters', takes: [1, 1], run: parameters },
  {
    name: 'reduce',
    takes: [3, 3],
    run: (call) => listAt(call).reduce<ArmValue>((sum, item, at) => apply(call, 2, [sum, item, at]), valueAt(call, 1)),
  },
  { name: 'sort', takes: [2, 2], run: sort },
  { name: 'toObject', takes: [2, 3], run: toObject },
  { name: 'variables', takes: [1, 1], run: variables },
];

export const FORMS: ReadonlyMap<string, ArmForm> = new Map(LIST.map((form) => [form.name.toLowerCase(), form]));

const MOST_SORTED = 2000;

function valueAt({ args, evaluate }: ArmFormCall, index: number): ArmValue {
  const arg = args[index];
  return arg === undefined ? NOTHING : evaluate(arg);
}

function boolAt(call: ArmFormCall, index: number): boolean {
  const value = valueAt(call, index);
  if (typeof value !== 'boolean') throw wrongArg(index, 'a bool', value);
  return value;
}

function listAt(call: ArmFormCall): readonly ArmValue[] {
  return listArg([valueAt(call, 0)], 0);
}

function isTrue(value: ArmValue): boolean {
  return boolArg([value], 0);
}

function coalesce(call: ArmFormCall): ArmValue {
  for (const index of call.args.keys()) {
    const value = valueAt(call, index);
    if (value !== null) return value;
  }
  return NOTHING;
}

/** `copyIndex(offset)` and `copyIndex()` are of the resource's loop; a loop of properties is named. */
function copyIndex(call: ArmFormCall): ArmValue {
  const { scope } = call;
  const values = call.args.map((_, index) => valueAt(call, index));
  const isNamed = typeof values[0] === 'string';
  const name = isNamed ? textArg(values, 0) : undefined;
  const index = name === undefined ? scope.resourceCopy : scope.copies.get(name.toLowerCase());
  if (index !== undefined) return index + intArg(values, isNamed ? 1 : 0);
  const loops = [...scope.copies.keys()];
  throw new ArmFault(name === undefined ? 'there is no loop of a resource here' : `there is no loop "${name}" here`, {
    hint: loops.length === 0 ? 'it stands in no loop' : `the loops here are ${loops.join(', ')}`,
  });
}

function parameters(call: ArmFormCall): ArmValue {
  const name = textArg([valueAt(call, 0)], 0);
  if (call.scope.parameters === undefined) return call.names.parameter(name);
  const value = call.scope.parameters.get(name.toLowerCase());
  if (value === undefined)
    throw new ArmFault(`the function has no parameter "${name}"`, { hint: 'those of the template are not seen in it' });
  return value;
}

function variables(call: ArmFormCall): ArmValue {
  if (call.scope.parameters !== undefined) throw new ArmFault('variables are not seen in a function of the template');
  return call.names.variable(textArg([valueAt(call, 0)], 0));
}

function lambdaVariables(call: ArmFormCall): ArmValue {
  const name = textArg([valueAt(call, 0)], 0);
  const value = call.scope.locals.get(name.toLowerCase());
  if (value === undefined) throw new ArmFault(`no lambda around it has a variable "${name}"`);
  return value;
}

/** A lambda takes as many of the values as it names. */
function apply({ args, scope, evaluate }: ArmFormCall, index: number, values: readonly ArmValue[]): ArmValue {
  const lambda = args[index];
  const isLambda = lambda?.kind === 'call' && lambda.name.toLowerCase() === 'lambda';
  const names = isLambda ? lambda.args.slice(0, -1) : [];
  const body = isLambda ? lambda.args.at(-1) : undefined;
  if (body === undefined) throw new ArmFault(`argument ${index + 1}: expected a lambda`);
  if (names.length > values.length)
    throw new ArmFault(
      `argument ${index + 1}: the lambda has ${names.length} variables, at most ${values.length} are given`,
    );
  const locals = new Map(scope.locals);
  for (const [at, name] of names.entries()) {
    if (name.kind !== 'literal' || typeof name.value !== 'string')
      throw new ArmFault(`argument ${index + 1}: expected the names of variables as texts`);
    locals.set(name.value.toLowerCase(), values[at] ?? NOTHING);
  }
  return evaluate(body, { ...scope, locals });
}

function groupBy(call: ArmFormCall): ArmValue {
  const groups = new Map<string, ArmValue[]>();
  for (const [at, item] of listAt(call).entries()) {
    const key = textArg([apply(call, 1, [item, at])], 0);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return Object.fromEntries(groups);
}

function mapValues(call: ArmFormCall): ArmValue {
  const entries = Object.entries(objectArg([valueAt(call, 0)], 0));
  return Object.fromEntries(entries.map(([key, value]) => [key, apply(call, 1, [value])]));
}

/** The lambda tells whether its first comes before its second. */
function sort(call: ArmFormCall): ArmValue {
  const list = listAt(call);
  if (list.length > MOST_SORTED) throw new ArmFault(`arrays of more than ${MOST_SORTED} items are not sorted`);
  const isBefore = (a: ArmValue, b: ArmValue) => isTrue(apply(call, 1, [a, b]));
  return [...list].sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
}

function toObject(call: ArmFormCall): ArmValue {
  const pairs = listAt(call).map((item): [string, ArmValue] => [
    textArg([apply(call, 1, [item])], 0),
    call.args.length === 3 ? apply(call, 2, [item]) : item,
  ]);
  return Object.fromEntries(pairs);
}
