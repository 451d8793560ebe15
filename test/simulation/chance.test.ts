/** What neighbouring seeds draw has nothing in common: else what a seed decides first would be the same for many. */
import { describe, expect, test } from 'vitest';
import { Chance } from '../../src/simulation/chance.ts';

const SEEDS = Array.from({ length: 10_000 }, (_, index) => index + 1);
const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
/** From -1 to 1; 0 where one tells nothing of the other. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const spread = (of: readonly number[], around: number) => Math.sqrt(mean(of.map((one) => (one - around) ** 2)));
  const product = mean(a.map((one, index) => (one - meanA) * ((b[index] ?? 0) - meanB)));
  return product / (spread(a, meanA) * spread(b, meanB));
}

describe.each([0, 1, 2, 5].map((place) => ({ place })))('draw $place of each seed', ({ place }) => {
  const drawn = (offset: number) =>
    SEEDS.map((seed) => {
      const chance = new Chance(seed + offset);
      for (let draw = 0; draw < place; draw += 1) chance.next();
      return chance.next();
    });

  test.each([0, 2 ** 27, 2 ** 28, 2 ** 29, 2 ** 30])('is spread evenly over all seeds, from %d on', (offset) => {
    const numbers = drawn(offset);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const share = numbers.filter((one) => Math.floor(one * 10) === tenth).length / numbers.length;
      // Four deviations of a fair draw.
      expect(Math.abs(share - 0.1)).toBeLessThan(0.012);
    }
  });

  test('tells nothing of the next seed, nor of another stream of the same', () => {
    const numbers = drawn(0);
    expect(Math.abs(correlation(numbers.slice(1), numbers.slice(0, -1)))).toBeLessThan(0.04);
    expect(Math.abs(correlation(numbers, drawn(2 ** 28)))).toBeLessThan(0.04);
  });
});
