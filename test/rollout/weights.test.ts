/** Weights for a share: near it for any numbers of endpoints, never against the order of shares, and always within 1–1000. */
import { assert, double, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missedShare, weightsFor } from '../../src/rollout/weights.ts';

const MOST = 20;
const share = double({ min: 0.01, max: 99.99, noNaN: true });
const endpoints = record({ live: integer({ min: 1, max: MOST }), candidate: integer({ min: 1, max: MOST }) });

/** Of 1000 pairs the nearest share is off by at most half a step of the smaller weight, which is 1 at the ends. */
function mostOff(wanted: number, { live, candidate }: { live: number; candidate: number }): number {
  const least = (100 * candidate) / (candidate + 1000 * live);
  const most = (100 * candidate * 1000) / (candidate * 1000 + live);
  if (wanted < least) return least - wanted;
  return wanted > most ? wanted - most : 0.4;
}

describe('weights', () => {
  test('S107: of a share that weights can meet are within half a percent point of it, for 1–20 beside 1–20 endpoints', () => {
    for (let live = 1; live <= MOST; live += 1)
      for (let candidate = 1; candidate <= MOST; candidate += 1)
        for (const wanted of [2, 5, 10, 25, 33.3, 50, 75, 90, 95, 98]) {
          const got = weightsFor(wanted, { live, candidate });
          expect(Math.abs(got.share - wanted)).toBeLessThan(0.5);
        }
  });

  test('S107: overflow is clamped: whatever the share, whole weights from 1 to 1000, as near as these allow', () => {
    assert(
      property(share, endpoints, (wanted, counts) => {
        const got = weightsFor(wanted, counts);
        for (const weight of [got.live, got.candidate]) {
          expect(Number.isInteger(weight)).toBe(true);
          expect(weight).toBeGreaterThanOrEqual(1);
          expect(weight).toBeLessThanOrEqual(1000);
        }
        const sum = got.candidate * counts.candidate + got.live * counts.live;
        expect(got.share).toBeCloseTo((100 * got.candidate * counts.candidate) / sum, 9);
        expect(Math.abs(got.share - wanted)).toBeLessThanOrEqual(mostOff(wanted, counts) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  test('S107: never above the share that is asked for, unless the least weights are too much', () => {
    assert(
      property(share, endpoints, (wanted, counts) => {
        const least = (100 * counts.candidate) / (counts.candidate + 1000 * counts.live);
        expect(weightsFor(wanted, counts).share).toBeLessThanOrEqual(Math.max(wanted, least) + 1e-6);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [1, { live: 1, candidate: 20 }, { percent: 1.96 }],
    [99, { live: 20, candidate: 1 }, { percent: 98.04 }],
    [5, { live: 1, candidate: 20 }, undefined],
  ])('%d % of %o is told where it cannot be met', (wanted, counts, expected) => {
    expect(missedShare(wanted, counts)).toEqual(expected);
  });

  test('S107: a larger share never gets less', () => {
    assert(
      property(share, share, endpoints, (one, other, counts) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(weightsFor(less, counts).share).toBeLessThanOrEqual(weightsFor(more, counts).share + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [50, { live: 1, candidate: 1 }, { live: 1000, candidate: 1000 }],
    [10, { live: 1, candidate: 1 }, { live: 999, candidate: 111 }],
    [50, { live: 1, candidate: 4 }, { live: 1000, candidate: 250 }],
    [90, { live: 3, candidate: 1 }, { live: 37, candidate: 999 }],
    [0.01, { live: 1, candidate: 20 }, { live: 1000, candidate: 1 }],
  ])('%d % of %o', (wanted, counts, expected) => {
    expect(weightsFor(wanted, counts)).toMatchObject(expected);
  });
});
