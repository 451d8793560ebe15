/** Recreate, the old one first, on the whole daemon in virtual time: at no moment do two run, whatever is left over. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '../../src/model/app.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

let daemon: VirtualDaemon;
beforeEach(() => void (daemon = new VirtualDaemon()));
afterEach(() => daemon.close());

function writer(): App {
  const policy = { kind: 'semver', range: '*', prerelease: false } as const;
  const app = appOf('writer', { queue: policy }, { traffic: undefined, probe: undefined });
  return { ...app, rollout: { ...app.rollout, strategy: { kind: 'recreate', order: 'oldFirst' } } };
}

/** The most groups that were there at a time. */
async function mostGroups(ms: number): Promise<number> {
  let most = 0;
  for (let passed = 0; passed < ms; passed += SECOND) {
    await daemon.passMs(SECOND);
    most = Math.max(most, daemon.azure.groups.all().length);
  }
  return most;
}

const push = (tag: string, crash = false) => daemon.azure.push({ repository: 'queue', tag, crash });
const versions = () => daemon.azure.groups.all().map(({ program }) => program.version);
const rollBack = () => daemon.control?.command('writer', { kind: 'rollback' }, { by: 'ann', from: 'here' });

beforeEach(async () => {
  push('1.0.0');
  daemon.run([writer()]);
  await daemon.passMs(3 * MINUTE);
});

test('a rollback deletes what runs before it makes what ran before', async () => {
  push('1.1.0');
  await daemon.passMs(5 * MINUTE);
  expect(versions()).toEqual(['1.1.0']);
  void rollBack();
  expect(await mostGroups(5 * MINUTE)).toBe(1);
  expect(versions()).toEqual(['1.0.0']);
});

test('a broken one is deleted before it is made anew', async () => {
  for (const group of daemon.azure.groups.all()) daemon.azure.groups.fail(group, 'the host has died');
  expect(await mostGroups(20 * MINUTE)).toBe(1);
  expect(versions()).toEqual(['1.0.0']);
});

test('a failed one whose deletion takes very long is gone before the old one is made again', async () => {
  push('1.1.0', true);
  while (!versions().includes('1.1.0')) await daemon.passMs(SECOND);
  daemon.azure.groups.trouble.deleteMs = 45 * MINUTE;
  expect(await mostGroups(40 * MINUTE)).toBe(1);
  daemon.azure.groups.trouble.deleteMs = 0;
  expect(await mostGroups(20 * MINUTE)).toBe(1);
  expect(versions()).toEqual(['1.0.0']);
});

test('one that is deleted while it is made, and comes back, is gone before the old one is made again', async () => {
  daemon.azure.groups.trouble.extraCreateMs = MINUTE;
  push('1.1.0');
  while (!versions().includes('1.1.0')) await daemon.passMs(SECOND);
  void daemon.control?.command('writer', { kind: 'abort' }, { by: 'ann', from: 'here' });
  expect(await mostGroups(20 * MINUTE)).toBe(1);
  expect(versions()).toEqual(['1.0.0']);
});

test('one that was made before the state was lost, and that the first list lacks, is found by the second', async () => {
  const isList = (path: string) => /containergroups$/i.test(path);
  daemon.forget();
  daemon.trouble = ({ path }) => (isList(path) ? { failure: 'cut' } : {});
  daemon.run([writer()]);
  await daemon.passMs(SECOND);
  void daemon.control?.command('writer', { kind: 'pause', reason: undefined }, { by: 'ann', from: 'here' });
  await daemon.passMs(2 * MINUTE);
  let lists = 0;
  daemon.trouble = ({ path }) => (isList(path) && (lists += 1) === 1 ? { lacks: 0 } : {});
  void daemon.control?.command('writer', { kind: 'resume' }, { by: 'ann', from: 'here' });
  expect(await mostGroups(5 * MINUTE)).toBe(1);
  expect(daemon.linesOf('app.adopted')).toHaveLength(1);
});
