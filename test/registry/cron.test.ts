/** The schedule of polls, by the clock of the machine. */
import { afterEach, expect, test, vi } from 'vitest';
import { scheduleCron } from '../../src/registry/cron.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a poll whose moment passed while the process stood still comes as soon as it goes on, and nothing is printed', async () => {
  const printed = (['log', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
  const due = new Date(Date.now() + 1000);
  const ticked = Promise.withResolvers<void>();
  const from = performance.now();
  const unschedule = scheduleCron(`${due.getSeconds()} ${due.getMinutes()} * * * *`, ticked.resolve);
  // Nothing runs meanwhile, not even timers.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  await ticked.promise;
  unschedule();
  expect(performance.now() - from).toBeLessThan(10_000);
  expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
});
