/** Several daemons that share the work, and get a changed config one after the other, in virtual time. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Settings } from '../../src/config/settings.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { startLife } from '../../src/simulation/daemon-life.ts';
import { MemoryLeases } from '../../src/simulation/memory-leases.ts';
import { MemoryStore } from '../../src/simulation/memory-store.ts';
import { settingsFor } from '../../src/simulation/settings.ts';
import { VirtualAzure } from '../../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const OPTIONS = { replicas: 1, locations: ['westeurope'], ttlSeconds: 10, marginMs: 0, drainMs: 0, observeMs: 1000 };
let time: VirtualTime;
let azure: VirtualAzure;
let leases: MemoryLeases;
let documents: MemoryStore;
let said: string[];
let reloads: Map<string, (next: Settings) => void>;

beforeEach(() => {
  time = new VirtualTime(START);
  const options = { createMs: 5000, restartMs: 5000, coresPerLocation: 100 };
  azure = new VirtualAzure({ time, random: new Chance(1).next, options, probeIntervalMs: 10_000 });
  const trouble = () => ({ delayMs: 5, fails: undefined });
  leases = new MemoryLeases({ time, trouble });
  documents = new MemoryStore({ trouble, sleep: (ms) => time.sleep(ms), onSave: () => undefined });
  said = [];
  reloads = new Map();
  for (const app of ['web', 'api', 'site']) {
    azure.createProfile(app, 10);
    azure.push({ repository: app, tag: '1.0.0' });
  }
});
afterEach(() => azure.close());

/** What has left it is taken away. */
const configOf = (apps: readonly string[]): Settings => ({
  ...settingsFor(apps.map((name) => ({ name, ...OPTIONS }))),
  onRemoval: 'retire',
});

function start(name: string, apps: readonly string[]): void {
  const add = (fields: Readonly<Record<string, unknown>>) =>
    void said.push([name, fields['event'], fields['app']].filter((part) => typeof part === 'string').join(' '));
  startLife({
    name,
    skewMs: 0,
    wallStepMs: () => 0,
    leases: leases.of(name),
    time,
    azure,
    documents,
    settings: configOf(apps),
    chance: new Chance(name.length),
    trouble: () => ({ latencyMs: 5 }),
    onRequest: () => undefined,
    onProbe: () => undefined,
    log: () => ({ debug: add, info: add, warn: add, error: add }),
    plant: undefined,
    followed: () => ({
      isInForce: () => true,
      follow(apply) {
        reloads.set(name, apply);
        return new Promise(() => undefined);
      },
    }),
    onWrite: (_, write = 0) => write,
  });
}

const reload = (name: string, apps: readonly string[]) => reloads.get(name)?.(configOf(apps));
const pass = (minutes: number) => time.runUntil(time.now() + minutes * MINUTE);
const serves = (app: string) => {
  const profile = azure.profile(app);
  return profile !== undefined && azure.serving(profile) > 0;
};

test('S83: an app that has left the config of one is taken away once the others have that config, too', async () => {
  start('one', ['web', 'api']);
  start('other', ['web', 'api']);
  await pass(5);
  expect([serves('web'), serves('api')]).toEqual([true, true]);
  reload('one', ['api']);
  await pass(90);
  expect(serves('web')).toBe(true);
  expect(said).toContain('one configs.differ');
  reload('other', ['api']);
  await pass(10);
  expect([serves('web'), serves('api')]).toEqual([false, true]);
  expect(said).toContain('one configs.agree');
});

test('no lease changes hands for a changed config, and an app that is new is driven by who holds its partition', async () => {
  start('one', ['web', 'api']);
  start('other', ['web', 'api']);
  await pass(5);
  const taken = said.filter((line) => line.includes('partition.'));
  for (const name of ['one', 'other']) reload(name, ['web', 'api', 'site']);
  await pass(5);
  expect(serves('site')).toBe(true);
  expect(said.filter((line) => line.includes('partition.'))).toEqual(taken);
});

test('S83: back to a config from before, what only the later one has is let be for an hour', async () => {
  start('one', ['web', 'api']);
  start('other', ['web', 'api']);
  await pass(5);
  for (const name of ['one', 'other']) reload(name, ['web', 'api', 'site']);
  await pass(5);
  for (const name of ['one', 'other']) reload(name, ['web', 'api']);
  await pass(55);
  expect(serves('site')).toBe(true);
  await pass(15);
  expect(serves('site')).toBe(false);
  expect([serves('web'), serves('api')]).toEqual([true, true]);
});
