/** When the figures of a rollout are told, on the whole daemon in virtual time. */
import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
const prices = { currency: 'EUR', cpuPerSecond: 0.01, memoryGbPerSecond: 0.001 };
const daemon = new VirtualDaemon();
afterEach(() => daemon.close());

test('S104: the figures are told once they are saved, and are what is saved', async () => {
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([appOf('shop', { web: semver }, { prices })]);
  await daemon.passMs(5 * MINUTE);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  daemon.isStoreDown = true;
  await daemon.passMs(MINUTE);
  expect(daemon.linesOf('rollout.finished')).toHaveLength(1);
  daemon.isStoreDown = false;
  await daemon.passMs(5 * MINUTE);
  const [first, second, ...more] = daemon.linesOf('rollout.finished');
  expect(more).toEqual([]);
  expect(first?.fields).toMatchObject({ outcome: 'Succeeded', overlapContainerSeconds: 0, overlapCost: 0 });
  expect(second?.fields).toMatchObject({ outcome: 'Succeeded', currency: 'EUR', armWrites: 5, heldMs: 0 });
  const { overlapContainerSeconds, overlapCost } = second?.fields ?? {};
  expect(overlapContainerSeconds).toBeGreaterThan(10);
  // A core and a GB, as the template asks for; seconds are told in full.
  expect(Number(overlapCost) / 0.011).toBeCloseTo(Number(overlapContainerSeconds), -0.5);
  expect(daemon.history('shop').map(({ figures }) => figures)).toMatchObject([
    { armReads: first?.fields['armReads'] },
    { armReads: second?.fields['armReads'], overlapCost, overlapContainerSeconds },
  ]);
});

test('S104: an end that cannot be saved is not told', async () => {
  const late = new VirtualDaemon();
  late.azure.push({ repository: 'web', tag: '1.0.0' });
  late.run([appOf('shop', { web: semver })]);
  // From its last step on nothing is written any more.
  while (late.linesOf('rollout.step_done').length < 3) await late.passMs(1);
  late.isStoreDown = true;
  await late.passMs(5 * MINUTE);
  expect(late.linesOf('rollout.finished')).toEqual([]);
  late.isStoreDown = false;
  await late.passMs(5 * MINUTE);
  expect(late.linesOf('rollout.finished')).toHaveLength(1);
  late.close();
});
