/**
 * The life that `bench endurance` measures: the whole daemon in virtual time, without a fault, with ever newer versions.
 * Old tags are purged, so that the world does not grow. Prints one reading per line, as JSON.
 */
import { setImmediate } from 'node:timers/promises';
import type { EventLog } from '../src/controller/event-log.ts';
import { HOUR } from '../src/model/time.ts';
import { Chance } from '../src/simulation/chance.ts';
import { startLife } from '../src/simulation/daemon-life.ts';
import { MemoryDisk } from '../src/simulation/memory-disk.ts';
import type { AppOptions } from '../src/simulation/options.ts';
import { settingsFor } from '../src/simulation/settings.ts';
import { REGISTRY, VirtualAzure } from '../src/simulation/virtual-azure.ts';
import { VirtualTime } from '../src/simulation/virtual-time.ts';
import type { Reading } from './endurance.ts';

const APPS = 5;
const KEPT_TAGS = 10;
/** More than any number of rollouts takes. */
const LONG_ENOUGH_MS = 1000 * HOUR;

const time = new VirtualTime(Date.UTC(2026, 0, 1));
const chance = new Chance(1);
const azure = new VirtualAzure({
  time,
  random: chance.next,
  options: { createMs: 2000, restartMs: 2000, coresPerLocation: 1000 },
  probeIntervalMs: 10_000,
});
const pushed = new Map<string, number>();
let finished = 0;
let failure: string | undefined;

const apps = Array.from({ length: APPS }, (_, index): AppOptions => {
  const timing = { ttlSeconds: 5, marginMs: 0, drainMs: 0, observeMs: 5000 };
  return { name: `app${index + 1}`, replicas: 2, locations: ['westeurope'], ...timing };
});
for (const { name, ttlSeconds } of apps) {
  azure.createProfile(name, ttlSeconds);
  pushNext(name);
}
start();
for (const wanted of process.argv.slice(2).map(Number)) {
  await time.runUntil(time.now() + LONG_ENOUGH_MS, () => failure !== undefined || finished >= wanted);
  if (failure !== undefined) throw new Error(failure);
  console.log(JSON.stringify(await read()));
}
process.exit(0);

function pushNext(app: string): void {
  const number = (pushed.get(app) ?? 0) + 1;
  pushed.set(app, number);
  azure.push({ repository: app, tag: `1.${number}.0` });
  azure.images.deleteTag(REGISTRY, app, `1.${number - KEPT_TAGS}.0`);
  azure.images.purge(REGISTRY, app);
}

function start(): void {
  const calm = { delayMs: 5, fails: undefined };
  const documents = new MemoryDisk({ onSave: () => undefined, trouble: () => calm, sleep: (ms) => time.sleep(ms) });
  startLife({
    name: 'daemon',
    skewMs: 0,
    wallStepMs: () => 0,
    leases: undefined,
    time,
    azure,
    documents,
    settings: settingsFor(apps),
    chance,
    trouble: () => ({ latencyMs: 5 }),
    onRequest: () => undefined,
    onProbe: () => undefined,
    log: () => log(),
    plant: undefined,
    onWrite: (_, write = 0) => write,
  });
}

/** Each rollout that has finished is followed by a newer version. */
function log(): EventLog {
  const hear = ({ event, outcome, app }: Readonly<Record<string, unknown>>) => {
    if (event !== 'rollout.finished') return;
    if (outcome !== 'Succeeded') failure = `a rollout of ${String(app)} ended as ${String(outcome)}`;
    finished += 1;
    pushNext(String(app));
  };
  return { debug: hear, info: hear, warn: hear, error: hear };
}

/** The last resort gives back the pages too; what finalizers free goes with the second time. */
async function read(): Promise<Reading> {
  for (let round = 0; round < 2; round += 1) {
    await globalThis.gc?.({ execution: 'async', type: 'major', flavor: 'last-resort' });
    await setImmediate();
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rollouts: finished, residentBytes: rss, heapBytes: heapUsed };
}
