/** Functions of ARM templates on arrays and objects, some of them on texts too. */
import { ANY_NUMBER, exact, intArg, listArg, objectArg, textArg, wrongArg } from './arm-function.ts';
import type { ArmFunction } from './arm-function.ts';
import { ArmFault } from './arm-fault.ts';
import { isList, isObject, isSame, memberOf, NOTHING } from './arm-value.ts';
import type { ArmObject, ArmValue } from './arm-value.ts';

const LONGEST_RANGE = 10_000;
/** Comparing every item with every other. */
const MOST_COMPARED = 2000;

export const COLLECTION_FUNCTIONS: readonly ArmFunction[] = [
  { name: 'array', takes: [1, 1], takesSecrets: true, run: ([value = '']) => (isList(value) ? value : [value]) },
  { name: 'contains', takes: [2, 2], run: contains },
  { name: 'createArray', takes: [0, ANY_NUMBER], takesSecrets: true, run: (args) => args },
  { name: 'createObject', takes: [0, ANY_NUMBER], takesSecrets: true, run: createObject },
  { name: 'empty', takes: [1, 1], run: ([value = '']) => value === null || lengthOf(value) === 0 },
  {
    name: 'first',
    takes: [1, 1],
    run: ([value = '']) => (isList(value) ? (value[0] ?? NOTHING) : textOf(value).slice(0, 1)),
  },
  { name: 'indexFromEnd', takes: [2, 2], run: (args) => fromEnd(args) ?? outside(args) },
  { name: 'indexOf', takes: [2, 2], run: ([where = '', what = '']) => indexIn(where, what, 'indexOf') },
  { name: 'intersection', takes: [2, ANY_NUMBER], run: (args) => args.reduce(intersect) },
  { name: 'items', takes: [1, 1], run: (args) => itemsOf(objectArg(args, 0)) },
  {
    name: 'last',
    takes: [1, 1],
    run: ([value = '']) => (isList(value) ? (value.at(-1) ?? NOTHING) : textOf(value).slice(-1)),
  },
  { name: 'lastIndexOf', takes: [2, 2], run: ([where = '', what = '']) => indexIn(where, what, 'lastIndexOf') },
  { name: 'length', takes: [1, 1], run: ([value = '']) => lengthOf(value) },
  { name: 'objectKeys', takes: [1, 1], run: (args) => Object.keys(objectArg(args, 0)) },
  { name: 'range', takes: [2, 2], run: range },
  { name: 'shallowMerge', takes: [1, 1], run: ([list = []]) => Object.assign({}, ...objects(list)) },
  { name: 'skip', takes: [2, 2], run: (args) => sliceOf(args, Math.max(0, intArg(args, 1)), undefined) },
  { name: 'take', takes: [2, 2], run: (args) => sliceOf(args, 0, Math.max(0, intArg(args, 1))) },
  { name: 'tryGet', takes: [2, ANY_NUMBER], run: tryGet },
  { name: 'tryIndexFromEnd', takes: [2, 2], run: (args) => fromEnd(args) ?? NOTHING },
  { name: 'union', takes: [1, ANY_NUMBER], run: (args) => args.reduce(unite) },
];

function textOf(value: ArmValue): string {
  if (typeof value !== 'string') throw wrongArg(0, 'an array or a string', value);
  return value;
}

function contains([where = '', what = '']: readonly ArmValue[]): boolean {
  if (isList(where)) return where.some((item) => isSame(item, what));
  if (isObject(where)) return memberOf(where, textArg(['', what], 1)) !== undefined;
  if (typeof where !== 'string') throw wrongArg(0, 'an array, an object or a string', where);
  if (typeof what !== 'string' && typeof what !== 'number') throw wrongArg(1, 'a string or an int', what);
  return where.includes(String(what));
}

function createObject(args: readonly ArmValue[]): ArmObject {
  if (args.length % 2 === 1) throw new ArmFault('createObject takes keys and values in turn: one value is missing');
  const pairs = args.flatMap((value, index) => (index % 2 === 0 ? [] : [[textArg(args, index - 1), value] as const]));
  return Object.fromEntries(pairs);
}

function lengthOf(value: ArmValue): number {
  if (typeof value === 'string' || isList(value)) return value.length;
  if (!isObject(value)) throw wrongArg(0, 'an array, an object or a string', value);
  return Object.keys(value).length;
}

/** Letter case does not count in texts, but does in arrays. */
function indexIn(where: ArmValue, what: ArmValue, search: 'indexOf' | 'lastIndexOf'): number {
  if (isList(where)) {
    const isIt = (item: ArmValue) => isSame(item, what);
    return search === 'indexOf' ? where.findIndex(isIt) : where.findLastIndex(isIt);
  }
  const text = textOf(where).toLowerCase();
  const part = textArg(['', what], 1).toLowerCase();
  return search === 'indexOf' ? text.indexOf(part) : text.lastIndexOf(part);
}

function intersect(a: ArmValue, b: ArmValue): ArmValue {
  if (isList(a)) {
    const other = listArg(['', b], 1);
    checkCompared(a.length, other.length);
    return distinct(a.filter((item) => other.some((candidate) => isSame(item, candidate))));
  }
  if (!isObject(a)) throw wrongArg(0, 'an array or an object', a);
  const other = objectArg(['', b], 1);
  return Object.fromEntries(
    Object.entries(a).filter(([key, value]) => {
      const found = memberOf(other, key);
      return found !== undefined && isSame(value, found);
    }),
  );
}

/** Of objects in both, the members are united in turn; all else is taken from the second. */
function unite(a: ArmValue, b: ArmValue): ArmValue {
  if (isList(a)) return distinct([...a, ...listArg(['', b], 1)]);
  if (!isObject(a)) throw wrongArg(0, 'an array or an object', a);
  return uniteObjects(a, objectArg(['', b], 1));
}

function uniteObjects(a: ArmObject, b: ArmObject): ArmObject {
  const united = new Map(Object.entries(a));
  const names = new Map(Object.keys(a).map((key) => [key.toLowerCase(), key]));
  for (const [key, value] of Object.entries(b)) {
    const name = names.get(key.toLowerCase()) ?? key;
    const before = united.get(name) ?? NOTHING;
    united.set(name, isObject(before) && isObject(value) ? uniteObjects(before, value) : value);
  }
  return Object.fromEntries(united);
}

function distinct(list: readonly ArmValue[]): ArmValue[] {
  checkCompared(list.length, list.length);
  const kept: ArmValue[] = [];
  for (const item of list) if (!kept.some((other) => isSame(item, other))) kept.push(item);
  return kept;
}

function checkCompared(...lengths: readonly number[]): void {
  if (lengths.some((length) => length > MOST_COMPARED))
    throw new ArmFault(`arrays of more than ${MOST_COMPARED} items are not compared`);
}

function itemsOf(object: ArmObject): ArmValue {
  const keys = Object.keys(object).sort((a, b) => (a < b ? -1 : 1));
  return keys.map((key) => ({ key, value: object[key] ?? NOTHING }));
}

function range(args: readonly ArmValue[]): ArmValue {
  const start = intArg(args, 0);
  const count = intArg(args, 1);
  if (count < 0 || count > LONGEST_RANGE)
    throw new ArmFault(`argument 2: expected 0 to ${LONGEST_RANGE}, got ${count}`);
  exact(start + count);
  return Array.from({ length: count }, (_, index) => start + index);
}

function objects(list: ArmValue): ArmObject[] {
  return listArg([list], 0).map((item) => objectArg([item], 0));
}

function sliceOf(args: readonly ArmValue[], from: number, to: number | undefined): ArmValue {
  const [value = ''] = args;
  return isList(value) ? value.slice(from, to) : textOf(value).slice(from, to);
}

/** The last one is 1. */
function fromEnd(args: readonly ArmValue[]): ArmValue | undefined {
  const list = listArg(args, 0);
  const back = intArg(args, 1);
  return back < 1 ? undefined : list[list.length - back];
}

function outside(args: readonly ArmValue[]): never {
  throw new ArmFault(`there is no item ${intArg(args, 1)} from the end: the array has ${listArg(args, 0).length}`);
}

function tryGet([value = NOTHING, ...keys]: readonly ArmValue[]): ArmValue {
  let found = value;
  for (const key of keys) {
    const inner =
      typeof key === 'number' && isList(found)
        ? found[key]
        : typeof key === 'string' && isObject(found)
          ? memberOf(found, key)
          : undefined;
    if (inner === undefined) return NOTHING;
    found = inner;
  }
  return found;
}
