/** When a set of images has settled: each row is what was seen, and from when on its rollout may start. */
import { expect, test } from 'vitest';
import { settle, settledAt } from '../../src/policy/settle.ts';
import type { Settling } from '../../src/policy/settle.ts';

const pushed = (times: number, everyMs: number) =>
  Array.from({ length: times }, (_, index) => [index * everyMs, `set ${index}`] as const);

test.each([
  ['a change alone waits for the settle time', [[0, 'a']], 30],
  [
    'the same set seen again waits no longer',
    [
      [0, 'a'],
      [10, 'a'],
      [29, 'a'],
    ],
    30,
  ],
  [
    'a second change within it begins it anew',
    [
      [0, 'a'],
      [20, 'b'],
    ],
    50,
  ],
  [
    'so does one that goes back',
    [
      [0, 'a'],
      [20, 'b'],
      [40, 'a'],
    ],
    70,
  ],
  [
    'a change in its last moment counts',
    [
      [0, 'a'],
      [29, 'b'],
    ],
    59,
  ],
  ['what changes all the time waits for five settle times', pushed(100, 2), 150],
  ['and no longer where the last change comes just before that', [...pushed(8, 20), [149, 'z']], 150],
] as const)('%s', (_, seen, expected) => {
  let settling: Settling | undefined;
  for (const [now, set] of seen) settling = settle(settling, { set, now });
  expect(settling === undefined ? undefined : settledAt(settling, 30)).toBe(expected);
});

test('the very same value as long as nothing changes', () => {
  const first = settle(undefined, { set: 'a', now: 0 });
  expect(settle(first, { set: 'a', now: 5 })).toBe(first);
});
