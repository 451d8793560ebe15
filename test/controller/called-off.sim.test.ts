/** What another push does to a rollout that is under way: before the switch it is called off, after it finished first. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App, TagPolicy } from '../../src/model/app.ts';
import type { Command } from '../../src/model/command.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

let daemon: VirtualDaemon;
beforeEach(() => void (daemon = new VirtualDaemon()));
afterEach(() => daemon.close());

const outcomes = () =>
  daemon.linesOf('rollout.finished').map(({ fields }) => `${String(fields['to'])} ${String(fields['outcome'])}`);

function appWith(policy: TagPolicy, rollout: Partial<App['rollout']>): App {
  const app = appOf('shop', { web: policy });
  return { ...app, rollout: { ...app.rollout, ...rollout } };
}

describe('S62: a tag that is moved back to what runs', () => {
  const follow: TagPolicy = { kind: 'digest', tag: 'latest', update: 'always' };
  const promotion = { approvals: 1, timeoutMs: HOUR, onTimeout: 'rollBack', autoAfterMs: 10 * MINUTE } as const;
  const move = (startMs: number) => daemon.azure.push({ repository: 'web', tag: 'latest', startMs });
  const names = () =>
    daemon.azure.groups
      .all()
      .map(({ key }) => key.name)
      .sort();

  async function pending(): Promise<readonly string[]> {
    move(0);
    daemon.run([appWith(follow, { promotion })]);
    await daemon.passMs(5 * MINUTE);
    const before = names();
    move(1);
    await daemon.passMs(5 * MINUTE);
    expect(names()).toHaveLength(2 * before.length);
    return before;
  }

  test('while the next one waits at its gate takes that away, with what runs never touched, and starts nothing', async () => {
    const before = await pending();
    move(0);
    await daemon.passMs(3 * MINUTE);
    expect(names()).toEqual(before);
    await daemon.passMs(20 * MINUTE);
    expect(names()).toEqual(before);
    expect(outcomes()).toEqual(['latest Succeeded', 'latest Superseded']);
    expect(daemon.rollouts()).toHaveLength(2);
  });

  test('condemns nothing: moved on again, the same one is rolled out', async () => {
    await pending();
    move(0);
    await daemon.passMs(5 * MINUTE);
    move(1);
    await daemon.passMs(20 * MINUTE);
    expect(outcomes()).toEqual(['latest Succeeded', 'latest Superseded', 'latest Succeeded']);
  });

  test('after the switch is rolled out once the rollout under way has finished', async () => {
    move(0);
    daemon.run([appWith(follow, { bakeMs: 10 * MINUTE })]);
    await daemon.passMs(5 * MINUTE);
    move(1);
    await daemon.passMs(5 * MINUTE);
    move(0);
    await daemon.passMs(20 * MINUTE);
    expect(outcomes()).toEqual(['latest Succeeded', 'latest Succeeded', 'latest Succeeded']);
  });
});

test('S60: a newer version that comes in the bake waits until the one that serves has finished', async () => {
  const push = (tag: string) => daemon.azure.push({ repository: 'web', tag });
  push('1.0.0');
  daemon.run([appWith({ kind: 'semver', range: '*', prerelease: false }, { bakeMs: 10 * MINUTE })]);
  await daemon.passMs(5 * MINUTE);
  push('1.1.0');
  await daemon.passMs(5 * MINUTE);
  expect(daemon.linesOf('rollout.step_done').at(-1)?.fields).toMatchObject({ step: 'deregister' });
  push('1.2.0');
  await daemon.passMs(25 * MINUTE);
  expect(outcomes()).toEqual(['1.0.0 Succeeded', '1.1.0 Succeeded', '1.2.0 Succeeded']);
});

test('S64: a failed digest is not tried again, going back to what runs triggers nothing, and another digest does', async () => {
  const move = (program: { crash?: boolean; startMs?: number }) =>
    daemon.azure.push({ repository: 'web', tag: 'latest', ...program });
  move({ startMs: 0 });
  daemon.run([appWith({ kind: 'digest', tag: 'latest', update: 'always' }, {})]);
  await daemon.passMs(5 * MINUTE);
  move({ crash: true });
  await daemon.passMs(20 * MINUTE);
  expect(outcomes()).toEqual(['latest Succeeded', 'latest RolledBack']);
  move({ startMs: 0 });
  await daemon.passMs(20 * MINUTE);
  move({ crash: true });
  await daemon.passMs(20 * MINUTE);
  expect(daemon.rollouts()).toHaveLength(2);
  move({ startMs: 1 });
  await daemon.passMs(5 * MINUTE);
  expect(outcomes()).toEqual(['latest Succeeded', 'latest RolledBack', 'latest Succeeded']);
});

test('S57: what was aborted and is tried again waits at its gate for the whole time anew, and the history has both', async () => {
  const promotion = { approvals: 1, timeoutMs: HOUR, onTimeout: 'rollBack', autoAfterMs: 10 * MINUTE } as const;
  const push = (tag: string) => daemon.azure.push({ repository: 'web', tag });
  const say = async (command: Command) => {
    const answer = daemon.control?.command('shop', command, { by: 'ann', from: 'here' });
    await daemon.passMs(2 * MINUTE);
    expect(await answer).toMatchObject({ kind: 'applied' });
  };
  push('1.0.0');
  daemon.run([appWith({ kind: 'semver', range: '*', prerelease: false }, { promotion })]);
  await daemon.passMs(5 * MINUTE);
  push('1.1.0');
  await daemon.passMs(6 * MINUTE);
  await say({ kind: 'abort', reason: undefined });
  await daemon.passMs(20 * MINUTE);
  expect(outcomes()).toEqual(['1.0.0 Succeeded', '1.1.0 Aborted']);
  await say({ kind: 'retry' });
  await daemon.passMs(20 * MINUTE);
  expect(daemon.history('shop').map(({ to, outcome }) => `${to} ${outcome}`)).toEqual([
    '1.0.0 Succeeded',
    '1.1.0 Aborted',
    '1.1.0 Succeeded',
  ]);
  const gates = daemon.linesOf('rollout.step_done').filter(({ fields }) => fields['step'] === 'gate');
  expect(gates.map(({ fields }) => Math.round(Number(fields['tookMs']) / MINUTE))).toEqual([10]);
  const [, first, second] = daemon.history('shop');
  expect(second?.startedAt).toBeGreaterThan(first?.endedAt ?? Infinity);
});

test('what comes back of a first deployment that was aborted is taken away, and not for what runs, where nothing has traffic', async () => {
  const daemon = new VirtualDaemon();
  try {
    daemon.azure.push({ repository: 'queue', tag: '1.0.0' });
    daemon.azure.groups.trouble.extraCreateMs = 20 * SECOND;
    daemon.azure.groups.trouble.comesBackAfterMs = MINUTE;
    const policy = { kind: 'semver', range: '*', prerelease: false } as const;
    daemon.run([appOf('worker', { queue: policy }, { traffic: undefined, probe: undefined })]);
    while (daemon.azure.groups.all().length === 0) await daemon.passMs(SECOND / 10);
    await daemon.passMs(2 * SECOND);
    void daemon.control?.command('worker', { kind: 'abort' }, { by: 'ann', from: 'here' });
    while (daemon.linesOf('rollout.finished').length === 0) await daemon.passMs(SECOND / 10);
    while (daemon.azure.groups.all().length === 0) await daemon.passMs(SECOND);
    daemon.azure.groups.trouble.comesBackAfterMs = undefined;
    await daemon.passMs(5 * MINUTE);
    expect(daemon.linesOf('app.adopted')).toEqual([]);
    expect(daemon.azure.groups.all()).toEqual([]);
  } finally {
    daemon.close();
  }
});
