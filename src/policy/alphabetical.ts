/** By code points: the same on every machine, whatever its language; `Z` before `a`. */
import type { TagRule } from '../model/app.ts';
import type { Ordering } from './ordering.ts';

export function byAlphabet({ order }: Extract<TagRule, { kind: 'alphabetical' }>): Ordering<string> {
  const sign = order === 'asc' ? 1 : -1;
  return {
    parse: ({ value }) => (value === '' ? undefined : value),
    compare: (a, b) => sign * compareCodePoints(a, b),
    words: {
      unparsed: 'empty',
      runningUnparsed: 'is empty',
      one: 'left by the filter',
      best: order === 'asc' ? 'last by the alphabet' : 'first by the alphabet',
      worse: order === 'asc' ? 'before' : 'after',
    },
  };
}

/** JavaScript's own `<` compares halves of characters, which puts some after others wrongly. */
function compareCodePoints(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length) {
    const [left, right] = [a.codePointAt(at) ?? 0, b.codePointAt(at) ?? 0];
    if (left !== right) return left - right;
    at += left > 0xff_ff ? 2 : 1;
  }
  return a.length - b.length;
}
