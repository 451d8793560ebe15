/** Functions of ARM templates on numbers and truth, and comparisons. Those that leave arguments unread are in arm-forms. */
import { ANY_NUMBER, boolArg, exact, intArg, wrongArg } from './arm-function.ts';
import type { ArmFunction } from './arm-function.ts';
import { ArmFault } from './arm-fault.ts';
import { isList, isSame, NOTHING } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

export const LOGIC_FUNCTIONS: readonly ArmFunction[] = [
  { name: 'add', takes: [2, 2], run: (args) => exact(intArg(args, 0) + intArg(args, 1)) },
  { name: 'bool', takes: [1, 1], run: ([value = '']) => toBool(value) },
  {
    name: 'dateTimeFromEpoch',
    takes: [1, 1],
    run: (args) => isoTime(intArg(args, 0) * 1000).replace(/\.000Z$/, 'Z'),
  },
  { name: 'dateTimeToEpoch', takes: [1, 1], run: ([value = '']) => toEpoch(value) },
  { name: 'div', takes: [2, 2], run: (args) => Math.trunc(intArg(args, 0) / divisor(args)) + 0 },
  { name: 'equals', takes: [2, 2], run: ([a = NOTHING, b = NOTHING]) => isSame(a, b) },
  { name: 'false', takes: [0, 0], run: () => false },
  { name: 'float', takes: [1, 1], run: ([value = '']) => toNumber(value, 'a float') },
  { name: 'greater', takes: [2, 2], run: (args) => compared(args) > 0 },
  { name: 'greaterOrEquals', takes: [2, 2], run: (args) => compared(args) >= 0 },
  { name: 'int', takes: [1, 1], run: ([value = '']) => toInt(value) },
  { name: 'less', takes: [2, 2], run: (args) => compared(args) < 0 },
  { name: 'lessOrEquals', takes: [2, 2], run: (args) => compared(args) <= 0 },
  { name: 'max', takes: [1, ANY_NUMBER], run: (args) => numbers(args).reduce((a, b) => Math.max(a, b)) },
  { name: 'min', takes: [1, ANY_NUMBER], run: (args) => numbers(args).reduce((a, b) => Math.min(a, b)) },
  { name: 'mod', takes: [2, 2], run: (args) => (intArg(args, 0) % divisor(args)) + 0 },
  { name: 'mul', takes: [2, 2], run: (args) => exact(intArg(args, 0) * intArg(args, 1)) + 0 },
  { name: 'not', takes: [1, 1], run: (args) => !boolArg(args, 0) },
  { name: 'null', takes: [0, 0], run: () => NOTHING },
  { name: 'sub', takes: [2, 2], run: (args) => exact(intArg(args, 0) - intArg(args, 1)) },
  { name: 'true', takes: [0, 0], run: () => true },
];

function toBool(value: ArmValue): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word !== 'true' && word !== 'false') throw wrongArg(0, "'true', 'false' or an int", value);
  return word === 'true';
}

function toNumber(value: ArmValue, wanted: string): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?\s*$/.test(value))
    throw wrongArg(0, `${wanted} or a string that is one`, value);
  const number = Number(value);
  if (!Number.isFinite(number)) throw new ArmFault('argument 1 is too large a number');
  return number;
}

function toInt(value: ArmValue): number {
  const number = toNumber(value, 'an int');
  if (typeof value === 'string' && !Number.isInteger(number)) throw wrongArg(0, 'a string that is an int', value);
  return exact(Math.trunc(number) + 0);
}

function divisor(args: readonly ArmValue[]): number {
  const value = intArg(args, 1);
  if (value === 0) throw new ArmFault('argument 2: nothing can be divided by 0');
  return value;
}

/** Numbers by size, texts by their characters. */
function compared([a = '', b = '']: readonly ArmValue[]): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string') throw wrongArg(0, 'an int or a string', a);
  if (typeof b !== 'string') throw wrongArg(1, 'a string as the first one', b);
  return a === b ? 0 : a < b ? -1 : 1;
}

function numbers(args: readonly ArmValue[]): number[] {
  const [first = 0] = args;
  const list = args.length === 1 && isList(first) ? first : args;
  if (list.length === 0) throw new ArmFault('argument 1: expected an array with something in it');
  return list.map((_, index) => intArg(list, index));
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new ArmFault('argument 1 is no time');
  return date.toISOString();
}

function toEpoch(value: ArmValue): number {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value))
    throw wrongArg(0, "a time such as '2026-01-31T12:00:00Z'", value);
  return Math.floor(Date.parse(isoTime(Date.parse(value.replace(' ', 'T')))) / 1000);
}
