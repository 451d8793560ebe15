/** Every checker can fail: a controller with one planted fault is found out, and the same world without it is not. */
import { expect, test } from 'vitest';
import { PLANTS } from '../../src/simulation/plants.ts';
import { runSeed } from '../../src/simulation/run.ts';

test.each(PLANTS)('$name is found out by $rule', { timeout: 120_000 }, async (plant) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { violations } = await runSeed(seed, { plant });
    if (!violations.some(({ rule }) => rule === plant.rule)) continue;
    const { violations: innocent } = await runSeed(seed, { plant: { ...plant, daemon: undefined, disk: undefined } });
    expect(innocent).toEqual([]);
    return;
  }
  expect.fail(`${plant.name} is not found within 20 seeds`);
});
