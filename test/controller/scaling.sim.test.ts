/** A config that changes with no new image: what is a release, and what is not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '../../src/model/app.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const MINUTE = 60_000;
let daemon: VirtualDaemon;
beforeEach(() => {
  daemon = new VirtualDaemon();
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
});
afterEach(() => daemon.close());

const web = (given: Partial<App> = {}): App =>
  appOf('web', { web: { kind: 'semver', range: '*', prerelease: false } }, { replicas: 2, ...given });
const groups = () => daemon.azure.groups.all().length;
const reasons = () => daemon.linesOf('rollout.started').map(({ message }) => message.replace(/^.*: /, ''));

test('S30: another number of replicas is no release: it counts from the next one on', async () => {
  daemon.run([web()]);
  await daemon.passMs(5 * MINUTE);
  daemon.run([web({ replicas: 3 })]);
  await daemon.passMs(5 * MINUTE);
  expect([reasons(), groups()]).toEqual([['nothing → 1.0.0'], 2]);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  await daemon.passMs(5 * MINUTE);
  expect([reasons(), groups()]).toEqual([['nothing → 1.0.0', '1.0.0 → 1.1.0'], 3]);
});

test('S30: another strategy, bake or drain is no release either', async () => {
  daemon.run([web()]);
  await daemon.passMs(5 * MINUTE);
  const { rollout } = web();
  daemon.run([
    web({ rollout: { ...rollout, strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 }, bakeMs: MINUTE } }),
  ]);
  await daemon.passMs(5 * MINUTE);
  expect(reasons()).toEqual(['nothing → 1.0.0']);
});

test('S30: another template is a release of its own, by the same images', async () => {
  daemon.run([web()]);
  await daemon.passMs(5 * MINUTE);
  daemon.run([web({ template: { ...web().template, hash: 'changed' } })]);
  await daemon.passMs(5 * MINUTE);
  expect([reasons(), groups()]).toEqual([['nothing → 1.0.0', '1.0.0 → 1.0.0'], 2]);
  const releases = daemon.linesOf('rollout.started').map(({ fields }) => fields['release']);
  expect(new Set(releases).size).toBe(2);
});
