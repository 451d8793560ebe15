/** What keeps rollouts from starting: the whole daemon in virtual time, watched by what it says. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Control } from '../../src/controller/control.ts';
import { parseAppState } from '../../src/controller/app-state.ts';
import type { App, Gate } from '../../src/model/app.ts';
import type { Command } from '../../src/model/command.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Windows } from '../../src/model/window.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { startLife } from '../../src/simulation/daemon-life.ts';
import type { Life } from '../../src/simulation/life.ts';
import { MemoryLeases } from '../../src/simulation/memory-leases.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { app as sample } from '../rollout/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PACE = { replicas: 1, locations: ['westeurope'], ttlSeconds: 10, marginMs: 0, drainMs: 0, observeMs: 1000 };
const START = Date.UTC(2026, 0, 1, 12);
let time: VirtualTime;
let azure: VirtualAzure;
let leases: MemoryLeases;
let documents: MemoryStore;
let said: { at: number; daemon: string; fields: Readonly<Record<string, unknown>> }[];
let begun: Life[];
/** Of the life that began last. */
let control: Control | undefined;

beforeEach(() => {
  time = new VirtualTime(START);
  const options = { createMs: 5000, restartMs: 5000, coresPerLocation: 100 };
  azure = new VirtualAzure({ time, random: new Chance(1).next, options, probeIntervalMs: 10_000 });
  const trouble = () => ({ delayMs: 5, fails: undefined });
  leases = new MemoryLeases({ time, trouble });
  documents = new MemoryStore({ trouble, sleep: (ms) => time.sleep(ms), onSave: () => undefined });
  said = [];
  begun = [];
});
afterEach(() => {
  for (const life of begun) life.kill();
  azure.close();
});

type Apps = Readonly<Record<string, Partial<App>>>;

interface StartGiven {
  readonly limits?: Settings['limits'];
  readonly daemon?: string;
  readonly isShared?: boolean;
  readonly armLatencyMs?: number;
}

/** `apps`: what each has beside the usual. */
function start(apps: Apps, given: StartGiven = {}): Life {
  const { limits, daemon = 'daemon', isShared = false, armLatencyMs = 5 } = given;
  const settings = settingsFor(Object.keys(apps).map((name) => ({ name, ...PACE })));
  for (const name of Object.keys(apps)) if (azure.profile(name) === undefined) azure.createProfile(name, 10);
  const life = startLife({
    name: daemon,
    skewMs: 0,
    wallStepMs: () => 0,
    leases: isShared ? leases.of(daemon) : undefined,
    time,
    azure,
    documents,
    settings: {
      ...settings,
      ...(limits && { limits }),
      apps: settings.apps.map((app) => ({ ...app, ...apps[app.name] })),
    },
    // Each life draws ids of its own.
    chance: new Chance(begun.length + 1),
    trouble: ({ path }) => ({ latencyMs: path.startsWith('/subscriptions/') ? armLatencyMs : 5 }),
    onRequest: () => undefined,
    onProbe: () => undefined,
    log: (isOver) => {
      const log = (fields: Readonly<Record<string, unknown>>) => {
        if (!isOver()) said.push({ at: time.now(), daemon, fields });
      };
      return { debug: log, info: log, warn: log, error: log };
    },
    plant: undefined,
    onWrite: (_, write = 0) => write,
    onControl: (given) => void (control = given),
  });
  begun.push(life);
  return life;
}

const push = (app: string, tag: string, program = {}) => azure.push({ repository: app, tag, ...program });
async function say(app: string, command: Command): Promise<void> {
  const result = control?.command(app, command, { by: 'ann', from: '127.0.0.1' });
  await passed(1000);
  expect(await result).toMatchObject({ kind: 'applied' });
}
/** A second at a time, until the story has this line. */
async function told(line: string): Promise<void> {
  for (let second = 0; second < 600 && !story().includes(line); second += 1) await passed(1000);
  expect(story()).toContain(line);
}
const passed = (ms: number) => time.runUntil(time.now() + ms);

/** Events of rollouts and reports, in order: `web started 1.1.0`, `web Succeeded 1.1.0`. */
function story(from = START): string[] {
  return said.flatMap(({ at, fields }) => {
    const event = String(fields['event']);
    if (at < from || !/rollout\.(started|finished)|release\.available/.test(event)) return [];
    const { outcome, to = fields['available'] } = fields;
    const what = typeof outcome === 'string' ? outcome : event.split('.')[1];
    return [`${String(fields['app'])} ${what} ${typeof to === 'string' ? to : 'nothing'}`];
  });
}

function holds(app: string): string[] {
  return said.flatMap(({ fields }) =>
    fields['event'] === 'app.held' && fields['app'] === app
      ? [`${String(fields['hold'])}: ${String(fields['reason'])}`]
      : [],
  );
}

const startedAt = (app: string, to: string) =>
  said.find(({ fields }) => fields['event'] === 'rollout.started' && fields['app'] === app && fields['to'] === to)?.at;

/** All apps run 1.0.0, then the daemon starts again with what each has besides. */
async function deployed(apps: Apps, given: Parameters<typeof start>[1] = {}): Promise<Life> {
  for (const app of Object.keys(apps)) push(app, '1.0.0');
  const first = start(Object.fromEntries(Object.keys(apps).map((name) => [name, {}])));
  await passed(10 * MINUTE);
  first.kill();
  const life = start(apps, given);
  await passed(2 * MINUTE);
  said = [];
  return life;
}

const hourAt = (hour: number, hours = 1): Windows => ({
  allow: [{ name: undefined, cron: `0 ${hour} * * *`, timeZone: 'UTC', durationMs: hours * HOUR }],
  deny: [],
});
const freezeAt = (hour: number, hours = 1): Windows => ({ allow: [], deny: hourAt(hour, hours).allow });

describe('windows', () => {
  test('a release that comes while they are closed waits until they open, to the second', async () => {
    await deployed({ web: { windows: [hourAt(15)] } });
    push('web', '1.1.0');
    await passed(2 * HOUR);
    expect(story()).toEqual([]);
    expect(holds('web')).toEqual([
      'window: no allowed window is open ("0 15 * * *" UTC); open from 2026-01-01T15:00:00.000Z on',
    ]);
    await passed(HOUR);
    expect(story()).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
    expect((startedAt('web', '1.1.0') ?? 0) - Date.UTC(2026, 0, 1, 15)).toBeLessThan(1000);
  });

  test('a rollout that has begun goes on when they close, and is not given up for a release that must wait', async () => {
    await deployed({ web: { windows: [freezeAt(13, 3)] } });
    await time.runUntil(Date.UTC(2026, 0, 1, 12, 59, 20));
    push('web', '1.1.0', { startMs: 25_000 });
    await passed(35_000);
    expect(story()).toEqual(['web started 1.1.0']);
    push('web', '1.2.0');
    await passed(HOUR);
    expect(story()).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
    expect(holds('web').join()).toContain('window: freeze window "0 13 * * *" UTC is open; open from');
    await passed(3 * HOUR);
    expect(story().slice(2)).toEqual(['web started 1.2.0', 'web Succeeded 1.2.0']);
  });

  test.each([
    [20, []],
    [300, ['web started 1.0.0']],
  ])(
    'ARM takes its time: a window of %i s is still open at the start, or nothing starts',
    async (seconds, expected) => {
      const allow = [{ name: undefined, cron: '10 12 * * *', timeZone: 'UTC', durationMs: seconds * 1000 }];
      push('web', '1.0.0');
      start({ web: { windows: [{ allow, deny: [] }] } }, { armLatencyMs: 25_000 });
      await passed(14 * MINUTE);
      expect(story()).toEqual(expected);
    },
  );

  test('R1: a broken stack is replaced while they are closed', async () => {
    await deployed({ web: { windows: [hourAt(15)] } });
    push('web', '1.1.0');
    for (const { key } of azure.groups.all()) azure.groups.remove(key);
    await passed(20 * MINUTE);
    expect(story()).toEqual(['web started 1.0.0', 'web Succeeded 1.0.0']);
    expect(said.find(({ fields }) => fields['event'] === 'rollout.started')?.fields['reason']).toBe('repair');
  });

  test('a stored bypass lets it start, and the start says by whom', async () => {
    const life = await deployed({ web: { windows: [hourAt(15)] } });
    life.kill();
    const stored = documents.peek('web');
    const state = parseAppState('web', stored?.state);
    await Promise.all([
      documents.save('web', { ...state, bypass: { by: 'ada', until: START + HOUR } }, stored?.version),
      passed(1000),
    ]);
    push('web', '1.1.0');
    start({ web: { windows: [hourAt(15)] } });
    await passed(10 * MINUTE);
    expect(story()).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
    const reasons = said.find(({ fields }) => fields['event'] === 'rollout.started')?.fields['reasons'];
    expect(reasons).toEqual(
      expect.arrayContaining([expect.stringContaining('bypassed by ada until 2026-01-01T13:00:00.000Z')]),
    );
    push('web', '1.2.0');
    await time.runUntil(START + HOUR + 10 * MINUTE);
    push('web', '1.3.0');
    await passed(10 * MINUTE);
    expect(story()).not.toContain('web started 1.3.0');
  });
});

describe('slots', () => {
  const one = { all: 1, groups: {} };

  test('one at a time: the second starts when the first has finished, and soon', async () => {
    await deployed({ api: {}, web: {} }, { limits: one });
    push('api', '1.1.0');
    push('web', '1.1.0');
    await passed(20 * MINUTE);
    const [first, ...rest] = story();
    const other = first === 'api started 1.1.0' ? 'web' : 'api';
    const name = other === 'web' ? 'api' : 'web';
    expect([first, ...rest]).toEqual([
      `${name} started 1.1.0`,
      `${name} Succeeded 1.1.0`,
      `${other} started 1.1.0`,
      `${other} Succeeded 1.1.0`,
    ]);
    expect(holds(other)).toEqual([
      'slots: waiting for its turn: the most rollouts at a time (1) are under way, or come before it',
    ]);
    const end = said.find(({ fields }) => fields['event'] === 'rollout.finished')?.at ?? 0;
    expect((startedAt(other, '1.1.0') ?? 0) - end).toBeLessThan(5000);
  });

  test('a repair is not given up for a newer release that has to wait for its turn', async () => {
    await deployed({ api: { rollout: { ...sample.rollout, bakeMs: 5 * MINUTE } }, web: {} }, { limits: one });
    push('api', '1.1.0');
    await passed(MINUTE);
    push('web', '1.1.0');
    for (const { key } of azure.groups.all()) if (key.name.startsWith('web-')) azure.groups.remove(key);
    await passed(20 * MINUTE);
    expect(story().filter((line) => line.startsWith('web'))).toEqual([
      'web started 1.0.0',
      'web Succeeded 1.0.0',
      'web started 1.1.0',
      'web Succeeded 1.1.0',
    ]);
  });

  test('S32: without a limit two apps roll at once, and neither knows of the other', async () => {
    await deployed({ api: {}, web: {} });
    push('api', '1.1.0');
    push('web', '1.1.0');
    await passed(20 * MINUTE);
    expect(story().slice(0, 2).toSorted()).toEqual(['api started 1.1.0', 'web started 1.1.0']);
    expect(story().slice(2).toSorted()).toEqual(['api Succeeded 1.1.0', 'web Succeeded 1.1.0']);
    expect(
      said.filter(({ fields }) => fields['event'] === 'rollout.finished').map(({ fields }) => fields['outcome']),
    ).toEqual(['Succeeded', 'Succeeded']);
  });

  test('a group that is full keeps nobody of another one waiting', async () => {
    const groups = { limits: { all: undefined, groups: { shop: 1, other: undefined } } };
    await deployed({ a: { group: 'shop' }, b: { group: 'shop' }, c: { group: 'other' } }, groups);
    for (const app of ['a', 'b', 'c']) push(app, '1.1.0');
    await passed(30 * MINUTE);
    expect(story().slice(0, 2)).toContain('c started 1.1.0');
    expect(story().filter((line) => !line.startsWith('c '))).toEqual([
      expect.stringMatching(/^[ab] started/),
      expect.stringMatching(/^[ab] Succeeded/),
      expect.stringMatching(/^[ab] started/),
      expect.stringMatching(/^[ab] Succeeded/),
    ]);
  });

  test('after a start, what is under way counts before anything else begins', async () => {
    const life = await deployed({ a: {}, z: {} }, { limits: one });
    push('z', '1.1.0', { startMs: 25_000 });
    await passed(60_000);
    life.kill();
    push('a', '1.1.0');
    start({ a: {}, z: {} }, { limits: one });
    await passed(20 * MINUTE);
    expect(story()).toEqual(['z started 1.1.0', 'z Succeeded 1.1.0', 'a started 1.1.0', 'a Succeeded 1.1.0']);
  });

  test('an app that a person must help holds no slot', async () => {
    await deployed({ a: {}, b: {} }, { limits: one });
    const profile = azure.profile('a');
    expect(profile).toBeDefined();
    if (profile !== undefined) profile.enabled = false;
    push('a', '1.1.0');
    await passed(5 * MINUTE);
    push('b', '1.1.0');
    await passed(10 * MINUTE);
    expect(holds('a').join()).toContain('profile');
    expect(story()).toEqual(['b started 1.1.0', 'b Succeeded 1.1.0']);
  });
});

describe('a rollout that waits for people', () => {
  const one = { all: 1, groups: {} };
  const gated = (gate: Partial<Gate> = {}): Partial<App> => {
    const [app] = settingsFor([{ name: 'web', ...PACE }]).apps;
    if (app === undefined) throw new Error('no app');
    const promotion = { approvals: 1, timeoutMs: 24 * HOUR, onTimeout: 'rollBack', ...gate } as const;
    return { rollout: { ...app.rollout, promotion } };
  };
  const waitingOn = (app: string) =>
    said.filter(({ fields }) => fields['event'] === 'rollout.waiting' && fields['app'] === app);
  const stepsDone = (app: string) =>
    said.flatMap(({ at, fields }) =>
      fields['event'] === 'rollout.step_done' && fields['app'] === app ? [[fields['step'], at - START] as const] : [],
    );

  test('S34: a pause keeps a timed gate shut; resumed, it opens at once where its time has passed', async () => {
    await deployed({ web: gated({ autoAfterMs: 10 * MINUTE }) });
    push('web', '1.1.0');
    await passed(5 * MINUTE);
    await say('web', { kind: 'pause', reason: 'looking' });
    await passed(HOUR);
    expect(stepsDone('web').map(([step]) => step)).not.toContain('gate');
    expect(story()).toEqual(['web started 1.1.0']);
    await say('web', { kind: 'resume' });
    const resumedAt = time.now() - START;
    await passed(10 * MINUTE);
    const opened = stepsDone('web').find(([step]) => step === 'gate');
    expect((opened?.[1] ?? 0) - resumedAt).toBeLessThan(2000);
    expect(story().at(-1)).toBe('web Succeeded 1.1.0');
  });

  test('S34: resumed before its time, the timer goes on as if nothing had been', async () => {
    await deployed({ web: gated({ autoAfterMs: 30 * MINUTE }) });
    push('web', '1.1.0');
    await passed(5 * MINUTE);
    const enteredAt = stepsDone('web').find(([step]) => step === 'verify')?.[1] ?? 0;
    await say('web', { kind: 'pause' });
    await passed(10 * MINUTE);
    await say('web', { kind: 'resume' });
    await passed(HOUR);
    const openedAt = stepsDone('web').find(([step]) => step === 'gate')?.[1] ?? 0;
    expect(openedAt - enteredAt).toBeGreaterThanOrEqual(30 * MINUTE);
    expect(openedAt - enteredAt).toBeLessThan(30 * MINUTE + 5000);
  });

  test('gives its slot back, and takes one again before it goes on', async () => {
    await deployed({ api: gated(), web: {} }, { limits: one });
    push('api', '1.1.0');
    await passed(5 * MINUTE);
    push('web', '1.1.0', { startMs: 25_000 });
    await told('web started 1.1.0');
    expect(story()).toEqual(['api started 1.1.0', 'web started 1.1.0']);
    await say('api', { kind: 'promote', full: false });
    expect(waitingOn('api').at(-1)?.fields['waitingOn']).toBe(
      'waiting for its turn to go on: the most rollouts at a time (1) are under way, or come before it',
    );
    await passed(20 * MINUTE);
    expect(story().slice(2)).toEqual(['web Succeeded 1.1.0', 'api Succeeded 1.1.0']);
    const webEnd =
      said.find(({ fields }) => fields['event'] === 'rollout.finished' && fields['app'] === 'web')?.at ?? 0;
    const opened = stepsDone('api').find(([step]) => step === 'gate')?.[1] ?? 0;
    expect(opened - (webEnd - START)).toBeGreaterThanOrEqual(0);
    expect(opened - (webEnd - START)).toBeLessThan(5000);
  });

  test('waits for nobody where it is called off', async () => {
    await deployed({ api: gated(), web: {} }, { limits: one });
    push('api', '1.1.0');
    await passed(5 * MINUTE);
    push('web', '1.1.0', { startMs: 25_000 });
    await told('web started 1.1.0');
    await say('api', { kind: 'abort' });
    await told('api Aborted 1.1.0');
    expect(story()).not.toContain('web Succeeded 1.1.0');
  });

  test('by a pause before the switch, is not late while it waits for its slot afterwards', async () => {
    await deployed({ api: {}, web: gated() }, { limits: one });
    push('api', '1.1.0', { startMs: 25_000 });
    await told('api started 1.1.0');
    await say('api', { kind: 'pause' });
    push('web', '1.1.0', { startMs: 25_000 });
    await told('web started 1.1.0');
    await say('web', { kind: 'promote', full: true });
    await say('api', { kind: 'resume' });
    expect(waitingOn('api').at(-1)?.fields['waitingOn']).toContain('waiting for its turn to go on');
    await passed(30 * MINUTE);
    expect(story().slice(2)).toEqual(['web Succeeded 1.1.0', 'api Succeeded 1.1.0']);
  });

  test('after a start still has no slot', async () => {
    const life = await deployed({ api: gated(), web: {} }, { limits: one });
    push('api', '1.1.0');
    await passed(5 * MINUTE);
    life.kill();
    start({ api: gated(), web: {} }, { limits: one });
    await passed(MINUTE);
    push('web', '1.1.0');
    await passed(10 * MINUTE);
    expect(story()).toEqual(['api started 1.1.0', 'web started 1.1.0', 'web Succeeded 1.1.0']);
  });
});

describe('after', () => {
  const apps: Apps = { web: { after: ['api'] }, api: {} };

  test('of two releases that come together, the one that goes first is finished first', async () => {
    await deployed(apps);
    push('api', '1.1.0');
    push('web', '1.1.0');
    await passed(20 * MINUTE);
    expect(story()).toEqual(['api started 1.1.0', 'api Succeeded 1.1.0', 'web started 1.1.0', 'web Succeeded 1.1.0']);
    expect(holds('web').join()).toContain('order: app api goes first');
  });

  test('one that comes alone starts once the other repository was looked at again', async () => {
    await deployed(apps);
    push('web', '1.1.0');
    await passed(2 * MINUTE);
    expect(story()[0]).toBe('web started 1.1.0');
    const held = said.find(({ fields }) => fields['event'] === 'app.held');
    expect(held?.fields['reason']).toBe('app api goes first; looking whether shop.azurecr.io/api has something newer');
    expect((startedAt('web', '1.1.0') ?? 0) - (held?.at ?? 0)).toBeLessThan(3000);
  });

  test('a release that failed by its own fault keeps nobody waiting', async () => {
    await deployed(apps);
    push('api', '1.1.0', { crash: true });
    push('web', '1.1.0');
    await passed(40 * MINUTE);
    expect(story()).toEqual(['api started 1.1.0', 'api RolledBack 1.1.0', 'web started 1.1.0', 'web Succeeded 1.1.0']);
  });

  test('an app whose windows are closed, or that only reports, keeps nobody waiting', async () => {
    await deployed({ web: { after: ['api', 'log'] }, api: { windows: [hourAt(15)] }, log: { mode: 'notify' } });
    for (const app of ['api', 'log', 'web']) push(app, '1.1.0');
    await passed(20 * MINUTE);
    expect(story().filter((line) => !line.includes('available'))).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
  });

  test('an app that a person must help keeps nobody waiting', async () => {
    await deployed(apps);
    const profile = azure.profile('api');
    expect(profile).toBeDefined();
    if (profile !== undefined) profile.enabled = false;
    push('api', '1.1.0');
    push('web', '1.1.0');
    await passed(10 * MINUTE);
    expect(story()).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
  });

  test('with several daemons, also where another one drives the app that goes first', async () => {
    const first = await deployed(apps);
    first.kill();
    for (const daemon of ['one', 'other']) start(apps, { daemon, isShared: true });
    await passed(5 * MINUTE);
    push('api', '1.1.0');
    push('web', '1.1.0');
    await passed(20 * MINUTE);
    expect(story()).toEqual(['api started 1.1.0', 'api Succeeded 1.1.0', 'web started 1.1.0', 'web Succeeded 1.1.0']);
    const drivers = said.filter(({ fields }) => fields['event'] === 'rollout.started').map(({ daemon }) => daemon);
    expect(new Set(drivers).size).toBe(2);
  });
});

test('a canary on a Priority profile is refused with the reason, and nothing is made', async () => {
  const [app] = settingsFor([{ name: 'web', ...PACE }]).apps;
  if (app === undefined) throw new Error('no app');
  const strategy = { kind: 'canary', steps: [{ share: 10, bakeMs: 0, gate: undefined }] } as const;
  await deployed({ web: { rollout: { ...app.rollout, strategy } } });
  const before = azure.groups.all().map(({ key }) => key.name);
  const profile = azure.profile('web');
  if (profile !== undefined) profile.routingMethod = 'Priority';
  push('web', '1.1.0');
  await passed(10 * MINUTE);
  expect(holds('web').join()).toMatch(/^profile: .*Priority/);
  expect(story()).toEqual([]);
  expect(azure.groups.all().map(({ key }) => key.name)).toEqual(before);
});

describe('S23: an app that only reports', () => {
  test('says each new release once, and changes nothing', async () => {
    await deployed({ web: { mode: 'notify' } });
    const before = azure.groups.all().map(({ key }) => key.name);
    push('web', '1.1.0');
    await passed(30 * MINUTE);
    push('web', '1.2.0');
    await passed(30 * MINUTE);
    expect(story()).toEqual(['web available 1.1.0', 'web available 1.2.0']);
    expect(said.find(({ fields }) => fields['event'] === 'release.available')?.fields).toMatchObject({
      running: '1.0.0',
      available: '1.1.0',
    });
    expect(azure.groups.all().map(({ key }) => key.name)).toEqual(before);
    expect(control?.looks()[0]?.remark?.text).toBe('1.2.0 is available, and nothing is done about it (mode: notify)');
  });

  test('repairs nothing, and says so once', async () => {
    await deployed({ web: { mode: 'notify' } });
    for (const { key } of azure.groups.all()) azure.groups.remove(key);
    await passed(30 * MINUTE);
    expect(story()).toEqual([]);
    expect(azure.groups.all()).toEqual([]);
    const found = holds('web');
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('nothing is done about it (mode: notify)');
  });

  test('leaves a rollout where it is, and goes on with it once it acts again', async () => {
    const first = await deployed({ web: {} });
    push('web', '1.1.0', { startMs: 25_000 });
    await passed(50_000);
    first.kill();
    const second = start({ web: { mode: 'notify' } });
    await passed(5 * MINUTE);
    expect(holds('web').join()).toContain('stands still (mode: notify)');
    expect(story()).toEqual(['web started 1.1.0']);
    second.kill();
    start({ web: { mode: 'act' } });
    await passed(10 * MINUTE);
    expect(story()).toEqual(['web started 1.1.0', 'web Succeeded 1.1.0']);
  });

  test('acts on what it reported once its mode changes', async () => {
    const life = await deployed({ web: { mode: 'notify' } });
    push('web', '1.1.0');
    await passed(5 * MINUTE);
    life.kill();
    start({ web: {} });
    await passed(10 * MINUTE);
    expect(story()).toEqual(['web available 1.1.0', 'web started 1.1.0', 'web Succeeded 1.1.0']);
  });
});
