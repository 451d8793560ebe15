import { expect, test } from 'vitest';
import { Pace } from '../../src/server/pace.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

function scene() {
  const time = new VirtualTime(0);
  const pace = new Pace(time.clock(), { perSecond: 10, burst: 3 });
  const stop = new AbortController();
  const through: number[] = [];
  const come = async () => {
    await pace.turn(stop.signal);
    through.push(time.now());
  };
  return { time, stop, through, come };
}

test('lets a burst through at once, and then so many in a second, in their order', async () => {
  const { time, through, come } = scene();
  for (let request = 0; request < 6; request += 1) void come();
  await time.runUntil(1000);
  expect(through).toEqual([0, 0, 0, 100, 200, 300]);
});

test('has saved up no more than a burst after a rest', async () => {
  const { time, through, come } = scene();
  await time.runUntil(60_000);
  for (let request = 0; request < 5; request += 1) void come();
  await time.runUntil(61_000);
  expect(through).toEqual([60_000, 60_000, 60_000, 60_100, 60_200]);
});

test('keeps nobody waiting who is told to stop', async () => {
  const { time, stop, through, come } = scene();
  for (let request = 0; request < 50; request += 1) void come();
  await time.runUntil(50);
  stop.abort();
  await time.runUntil(51);
  expect(through).toHaveLength(50);
});
