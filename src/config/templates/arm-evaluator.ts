/**
 * Evaluates the texts of an ARM template: expressions, loops of properties, variables when they are needed. Limits hold
 * for the template as a whole, so that none takes long. Faults carry the place of the innermost call.
 */
import { nearMatch } from '../near-match.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmPlace } from './arm-fault.ts';
import { isExpression, parseExpression, unescapeText } from './arm-expression.ts';
import type { ArmExpression } from './arm-expression.ts';
import { FORMS } from './arm-forms.ts';
import { callFunction, checkCount } from './arm-function.ts';
import type { ArmWorld } from './arm-function.ts';
import { FUNCTIONS } from './arm-functions.ts';
import { ArmJsonFault } from './arm-json-fault.ts';
import { offsetWithin } from './arm-json.ts';
import type { ArmMember, ArmNode, ArmObjectNode, ArmTextNode } from './arm-json.ts';
import { copiesOf } from './arm-copies.ts';
import { refusalOf } from './arm-refused.ts';
import { OUTERMOST, withCopy } from './arm-scope.ts';
import type { ArmScope } from './arm-scope.ts';
import type { ArmSource } from './arm-source.ts';
import { ArmScale, ArmSecret, isList, isObject, kindOf, memberOf } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

const MOST_STEPS = 20_000;
const DEEPEST = 300;

/** What the evaluator asks for the parts of a template by name. */
export interface ArmNames {
  parameter(name: string): ArmValue;
  variable(name: string): ArmValue;
  userFunction(name: string, args: readonly ArmValue[]): ArmValue | undefined;
}

/** Where an expression stands. */
interface Frame {
  readonly node: ArmTextNode;
  readonly scope: ArmScope;
}

export class ArmEvaluator {
  readonly #source: ArmSource;
  readonly #names: ArmNames;
  readonly #world: ArmWorld;
  readonly #scale = new ArmScale();
  #steps = 0;
  #depth = 0;

  constructor(source: ArmSource, names: ArmNames, world: ArmWorld) {
    this.#source = source;
    this.#names = names;
    this.#world = world;
  }

  place(node: Pick<ArmNode, 'start'>): ArmPlace {
    return { source: this.#source, offset: node.start };
  }

  /** Throws the first ArmFault. */
  evaluate(node: ArmNode, scope: ArmScope = OUTERMOST): ArmValue {
    return this.#walk(node, scope, undefined);
  }

  /** Each fault goes into the list; the value is of use only where there is none. */
  evaluateAll(node: ArmNode, scope: ArmScope, faults: ArmFault[]): ArmValue {
    return this.#walk(node, scope, faults);
  }

  #walk(node: ArmNode, scope: ArmScope, faults: ArmFault[] | undefined): ArmValue {
    try {
      switch (node.kind) {
        case 'plain':
          return node.value;
        case 'text':
          return this.#text(node, scope);
        case 'list':
          return this.#deeper(() => node.items.map((item) => this.#walk(item, scope, faults)));
        case 'object':
          return this.#deeper(() => this.#object(node, scope, faults));
      }
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      const fault = error.at(this.place(node));
      if (faults === undefined) throw fault;
      faults.push(fault);
      return '';
    }
  }

  #object(node: ArmObjectNode, scope: ArmScope, faults: ArmFault[] | undefined): ArmValue {
    const pairs: (readonly [string, ArmValue])[] = [];
    for (const member of node.members) {
      const copies = copiesOf(member);
      if (copies === undefined) pairs.push([this.#key(member, scope), this.#walk(member.value, scope, faults)]);
      else for (const copy of copies) pairs.push([copy.name, this.copy(copy, scope, faults)]);
    }
    return Object.fromEntries(pairs);
  }

  /** One loop of a property or variable. */
  copy(
    copy: { readonly name: string; readonly count: ArmNode; readonly input: ArmNode },
    scope: ArmScope,
    faults?: ArmFault[],
  ): ArmValue {
    const count = this.count(copy.count, scope);
    const indexes = Array.from({ length: count }, (_, index) => index);
    return this.#scale.weigh(indexes.map((index) => this.#walk(copy.input, withCopy(scope, copy.name, index), faults)));
  }

  /** How often a loop goes round. */
  count(node: ArmNode, scope: ArmScope): number {
    const count = this.evaluate(node, scope);
    if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_COPIES) return count;
    const got = typeof count === 'number' ? `${count}` : kindOf(count);
    throw new ArmFault(`the count of a loop: expected 0 to ${MOST_COPIES}, got ${got}`, { place: this.place(node) });
  }

  #key({ key, keyStart }: ArmMember, scope: ArmScope): string {
    if (!isExpression(key)) return unescapeText(key);
    const value = this.#text({ kind: 'text', start: keyStart, end: keyStart + key.length + 2, value: key }, scope);
    if (typeof value === 'string') return value;
    throw new ArmFault(`a key: expected a string, got ${kindOf(value)}`, { place: this.place({ start: keyStart }) });
  }

  #text(node: ArmTextNode, scope: ArmScope): ArmValue {
    if (!isExpression(node.value)) return unescapeText(node.value);
    try {
      return this.#expression(parseExpression(node.value), { node, scope });
    } catch (error) {
      if (!(error instanceof ArmJsonFault)) throw error;
      throw new ArmFault(error.message, { hint: error.hint, place: this.#within(node, error.offset) });
    }
  }

  #expression(expression: ArmExpression, frame: Frame): ArmValue {
    if (expression.kind === 'literal') return expression.value;
    try {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) throw new ArmFault(`the template takes more than ${MOST_STEPS} calls to evaluate`);
      return this.#deeper(() =>
        this.#scale.weigh(expression.kind === 'call' ? this.#call(expression, frame) : this.#member(expression, frame)),
      );
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error;
      throw error.at(this.#within(frame.node, expression.at));
    }
  }

  #call({ name, args }: ArmExpression & { kind: 'call' }, frame: Frame): ArmValue {
    const bare = name.replace(/^sys\./i, '');
    const word = bare.toLowerCase();
    const form = FORMS.get(word);
    if (form !== undefined) {
      checkCount(form, args.length);
      const evaluate = (arg: ArmExpression, scope = frame.scope) => this.#expression(arg, { node: frame.node, scope });
      return form.run({ args, scope: frame.scope, evaluate, names: this.#names });
    }
    const called = FUNCTIONS.get(word);
    const known = called !== undefined || word.includes('.');
    if (!known) throw refusalOf(bare) ?? unknownFunction(name);
    const values = args.map((arg) => this.#expression(arg, frame));
    if (called !== undefined) return callFunction(called, values, this.#world);
    const own = this.#names.userFunction(name, values);
    if (own === undefined) throw unknownFunction(name);
    return own;
  }

  #member({ of, key: asked }: ArmExpression & { kind: 'member' }, frame: Frame): ArmValue {
    const value = this.#expression(of, frame);
    const key = this.#expression(asked, frame);
    if (value instanceof ArmSecret) throw new ArmFault(`nothing is known of what is in the secret ${value.shown}`);
    if (isList(value)) {
      if (typeof key !== 'number') throw new ArmFault(`an array has numbers for its items, got ${kindOf(key)}`);
      const item = value[key];
      if (item === undefined) throw new ArmFault(`there is no item ${key}: the array has ${value.length}`);
      return item;
    }
    if (!isObject(value)) throw new ArmFault(`${kindOf(value)} has no members`);
    if (typeof key !== 'string') throw new ArmFault(`an object has names for its members, got ${kindOf(key)}`);
    const found = memberOf(value, key);
    if (found === undefined) throw noMember(key, Object.keys(value));
    return found;
  }

  #deeper(work: () => ArmValue): ArmValue {
    if (this.#depth >= DEEPEST) throw new ArmFault(`more than ${DEEPEST} things are evaluated within each other`);
    this.#depth += 1;
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }

  #within(node: ArmTextNode, characters: number): ArmPlace {
    return { source: this.#source, offset: offsetWithin(this.#source.text, node, characters) };
  }
}

/** As Azure has it. */
const MOST_COPIES = 800;

function unknownFunction(name: string): ArmFault {
  const known = [...FUNCTIONS.values(), ...FORMS.values()].map((one) => one.name);
  const near = nearMatch(name, known);
  return new ArmFault(`there is no function ${name}`, {
    hint: near === undefined ? 'docs/arm-functions.md lists those that there are' : `did you mean ${near}?`,
  });
}

function noMember(key: string, keys: readonly string[]): ArmFault {
  const near = nearMatch(key, keys);
  const there = keys.length === 0 ? 'the object is empty' : `there are ${keys.slice(0, 12).join(', ')}`;
  return new ArmFault(`the object has no member "${key}"`, {
    hint: near === undefined ? there : `did you mean "${near}"?`,
  });
}
