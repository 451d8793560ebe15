/** How many answers without an endpoint it takes to count it as gone, and how often that is wrong. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { answersNeeded, isConfirmedGone } from '../../src/model/confirmed-gone.ts';
import type { NameAnswers } from '../../src/model/confirmed-gone.ts';

const look = (targets: readonly string[], answersEach = 3): NameAnswers => ({
  servers: 4,
  answersEach,
  targets,
  ttlSeconds: 30,
});
const fresh = look(['new.example']);
const stale = look(['new.example', 'old.example']);

test.each([
  [1, 1],
  [1 / 2, 12],
  [1 / 4, 29],
  [1 / 10, 79],
])('of a target with the share %f each of 4 servers gives %i answers', (share, answers) => {
  expect(answersNeeded(share, 4)).toBe(answers);
});

describe('a target', () => {
  test.each<[string, readonly NameAnswers[], number, boolean]>([
    ['nobody looked yet', [], 1, false],
    ['one look without it, as the only one', [fresh], 1, true],
    ['too few looks without it, as one of two', [fresh, fresh, fresh], 0.5, false],
    ['enough looks without it, as one of two', [fresh, fresh, fresh, fresh], 0.5, true],
    ['it showed up in between: counted from there', [fresh, fresh, fresh, stale, fresh], 0.5, false],
    ['it showed up last', [fresh, fresh, fresh, fresh, stale], 1, false],
    ['the name leads nowhere', [look([])], 1, true],
    ['this asker is never shown it', [fresh, fresh, fresh, fresh], 0, false],
  ])('%s', (_, history, share, gone) => {
    expect(isConfirmedGone(history, 'Old.example', { share })).toBe(gone);
  });
});

test('of 20,000 removals that one of four servers has not learnt of, at most 1 in 1,000 is taken for done', () => {
  const generator = xoroshiro128plus(7);
  const unit = () => (generator.next() >>> 0) / 2 ** 32;
  let wrong = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const history = Array.from({ length: 4 }, () => {
      const isShown = Array.from({ length: 3 }, unit).some((drawn) => drawn < 0.5);
      return isShown ? stale : fresh;
    });
    if (isConfirmedGone(history, 'old.example', { share: 0.5 })) wrong += 1;
  }
  expect(wrong).toBeLessThanOrEqual(20);
});
