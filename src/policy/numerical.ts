/** Whole numbers of any size, such as build numbers: no floats, so `9007199254740993` is not `9007199254740992`. */
import type { TagRule } from '../model/app.ts';
import type { Ordering } from './ordering.ts';

export function byNumber({ order }: Extract<TagRule, { kind: 'numerical' }>): Ordering<bigint> {
  const sign = order === 'asc' ? 1 : -1;
  return {
    parse: ({ value }) => (/^\d+$/.test(value) ? BigInt(value) : undefined),
    compare: (a, b) => (a === b ? 0 : a > b ? sign : -sign),
    words: {
      unparsed: 'not a whole number',
      runningUnparsed: 'is no whole number',
      one: 'a whole number',
      best: order === 'asc' ? 'highest number' : 'lowest number',
      worse: order === 'asc' ? 'lower than' : 'higher than',
    },
  };
}
