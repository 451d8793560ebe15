/** Seeds in virtual time: no rule is broken, every app converges, and the same seed is the same run. */
import { describe, expect, test } from 'vitest';
import { runSeed } from '../../src/simulation/run.ts';

const SEEDS = 36;
const PARTS = 6;

describe(`${SEEDS} seeds; .ci/run has more`, () => {
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
