/** A config that changes daemon by daemon: whole daemons in virtual time, some with an older config than others. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Chance } from '../../src/simulation/chance.ts';
import { startLife } from '../../src/simulation/daemon-life.ts';
import type { Life } from '../../src/simulation/life.ts';
import { MemoryLeases } from '../../src/simulation/memory-leases.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
let time: VirtualTime;
let azure: VirtualAzure;
let leases: MemoryLeases;
let documents: MemoryStore;
let said: string[];
/** Whether lists of groups lack those of the app that is called new. */
let isNewUnlisted: boolean;

beforeEach(() => {
  time = new VirtualTime(START);
  const options = { createMs: 5000, restartMs: 5000, coresPerLocation: 100 };
  azure = new VirtualAzure({ time, random: new Chance(1).next, options, probeIntervalMs: 10_000 });
  const trouble = () => ({ delayMs: 5, fails: undefined });
  leases = new MemoryLeases({ time, trouble });
  documents = new MemoryStore({ trouble, sleep: (ms) => time.sleep(ms), onSave: () => undefined });
  said = [];
  isNewUnlisted = false;
  for (const app of ['old', 'new']) {
    azure.createProfile(app, 10);
    azure.push({ repository: app, tag: '1.0.0' });
  }
});
afterEach(() => azure.close());

/** A daemon whose config has these apps, and takes away what has left it. */
function start(name: string, apps: readonly string[], given: { isWorker?: boolean } = {}): Life {
  const options = { replicas: 1, locations: ['westeurope'], ttlSeconds: 10, marginMs: 0, drainMs: 0, observeMs: 1000 };
  const { apps: withTraffic, ...settings } = settingsFor(apps.map((app) => ({ name: app, ...options })));
  const configured = withTraffic.map((app) => (given.isWorker === true ? { ...app, traffic: undefined } : app));
  const add = (fields: Readonly<Record<string, unknown>>) => {
    const text = [fields['event'], fields['app'], fields['reason']].filter((part) => typeof part === 'string');
    said.push([name, ...text].join(' '));
  };
  return startLife({
    name,
    skewMs: 0,
    wallStepMs: () => 0,
    leases: leases.of(name),
    time,
    azure,
    documents,
    settings: { ...settings, apps: configured, onRemoval: 'retire' },
    chance: new Chance(name.length),
    trouble: ({ path }) => ({ latencyMs: 5, ...(path.endsWith('/containerGroups') ? unlisted() : {}) }),
    onRequest: () => undefined,
    onProbe: () => undefined,
    log: (isOver) => {
      const log = (fields: Readonly<Record<string, unknown>>) => (isOver() ? undefined : add(fields));
      return { debug: log, info: log, warn: log, error: log };
    },
    plant: undefined,
    onWrite: (_, write = 0) => write,
  });
}

function unlisted(): { lacks?: number } {
  const groups = azure.groups.all().map(({ key }) => key.name);
  const index = groups.findIndex((name) => name.startsWith('new-'));
  return isNewUnlisted && index >= 0 ? { lacks: (index + 0.5) / groups.length } : {};
}

const until = (minutes: number) => time.runUntil(START + minutes * MINUTE);
const serves = (app: string) => {
  const profile = azure.profile(app);
  return profile !== undefined && azure.serving(profile) > 0;
};

test('S83, R1: a daemon that still has the older config takes no app away that the newer one has', async () => {
  const first = start('first', ['old']);
  await until(1);
  first.kill();
  const next = start('next', ['old', 'new']);
  await until(5);
  expect([serves('old'), serves('new')]).toEqual([true, true]);
  start('late', ['old']);
  await until(7);
  // The older one is alone, and holds everything.
  next.kill();
  for (let minute = 7; minute < 60; minute += 1) {
    await until(minute);
    expect(serves('new')).toBe(true);
  }
  expect(said).toContain('late configs.differ');
  expect(said.filter((line) => line.includes('app.retired'))).toEqual([]);
});

test('S83: an app that left the config goes once the daemons of the older one are gone', async () => {
  const first = start('first', ['old', 'new']);
  await until(5);
  start('second', ['old']);
  await until(20);
  expect(serves('new')).toBe(true);
  first.kill();
  await until(40);
  expect(serves('new')).toBe(false);
  expect(said).toContain('second app.retired new');
  expect(serves('old')).toBe(true);
});

test('S83, R1: taking an app away ends where it comes back to the config, and what is lacking is repaired', async () => {
  const first = start('first', ['old', 'new']);
  await until(5);
  first.kill();
  const second = start('second', ['old']);
  const isRemoving = () => said.includes('second rollout.started new removal');
  while (!isRemoving()) await time.runUntil(time.now() + 1000);
  second.kill();
  start('third', ['old', 'new']);
  await time.runUntil(time.now() + 5 * MINUTE);
  expect(said.filter((line) => line.includes('rollout.turned_back'))).toHaveLength(1);
  expect(serves('new')).toBe(true);
  expect(said.filter((line) => line.endsWith('firstDeployment') && line.includes(' new '))).toHaveLength(1);
});

test('S83: what another daemon retired is not retired again', async () => {
  const first = start('first', ['old', 'new']);
  await until(5);
  first.kill();
  start('second', ['old']);
  start('other', ['old']);
  await until(30);
  expect(said.filter((line) => line.includes('app.retired'))).toHaveLength(1);
});

test('S83, R6: an app that has left the config is not gone because a list lacks its group', async () => {
  const first = start('first', ['old', 'new'], { isWorker: true });
  await until(5);
  first.kill();
  isNewUnlisted = true;
  start('second', ['old'], { isWorker: true });
  const isRetired = () => said.includes('second app.retired new');
  while (!isRetired()) await time.runUntil(time.now() + 1000);
  expect(azure.groups.all().map(({ key }) => key.name)).toEqual([expect.stringMatching(/^old-/)]);
});
