/** Seeds in virtual time: no rule is broken, every app converges, and the same seed is the same run. */
import { describe, expect, test } from 'vitest';
import { crashEverywhere } from '../../src/simulation/crash-everywhere.ts';
import { PLANTS } from '../../src/simulation/plants.ts';
import { runSeed } from '../../src/simulation/run.ts';

const SEEDS = 300;
const PARTS = 10;

describe(`${SEEDS} seeds`, () => {
  test.each(Array.from({ length: PARTS }, (_, part) => 1 + (part * SEEDS) / PARTS))(
    'from %i',
    { timeout: 120_000 },
    async (from) => {
      for (let seed = from; seed < from + SEEDS / PARTS; seed += 1) {
        const { violations, unconverged } = await runSeed(seed);
        expect({ seed, violations, unconverged }).toEqual({ seed, violations: [], unconverged: [] });
      }
    },
  );
});

test('the same seed is the same run, to the last word', async () => {
  const run = async () => {
    const said: string[] = [];
    const result = await runSeed(7, { onSaid: (at, { message }) => said.push(`${at} ${message}`) });
    return { said, result };
  };
  expect(await run()).toEqual(await run());
});

describe('a planted fault', () => {
  test.each(PLANTS)('$name is found out by $rule', { timeout: 120_000 }, async (plant) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { violations } = await runSeed(seed, { plant });
      if (!violations.some(({ rule }) => rule === plant.rule)) continue;
      // The same world without the fault: it is the fault that was found.
      const { violations: innocent } = await runSeed(seed, { plant: { ...plant, daemon: undefined, disk: undefined } });
      expect(innocent).toEqual([]);
      return;
    }
    expect.fail(`${plant.name} is not found within 20 seeds`);
  });
});

test('S96: killed before and after every effect and save, it ends as if nobody had', { timeout: 300_000 }, async () => {
  const { crashPoints, diverged } = await crashEverywhere();
  expect(diverged).toEqual([]);
  expect(crashPoints).toBeGreaterThan(500);
});
