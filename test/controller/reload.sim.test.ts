/** A config that changes under a whole daemon, in virtual time: what of it counts when, and what goes on undisturbed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App, ImageSource } from '../../src/model/app.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
let daemon: VirtualDaemon;
beforeEach(() => {
  daemon = new VirtualDaemon();
  for (const repository of ['web', 'api']) daemon.azure.push({ repository, tag: '1.0.0' });
});
afterEach(() => daemon.close());

const range = (text: string): ImageSource['policy'] => ({ kind: 'semver', range: text, prerelease: false });
const app = (name: string, given: Partial<App> = {}, policy = '*') => appOf(name, { [name]: range(policy) }, given);
const withTemplate = (one: App, hash: string): App => ({ ...one, template: { ...one.template, hash } });
const serves = (name: string) => {
  const profile = daemon.azure.profile(name);
  return profile !== undefined && daemon.azure.serving(profile) > 0;
};
const groupsOf = (name: string) => daemon.azure.groups.all().filter(({ key }) => key.name.startsWith(`${name}-`));
const linesOf = (name: string, ...events: readonly string[]) =>
  daemon.said.filter(({ event, fields }) => fields['app'] === name && (events.length === 0 || events.includes(event)));

/** Both run 1.0.0. */
async function begin(apps: readonly App[]): Promise<void> {
  daemon.run(apps);
  await daemon.passMs(5 * MINUTE);
}

/** A new release of web, in the middle of being made. */
async function makeNext(tag = '1.1.0'): Promise<void> {
  daemon.azure.push({ repository: 'web', tag });
  for (let ms = 0; ms < MINUTE && linesOf('web', 'effect.issued').at(-1)?.fields['effect'] !== 'createGroup'; ms += 500)
    await daemon.passMs(500);
  daemon.said.length = 0;
}

describe('what is under way', () => {
  test('goes on with the plan and the settings that it was begun with, under the same id', async () => {
    await begin([app('web')]);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    for (let second = 0; second < 60 && linesOf('web', 'rollout.started').length < 2; second += 1)
      await daemon.passMs(SECOND);
    const id = linesOf('web', 'rollout.started').at(-1)?.fields['rollout'];
    const web = app('web');
    daemon.reload([{ ...web, rollout: { ...web.rollout, drainMs: 20 * MINUTE } }]);
    await daemon.passMs(5 * MINUTE);
    const finished = linesOf('web', 'rollout.finished').find(({ fields }) => fields['rollout'] === id);
    expect(finished?.fields['outcome']).toBe('Succeeded');
    daemon.azure.push({ repository: 'web', tag: '1.2.0' });
    await daemon.passMs(15 * MINUTE);
    expect(daemon.history('web').at(-1)?.to).toBe('1.1.0');
    await daemon.passMs(10 * MINUTE);
    expect(daemon.history('web').at(-1)?.to).toBe('1.2.0');
  });

  test('of other apps is not disturbed: nothing is loaded, looked at or polled anew', async () => {
    const run = async (change: (web: App, api: App) => void) => {
      const own = new VirtualDaemon();
      daemon.close();
      daemon = own;
      for (const repository of ['web', 'api']) own.azure.push({ repository, tag: '1.0.0' });
      const [web, api] = [app('web'), app('api')];
      await begin([web, api]);
      own.azure.push({ repository: 'web', tag: '1.1.0' });
      await own.passMs(40 * SECOND);
      change(web, api);
      const from = own.requests.length;
      await own.passMs(1000);
      const soon = own.requests.slice(from).filter((path) => path.includes('web'));
      await own.passMs(10 * MINUTE);
      return { lines: linesOf('web').map(({ at, message }) => `${at} ${message}`), soon };
    };
    const alone = await run(() => undefined);
    const beside = await run((_, api) =>
      daemon.reload([app('web'), { ...api, repairAfterMs: api.repairAfterMs + 1 }, app('site')]),
    );
    expect(beside).toEqual(alone);
    expect(linesOf('site', 'app.idle', 'app.held').length).toBeGreaterThan(0);
  });

  test('R5: an app has one driver: what is in flight ends before its next loop looks at anything', async () => {
    daemon.close();
    daemon = new VirtualDaemon({ latencyMs: 20 * SECOND });
    daemon.azure.push({ repository: 'web', tag: '1.0.0' });
    daemon.run([app('web')]);
    const hasBegun = () => linesOf('web', 'rollout.started').length > 0;
    for (let second = 0; second < 600 && !hasBegun(); second += 1) await daemon.passMs(SECOND);
    const asked = () => daemon.requests.filter((path) => path.startsWith('/subscriptions/')).length;
    await daemon.passMs(SECOND);
    const before = asked();
    daemon.reload([app('web', { repairAfterMs: 1 })]);
    // The looks at group and profile that are in flight arrive after 20 s, and are answered after 40.
    await daemon.passMs(35 * SECOND);
    expect(asked()).toBe(before + 2);
    await daemon.passMs(10 * MINUTE);
    expect(daemon.linesOf('app.failed')).toEqual([]);
    expect(serves('web')).toBe(true);
  });

  test('of an app whose template changes is superseded, as by a new release', async () => {
    await begin([app('web')]);
    await makeNext();
    daemon.reload([withTemplate(app('web'), 'other')]);
    await daemon.passMs(10 * MINUTE);
    // What is deleted while it is made comes back, and is cleaned up.
    const led = linesOf('web', 'rollout.finished').filter(({ fields }) => fields['to'] !== undefined);
    expect(led.map(({ fields }) => fields['outcome'])).toEqual(['Superseded', 'Succeeded']);
    expect(groupsOf('web')).toHaveLength(1);
    expect(serves('web')).toBe(true);
  });

  test('of an app that leaves the config is called off, and its stack is kept', async () => {
    await begin([app('web'), app('api')]);
    await makeNext();
    daemon.reload([app('api')]);
    await daemon.passMs(10 * MINUTE);
    expect(linesOf('web', 'rollout.finished').map(({ fields }) => fields['outcome'])).toEqual(['Aborted']);
    expect(linesOf('web', 'app.kept')).toHaveLength(1);
    expect(serves('web')).toBe(true);
  });
});

describe('policies', () => {
  test('S04: what a changed policy allows is rolled out, and what it forbids is not', async () => {
    await begin([app('web', {}, '<2.0.0')]);
    daemon.azure.push({ repository: 'web', tag: '2.0.0' });
    await daemon.passMs(5 * MINUTE);
    expect(daemon.history('web').map(({ to }) => to)).toEqual(['1.0.0']);
    daemon.reload([app('web', {}, '<3.0.0')]);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.history('web').map(({ to }) => to)).toEqual(['1.0.0', '2.0.0']);
    daemon.reload([app('web', {}, '<2.0.0')]);
    daemon.azure.push({ repository: 'web', tag: '2.1.0' });
    await daemon.passMs(5 * MINUTE);
    expect(daemon.history('web').map(({ to }) => to)).toEqual(['1.0.0', '2.0.0']);
  });

  test('a repository that is new is looked at at once, and one that nobody follows any more is not', async () => {
    await begin([app('web'), app('api')]);
    daemon.requests.length = 0;
    daemon.azure.push({ repository: 'site', tag: '1.0.0' });
    daemon.reload([app('web'), app('site')]);
    await daemon.passMs(6 * SECOND);
    expect(daemon.requests.some((path) => path.includes('/site/_tags'))).toBe(true);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.requests.some((path) => path.includes('/web/_tags'))).toBe(true);
    expect(daemon.requests.filter((path) => path.includes('/api/_tags'))).toEqual([]);
    expect(serves('site')).toBe(true);
  });
});

describe('an app that leaves the config', () => {
  test('R6: is let be for half a minute, and kept where it comes back', async () => {
    await begin([app('web'), app('api')]);
    daemon.reload([app('api')], { onRemoval: 'retire' });
    await daemon.passMs(25 * SECOND);
    daemon.reload([app('web'), app('api')], { onRemoval: 'retire' });
    await daemon.passMs(10 * MINUTE);
    expect(linesOf('web', 'rollout.started')).toHaveLength(1);
    expect(serves('web')).toBe(true);
  });

  test('R8: goes as a whole where it was being made, and what was deleted so comes back', async () => {
    daemon.close();
    daemon = new VirtualDaemon({ createMs: MINUTE });
    daemon.azure.groups.trouble.comesBackAfterMs = 20 * SECOND;
    for (const repository of ['web', 'api']) daemon.azure.push({ repository, tag: '1.0.0' });
    daemon.run([app('web'), app('api')]);
    await daemon.passMs(30 * SECOND);
    expect(groupsOf('web')).toHaveLength(1);
    daemon.reload([app('api')], { onRemoval: 'retire' });
    await daemon.passMs(20 * MINUTE);
    expect(linesOf('web', 'rollout.finished').map(({ fields }) => fields['outcome'])).toContain('Aborted');
    expect(groupsOf('web')).toEqual([]);
  });

  test('R6: is let be while the file says something else than what counts', async () => {
    await begin([app('web'), app('api')]);
    daemon.isConfigInForce = false;
    daemon.reload([app('api')], { onRemoval: 'retire' });
    await daemon.passMs(20 * MINUTE);
    expect(serves('web')).toBe(true);
    daemon.isConfigInForce = true;
    await daemon.passMs(10 * MINUTE);
    expect(groupsOf('web')).toEqual([]);
    expect(linesOf('web', 'app.retired')).toHaveLength(1);
  });

  test('is taken away, and its removal is not begun a second time by the next change', async () => {
    await begin([app('web'), app('api')]);
    daemon.reload([app('api')], { onRemoval: 'retire' });
    await daemon.passMs(50 * SECOND);
    daemon.reload([app('api', { repairAfterMs: 1 })], { onRemoval: 'retire' });
    await daemon.passMs(10 * MINUTE);
    expect(linesOf('web', 'rollout.started').filter(({ fields }) => fields['reason'] === 'removal')).toHaveLength(1);
    expect(linesOf('web', 'app.retired')).toHaveLength(1);
    expect(groupsOf('web')).toEqual([]);
  });

  test('and was kept is taken away once the config says so', async () => {
    await begin([app('web'), app('api')]);
    daemon.reload([app('api')]);
    await daemon.passMs(20 * MINUTE);
    expect(linesOf('web', 'app.kept')).toHaveLength(1);
    daemon.reload([app('api')], { onRemoval: 'retire' });
    await daemon.passMs(10 * MINUTE);
    expect(groupsOf('web')).toEqual([]);
  });

  test('is kept where the config says so before its removal has begun', async () => {
    await begin([app('web')]);
    const { traffic } = app('web');
    if (traffic === undefined) throw new Error('no traffic');
    // Nothing is there of it yet, so the old one waits for it.
    const site = app('site', { traffic });
    daemon.reload([site], { onRemoval: 'retire' });
    await daemon.passMs(5 * MINUTE);
    expect(linesOf('web', 'app.held').at(-1)?.fields['hold']).toBe('successor');
    daemon.reload([site], { onRemoval: 'keep' });
    daemon.azure.push({ repository: 'site', tag: '1.0.0' });
    await daemon.passMs(10 * MINUTE);
    expect(groupsOf('site')).toHaveLength(1);
    expect(groupsOf('web')).toHaveLength(1);
    expect(linesOf('web', 'app.kept')).toHaveLength(1);
  });

  test('and comes back while it is being taken away serves again', async () => {
    await begin([app('web'), app('api')]);
    daemon.reload([app('api')], { onRemoval: 'retire' });
    for (let second = 0; second < 600 && serves('web'); second += 1) await daemon.passMs(SECOND);
    expect(serves('web')).toBe(false);
    daemon.reload([app('web'), app('api')], { onRemoval: 'retire' });
    await daemon.passMs(15 * MINUTE);
    expect(serves('web')).toBe(true);
    expect(groupsOf('web')).toHaveLength(1);
  });

  test('R1: under another name now, it serves until the new one does', async () => {
    await begin([app('web')]);
    daemon.azure.push({ repository: 'site', tag: '1.0.0' });
    const { traffic } = app('web');
    if (traffic === undefined) throw new Error('no traffic');
    daemon.reload([app('site', { traffic })], { onRemoval: 'retire' });
    let isServed = true;
    for (let second = 0; second < 600; second += 1) {
      await daemon.passMs(SECOND);
      isServed &&= serves('web');
    }
    expect(isServed).toBe(true);
    expect(groupsOf('web')).toEqual([]);
    expect(groupsOf('site')).toHaveLength(1);
  });
});

describe('what apps share', () => {
  test('a higher limit lets those go that wait', async () => {
    const limits = (all: number) => ({ limits: { all, groups: {} } });
    const apps = ['web', 'api'].map((name) => app(name));
    daemon.run(apps, limits(1));
    while (daemon.linesOf('rollout.started').length === 0) await daemon.passMs(SECOND / 10);
    while (!daemon.linesOf('app.held').some(({ fields }) => fields['hold'] === 'slots'))
      await daemon.passMs(SECOND / 10);
    expect(daemon.linesOf('rollout.started')).toHaveLength(1);
    daemon.reload(apps, limits(2));
    await daemon.passMs(2 * SECOND);
    expect(daemon.linesOf('rollout.started')).toHaveLength(2);
  });

  test('closed windows keep what is new from starting, and nothing that is under way is begun anew', async () => {
    const always = { name: 'launch', cron: '0 0 1 1 *', timeZone: 'UTC', durationMs: 24 * 60 * MINUTE };
    const web = app('web');
    await begin([web]);
    await makeNext();
    daemon.reload([{ ...web, windows: [{ allow: [], deny: [always] }] }]);
    await daemon.passMs(5 * MINUTE);
    expect(linesOf('web', 'rollout.resumed')).toEqual([]);
    expect(daemon.history('web').at(-1)).toMatchObject({ to: '1.1.0', outcome: 'Succeeded' });
    daemon.azure.push({ repository: 'web', tag: '1.2.0' });
    await daemon.passMs(5 * MINUTE);
    expect(daemon.history('web').at(-1)?.to).toBe('1.1.0');
    expect(linesOf('web', 'app.held').at(-1)?.fields['hold']).toBe('window');
    daemon.reload([web]);
    await daemon.passMs(5 * MINUTE);
    expect(daemon.history('web').at(-1)?.to).toBe('1.2.0');
  });

  test('a lower one counts for those that begin after it, and gone apps hold no slot', async () => {
    const limits = (all: number) => ({ limits: { all, groups: {} } });
    daemon.close();
    daemon = new VirtualDaemon({ createMs: MINUTE });
    for (const repository of ['web', 'api']) daemon.azure.push({ repository, tag: '1.0.0' });
    daemon.run([app('web'), app('api')], limits(2));
    await daemon.passMs(20 * SECOND);
    expect(daemon.linesOf('rollout.started')).toHaveLength(2);
    daemon.azure.push({ repository: 'site', tag: '1.0.0' });
    daemon.reload([app('web'), app('site')], limits(1));
    await daemon.passMs(10 * SECOND);
    expect(linesOf('site', 'rollout.started')).toEqual([]);
    await daemon.passMs(5 * MINUTE);
    expect(linesOf('site', 'rollout.finished')).toHaveLength(1);
  });

  test('what an operator asks meanwhile is answered by the loop that comes after', async () => {
    await begin([app('web')]);
    const { control } = daemon;
    const first = control?.command('web', { kind: 'hold', reason: 'first' }, { by: 'alice', from: 'x' });
    daemon.reload([app('web', { repairAfterMs: 1 })]);
    const second = control?.command('web', { kind: 'release' }, { by: 'bob', from: 'x' });
    daemon.reload([app('web', { repairAfterMs: 2 }), app('api')]);
    await daemon.passMs(10 * SECOND);
    expect([(await first)?.kind, (await second)?.kind]).toEqual(['applied', 'applied']);
    expect(daemon.control?.looks().map((look) => look.app.name)).toEqual(['api', 'web']);
    daemon.reload([app('api')]);
    expect(await daemon.control?.command('web', { kind: 'release' }, { by: 'bob', from: 'x' })).toBeUndefined();
  });
});
