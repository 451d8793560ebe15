/** When the log says why each tag was or was not chosen, on the whole daemon in virtual time. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver: TagPolicy = { kind: 'semver', range: '<2', prerelease: false };

let daemon: VirtualDaemon;
const push = (repository: string, tag: string) => daemon.azure.push({ repository, tag });
const told = () => daemon.linesOf('release.explained').map(({ fields }) => fields);

beforeEach(() => {
  daemon = new VirtualDaemon();
  push('web', '1.0.0');
});
afterEach(() => daemon.close());

test('a poll that changes the list is explained once, tags that change nothing included', async () => {
  daemon.run([appOf('shop', { web: semver })]);
  await daemon.passMs(10 * MINUTE);
  expect(told()).toMatchObject([{ app: 'shop', container: 'web', chosen: '1.0.0', running: undefined, nearest: [] }]);
  push('web', '2.0.0');
  await daemon.passMs(10 * MINUTE);
  expect(told().slice(1)).toMatchObject([
    {
      repository: 'shop.azurecr.io/web',
      running: '1.0.0',
      chosen: '1.0.0',
      reason: '1.0.0 is the highest version within <2',
      nearest: [{ tag: '2.0.0', reason: 'not within <2' }],
      counts: [{ reason: 'not within <2', tags: 1 }],
    },
  ]);
  expect(daemon.linesOf('release.explained')[1]?.message).toBe(
    'shop: shop.azurecr.io/web: 1.0.0 should run: 1.0.0 is the highest version within <2 (1 × not within <2)',
  );
});

test('a poll during a rollout is explained as well', async () => {
  daemon.run([appOf('shop', { web: semver })]);
  await daemon.passMs(10 * MINUTE);
  daemon.azure.groups.trouble.extraCreateMs = 5 * MINUTE;
  push('web', '1.1.0');
  await daemon.passMs(MINUTE);
  push('web', 'main');
  await daemon.passMs(MINUTE);
  expect(daemon.linesOf('rollout.finished')).toHaveLength(1);
  expect(told().slice(1)).toMatchObject([
    { running: '1.0.0', chosen: '1.1.0', nearest: [{ tag: '1.0.0', reason: 'lower than 1.1.0' }] },
    { running: '1.1.0', chosen: '1.1.0', nearest: [{ tag: '1.0.0' }, { tag: 'main', reason: 'not a version' }] },
  ]);
});

test('a tag that has become old enough is explained, though the list is the same', async () => {
  const filter = { ...DEFAULT_FILTER, minAgeMs: HOUR };
  await daemon.passMs(2 * HOUR);
  daemon.run([appOf('shop', { web: { ...semver, filter } })]);
  await daemon.passMs(10 * MINUTE);
  push('web', '1.1.0');
  await daemon.passMs(50 * MINUTE);
  expect(told().at(-1)).toMatchObject({ chosen: '1.0.0', counts: [{ reason: expect.stringContaining('minAge 1h') }] });
  const before = told().length;
  await daemon.passMs(10 * MINUTE + SECOND);
  expect(told().slice(before)).toMatchObject([{ chosen: '1.1.0', nearest: [{ tag: '1.0.0' }] }]);
});

test('each image of an app is explained by itself', async () => {
  push('proxy', '7');
  daemon.run([appOf('shop', { web: semver, proxy: { kind: 'pin', to: '7' } })]);
  await daemon.passMs(10 * MINUTE);
  push('proxy', '8');
  await daemon.passMs(10 * MINUTE);
  // Which of the two repositories answers first is nobody's to say.
  expect(
    told()
      .map(({ container, chosen }) => `${String(container)} ${String(chosen)}`)
      .sort(),
  ).toEqual(['proxy 7', 'proxy 7', 'web 1.0.0']);
});

test('R9: what a paused app would choose is told once, and nothing is told again and again while it is paused', async () => {
  daemon.run([appOf('shop', { web: semver })]);
  await daemon.passMs(10 * MINUTE);
  void daemon.control?.command('shop', { kind: 'pause', reason: undefined }, { by: 'ann', from: 'here' });
  await daemon.passMs(SECOND);
  const before = daemon.said.length;
  push('web', '1.1.0');
  await daemon.passMs(HOUR);
  expect(daemon.said.slice(before).map(({ event }) => event)).toEqual(['release.explained']);
});
