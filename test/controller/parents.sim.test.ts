/** A profile that is nested in others: whose TTL is waited for, on the whole daemon in virtual time. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import { RESOURCE_GROUP } from '../../src/simulation/virtual-azure.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
const traffic = { resourceGroup: RESOURCE_GROUP, profile: 'shop', weight: 100 };
const above = (...names: readonly string[]) => ({
  traffic: { ...traffic, parents: names.map((profile) => ({ resourceGroup: RESOURCE_GROUP, profile })) },
});

let daemon: VirtualDaemon;
beforeEach(() => {
  daemon = new VirtualDaemon({ ttlSeconds: 0 });
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
});
afterEach(() => daemon.close());

/** What the drains of the upgrade took, in seconds. */
async function upgrade(): Promise<readonly unknown[]> {
  const before = daemon.linesOf('rollout.step_done').length;
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  await daemon.passMs(10 * MINUTE);
  const steps = daemon.linesOf('rollout.step_done').slice(before);
  return steps.filter(({ fields }) => fields['step'] === 'drain').map(({ fields }) => Number(fields['tookMs']) / 1000);
}

test('the longest TTL of the chain is waited for', async () => {
  daemon.azure.createProfile('global', 120);
  daemon.azure.createProfile('europe', 30);
  daemon.run([appOf('shop', { web: semver }, above('europe', 'global'))]);
  await daemon.passMs(5 * MINUTE);
  const [took, ...more] = await upgrade();
  expect(more).toEqual([]);
  expect(took).toBeGreaterThanOrEqual(120);
  expect(took).toBeLessThan(135);
});

test('a TTL of 0 is waited for as such: the drain is over once the removal is confirmed', async () => {
  daemon.azure.createProfile('global', 0);
  daemon.run([appOf('shop', { web: semver }, above('global'))]);
  await daemon.passMs(5 * MINUTE);
  const [took] = await upgrade();
  expect(took).toBeLessThan(5);
});

test('a TTL of a parent that was lowered counts on for as long as it may be held', async () => {
  daemon.azure.createProfile('global', 200);
  daemon.run([appOf('shop', { web: semver }, above('global'))]);
  await daemon.passMs(5 * MINUTE);
  const global = daemon.azure.profile('global');
  if (global === undefined) throw new Error('it was just made');
  daemon.azure.profiles.patch(global, { properties: { dnsConfig: { ttl: 5 } } });
  // It has to be seen.
  await daemon.passMs(MINUTE);
  const [took] = await upgrade();
  expect(took).toBeGreaterThanOrEqual(200);
});

test('R6: without a parent that the config names nothing starts, and the log says what is missing', async () => {
  daemon.run([appOf('shop', { web: semver }, above('global'))]);
  await daemon.passMs(5 * MINUTE);
  expect(daemon.linesOf('rollout.started')).toEqual([]);
  const [held] = daemon.linesOf('app.held');
  expect(held?.message).toContain(`${RESOURCE_GROUP}/global, which traffic.parents names, does not exist`);
  daemon.azure.createProfile('global', 5);
  await daemon.passMs(5 * MINUTE);
  expect(daemon.linesOf('rollout.finished')).toHaveLength(1);
});
