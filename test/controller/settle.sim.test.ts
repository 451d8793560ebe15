/** Apps of several images, on the whole daemon in virtual time: changes that belong together are one rollout. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { appOf, START, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver: TagPolicy = { kind: 'semver', range: '*', prerelease: false };
const shop = appOf('shop', { web: semver, proxy: semver }, { settleMs: MINUTE });

let daemon: VirtualDaemon;
const push = (repository: string, tag: string) => daemon.azure.push({ repository, tag });

beforeEach(async () => {
  daemon = new VirtualDaemon();
  push('web', '1.0.0');
  push('proxy', '1.0.0');
  daemon.run([shop]);
  await daemon.passMs(5 * MINUTE);
});
afterEach(() => daemon.close());

describe('an app of several images', () => {
  test('S24: is deployed for the first time without a wait', () => {
    expect(daemon.rollouts()[0]?.[0]).toBeLessThan(10);
  });

  test('whose images are pushed within the settle time is rolled out once, as a set', async () => {
    push('web', '1.1.0');
    while (daemon.linesOf('app.settling').length === 0) await daemon.passMs(SECOND);
    push('proxy', '1.1.0');
    await daemon.passMs(10 * MINUTE);
    expect(daemon.rollouts().slice(1)).toEqual([[expect.any(Number), 'proxy 1.1.0, web 1.1.0']]);
    expect(daemon.linesOf('rollout.finished').map(({ fields }) => fields['outcome'])).toEqual([
      'Succeeded',
      'Succeeded',
    ]);
  });

  test('says at each change what it waits for, and until when', async () => {
    push('web', '1.1.0');
    while (daemon.linesOf('app.settling').length === 0) await daemon.passMs(SECOND);
    push('proxy', '1.1.0');
    await daemon.passMs(10 * MINUTE);
    const lines = daemon.linesOf('app.settling');
    expect(lines.map(({ fields }) => [fields['release'], fields['changed']])).toEqual([
      ['proxy 1.0.0, web 1.1.0', ['web 1.1.0']],
      ['proxy 1.1.0, web 1.1.0', ['proxy 1.1.0', 'web 1.1.0']],
    ]);
    const until = Date.parse(String(lines[1]?.fields['until']));
    expect(until - START).toBe(Math.floor(lines[1]?.at ?? 0) + MINUTE);
    expect(daemon.linesOf('rollout.started')[1]?.at).toBeCloseTo(until - START, -3);
    expect(lines[0]?.message).toMatch(/^shop: web 1\.1\.0 to be rolled out; waiting until 2026-.*Z for other images/);
  });

  test('is not said to be up to date meanwhile', async () => {
    push('web', '1.1.0');
    const before = daemon.said.length;
    await daemon.passMs(50 * SECOND);
    expect(daemon.said.slice(before).map(({ event }) => event)).toEqual(['release.explained', 'app.settling']);
  });

  test('whose second image follows later than that is rolled out twice', async () => {
    push('web', '1.1.0');
    await daemon.passMs(6 * MINUTE);
    push('proxy', '1.1.0');
    await daemon.passMs(6 * MINUTE);
    expect(
      daemon
        .rollouts()
        .slice(1)
        .map(([, to]) => to),
    ).toEqual(['proxy 1.0.0, web 1.1.0', 'proxy 1.1.0, web 1.1.0']);
  });

  test('of which one is pushed all the time is rolled out after five settle times', async () => {
    const from = daemon.time.now() - START;
    for (let minor = 1; minor <= 12; minor += 1) {
      push('web', `1.${minor}.0`);
      await daemon.passMs(30 * SECOND);
    }
    const waitedMs = (daemon.linesOf('rollout.started')[1]?.at ?? Infinity) - from;
    expect(waitedMs).toBeGreaterThan(5 * MINUTE);
    expect(waitedMs).toBeLessThan(5 * MINUTE + 40 * SECOND);
  });

  test('R10: waits on while it is held, so that a window that is no longer than the wait sees the end of it', async () => {
    const say = (kind: 'hold' | 'release') =>
      void daemon.control?.command('shop', { kind, reason: 'not now' }, { by: 'ann', from: 'here' });
    say('hold');
    await daemon.passMs(SECOND);
    push('web', '1.1.0');
    await daemon.passMs(5 * MINUTE);
    push('proxy', '1.1.0');
    while (
      !daemon
        .linesOf('release.explained')
        .some(({ fields }) => fields['chosen'] === '1.1.0' && fields['container'] === 'proxy')
    )
      await daemon.passMs(SECOND);
    await daemon.passMs(40 * SECOND);
    say('release');
    const from = daemon.time.now() - START;
    await daemon.passMs(10 * MINUTE);
    const [, started] = daemon.linesOf('rollout.started');
    expect(started?.fields['to']).toBe('proxy 1.1.0, web 1.1.0');
    const waitedMs = (started?.at ?? Infinity) - from;
    expect(waitedMs).toBeGreaterThan(10 * SECOND);
    expect(waitedMs).toBeLessThan(30 * SECOND);
  });

  test('that is started again while it waits begins the wait anew', async () => {
    push('web', '1.1.0');
    await daemon.passMs(40 * SECOND);
    expect(daemon.linesOf('app.settling')).toHaveLength(1);
    daemon.run([shop]);
    const startedAt = daemon.time.now() - START;
    push('proxy', '1.1.0');
    await daemon.passMs(10 * MINUTE);
    const [, ...later] = daemon.linesOf('rollout.started');
    expect(later.map(({ fields }) => fields['to'])).toEqual(['proxy 1.1.0, web 1.1.0']);
    expect(later[0]?.at).toBeGreaterThanOrEqual(startedAt + MINUTE);
  });

  test('that goes back to what runs while it waits is left alone, and later waits from then on', async () => {
    const follow: TagPolicy = { kind: 'digest', tag: 'latest', update: 'always' };
    const move = (startMs: number) => daemon.azure.push({ repository: 'cache', tag: 'latest', startMs });
    move(0);
    daemon.run([appOf('other', { web: semver, cache: follow }, { settleMs: MINUTE })]);
    await daemon.passMs(5 * MINUTE);
    move(1);
    await daemon.passMs(40 * SECOND);
    move(0);
    await daemon.passMs(10 * MINUTE);
    expect(daemon.linesOf('app.settling')).toHaveLength(1);
    expect(daemon.rollouts()).toHaveLength(2);
    const from = daemon.time.now() - START;
    move(2);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.rollouts()).toHaveLength(3);
    expect(daemon.linesOf('rollout.started')[2]?.at).toBeGreaterThanOrEqual(from + MINUTE);
  });

  test('S60: whose rollout is superseded after a long time waits as at the first change', async () => {
    daemon.azure.groups.trouble.extraCreateMs = 9 * MINUTE;
    push('web', '1.1.0');
    await daemon.passMs(7 * MINUTE);
    push('web', '1.2.0');
    await daemon.passMs(10 * MINUTE);
    const superseded = daemon.linesOf('rollout.finished')[1];
    expect(superseded?.fields['outcome']).toBe('Superseded');
    expect(daemon.linesOf('app.settling').at(-1)?.fields['changed']).toEqual(['web 1.2.0']);
    const [, , next] = daemon.linesOf('rollout.started');
    expect(next?.fields['to']).toBe('proxy 1.0.0, web 1.2.0');
    expect(next?.at).toBeGreaterThanOrEqual((superseded?.at ?? 0) + MINUTE);
  });

  test('R7: whose rollout failed by no fault of its own is tried again without another wait', async () => {
    const { deadlines } = shop.rollout;
    daemon.run([{ ...shop, rollout: { ...shop.rollout, deadlines: { ...deadlines, provisionMs: 20 * SECOND } } }]);
    daemon.azure.groups.trouble.full.add('westeurope');
    push('web', '1.1.0');
    await daemon.passMs(10 * MINUTE);
    const held = daemon.linesOf('app.held').find(({ fields }) => fields['hold'] === 'retry');
    const again = Date.parse(/again at (\S+)$/.exec(held?.message ?? '')?.[1] ?? '') - START;
    expect(daemon.linesOf('rollout.started').map(({ at }) => Math.floor(at / 1000))).toContain(
      Math.floor(again / 1000),
    );
    expect(daemon.linesOf('app.settling')).toHaveLength(1);
  });

  test('whose live groups are broken does not wait: they are replaced by what is newest', async () => {
    daemon.run([{ ...shop, settleMs: 10 * MINUTE }]);
    push('web', '1.1.0');
    await daemon.passMs(35 * SECOND);
    expect(daemon.linesOf('app.settling')).toHaveLength(1);
    for (const { key } of daemon.azure.groups.all()) daemon.azure.groups.remove(key);
    await daemon.passMs(5 * MINUTE);
    expect(
      daemon
        .rollouts()
        .slice(1)
        .map(([, to]) => to),
    ).toEqual(['proxy 1.0.0, web 1.1.0']);
  });
});

test('an app of one image is not kept waiting', async () => {
  daemon.run([appOf('alone', { single: semver })]);
  push('single', '1.0.0');
  await daemon.passMs(3 * MINUTE);
  const from = daemon.time.now() - START;
  push('single', '1.1.0');
  await daemon.passMs(5 * MINUTE);
  expect(daemon.linesOf('app.settling')).toEqual([]);
  expect((daemon.linesOf('rollout.started').at(-1)?.at ?? Infinity) - from).toBeLessThan(36 * SECOND);
});
