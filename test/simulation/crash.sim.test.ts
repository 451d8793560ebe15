/** Killed anywhere, the daemon ends as if nobody had: a part of the points; `.ci/run` goes through more of them. */
import { expect, test } from 'vitest';
import { crashEverywhere } from '../../src/simulation/crash-everywhere.ts';

const EVERY = 36;

test('S96: killed before and after effects and saves, it ends as if nobody had', { timeout: 300_000 }, async () => {
  const { crashPoints, diverged } = await crashEverywhere({ every: EVERY });
  expect(diverged).toEqual([]);
  expect(crashPoints).toBeGreaterThan(100);
});
