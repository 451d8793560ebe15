/** Stopped groups of ours in the eyes of an app at rest: after a loss of state, and as what is left over. In virtual time. */
import { afterEach, expect, test } from 'vitest';
import type { App, Retain } from '../../src/model/app.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver = { kind: 'semver', range: '*', prerelease: false } as const;
const retain: Retain = { forMs: HOUR, count: 1, as: 'stopped' };
const lives: VirtualDaemon[] = [];
afterEach(() => {
  for (const one of lives.splice(0)) one.close();
});

const app = (given: Partial<App> = {}): App => {
  const made = appOf('shop', { web: semver }, { replicas: 2, ...given });
  return { ...made, rollout: { ...made.rollout, retain } };
};

/** 1.0.0 is kept stopped, 1.1.0 runs. */
async function kept(of: App, replicasBefore = of.replicas): Promise<VirtualDaemon> {
  const daemon = new VirtualDaemon();
  lives.push(daemon);
  daemon.azure.push({ repository: 'web', tag: '1.0.0' });
  daemon.run([{ ...of, replicas: replicasBefore }]);
  await daemon.passMs(5 * MINUTE);
  daemon.run([of]);
  daemon.azure.push({ repository: 'web', tag: '1.1.0' });
  await daemon.passMs(5 * MINUTE);
  const stopped = Array.from({ length: replicasBefore }, () => '1.0.0 Stopped');
  expect(statesOf(daemon)).toEqual([...stopped, '1.1.0 Running', '1.1.0 Running']);
  return daemon;
}

const statesOf = ({ azure }: VirtualDaemon) =>
  azure.groups
    .all()
    .map(({ program, state }) => `${program.version} ${state}`)
    .sort();

test.each([
  ['an app with traffic', {}],
  ['a worker, where only a look at each group tells which of them run', { traffic: undefined, probe: undefined }],
])(
  'R8: after a loss of state what runs is adopted, and the stopped stack is a stray that goes: %s',
  async (_, given) => {
    // More groups are there of what is stopped.
    const daemon = await kept(app(given), 3);
    const before = daemon.linesOf('rollout.started').length;
    daemon.forget();
    daemon.run([app(given)]);
    await daemon.passMs(10 * MINUTE);
    expect(daemon.linesOf('app.adopted').map(({ fields }) => fields['release'])).toEqual(['1.1.0']);
    expect(daemon.linesOf('rollout.started').slice(before)).toMatchObject([{ fields: { reason: 'cleanUp' } }]);
    expect(statesOf(daemon)).toEqual(['1.1.0 Running', '1.1.0 Running']);
  },
);

test('S74 R8: a stopped stack that is kept is neither a stray nor broken, and goes once its time is over', async () => {
  const daemon = await kept(app());
  const before = daemon.linesOf('rollout.started').length;
  await daemon.passMs(HOUR - 10 * MINUTE);
  expect(daemon.linesOf('rollout.started')).toHaveLength(before);
  await daemon.passMs(20 * MINUTE);
  expect(daemon.linesOf('rollout.started').slice(before)).toMatchObject([{ fields: { reason: 'cleanUp' } }]);
  expect(statesOf(daemon)).toEqual(['1.1.0 Running', '1.1.0 Running']);
});

test('S70: a rollback that finds no room is put off, says so, and comes once there is some', async () => {
  const daemon = await kept(app());
  daemon.azure.groups.trouble.spent.add('westeurope');
  const told = daemon.control?.command('shop', { kind: 'rollback' }, { by: 'ann', from: 'here' });
  await daemon.passMs(MINUTE);
  expect(await told).toMatchObject({ kind: 'applied' });
  expect(daemon.linesOf('rollout.turned_back').map(({ message }) => message)).toEqual([
    expect.stringMatching(/was kept, and cannot be started: ContainerGroupQuotaReached: /),
  ]);
  expect(daemon.linesOf('app.held').map(({ fields }) => fields['reason'])).toEqual([
    expect.stringMatching(/^1\.0\.0 could not be rolled back to, attempt 1; trying again at /),
  ]);
  expect(statesOf(daemon)).toEqual(['1.0.0 Stopped', '1.0.0 Stopped', '1.1.0 Running', '1.1.0 Running']);
  daemon.azure.groups.trouble.spent.clear();
  const made = daemon.linesOf('effect.issued').filter(({ fields }) => fields['effect'] === 'createGroup').length;
  await daemon.passMs(5 * MINUTE);
  expect(statesOf(daemon)).toEqual(['1.0.0 Running', '1.0.0 Running', '1.1.0 Stopped', '1.1.0 Stopped']);
  expect(daemon.linesOf('effect.issued').filter(({ fields }) => fields['effect'] === 'createGroup')).toHaveLength(made);
});

test('S74: a newer release does away with a rollback that was put off', async () => {
  const daemon = await kept(app());
  daemon.azure.groups.trouble.spent.add('westeurope');
  void daemon.control?.command('shop', { kind: 'rollback' }, { by: 'ann', from: 'here' });
  await daemon.passMs(20 * 1000);
  daemon.azure.groups.trouble.spent.clear();
  daemon.azure.push({ repository: 'web', tag: '1.2.0' });
  await daemon.passMs(10 * MINUTE);
  expect(daemon.history('shop').at(-1)?.reason).not.toBe('rollback');
  expect(statesOf(daemon).filter((text) => text.endsWith('Running'))).toEqual(['1.2.0 Running', '1.2.0 Running']);
});

test('S70: abort calls a rollback off that was put off', async () => {
  const daemon = await kept(app());
  daemon.azure.groups.trouble.spent.add('westeurope');
  const ann = { by: 'ann', from: 'here' };
  void daemon.control?.command('shop', { kind: 'rollback' }, ann);
  await daemon.passMs(MINUTE);
  const before = daemon.linesOf('rollout.started').length;
  daemon.azure.groups.trouble.spent.clear();
  const told = daemon.control?.command('shop', { kind: 'abort' }, ann);
  await daemon.passMs(20 * MINUTE);
  expect(await told).toMatchObject({ kind: 'applied', message: expect.stringContaining('called off') });
  expect(daemon.linesOf('rollout.started')).toHaveLength(before);
});
