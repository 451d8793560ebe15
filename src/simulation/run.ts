/**
 * One seed: the world that it draws, a phase with faults, then everything heals and every app must reach its newest
 * release within a bound. The same seed gives the same run.
 */
import { parseAppState } from '../controller/app-state.ts';
import { HOUR, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { Chance } from './chance.ts';
import { Clients } from './clients.ts';
import { startLife } from './daemon-life.ts';
import { Journal } from './journal.ts';
import type { Said } from './journal.ts';
import type { Life } from './life.ts';
import { MemoryStore } from './memory-store.ts';
import { drawOptions } from './options.ts';
import type { Options } from './options.ts';
import type { Plant } from './plants.ts';
import { OWNER, settingsFor, SUCCESSES } from './settings.ts';
import { leftovers } from './tidiness.ts';
import { Troubles } from './trouble.ts';
import { Truth } from './truth.ts';
import type { Violation } from './truth.ts';
import { VirtualAzure } from './virtual-azure.ts';
import { VirtualTime } from './virtual-time.ts';
import { addForeigners, RESTART_AFTER_MS, World } from './world-events.ts';

export interface SeedResult {
  readonly seed: number;
  readonly options: Options;
  readonly violations: readonly Violation[];
  /** What was not as it should be at the end of the bound; empty where every app has converged. */
  readonly unconverged: readonly string[];
  /** Of each app: what runs and what is condemned. How it came there depends on the moment. */
  readonly ends: Readonly<Record<string, string>>;
  /** Effects and saves of all lives. */
  readonly writes: number;
  readonly rollouts: number;
  readonly requests: number;
  readonly virtualMs: number;
}

export interface SeedGiven {
  readonly plant?: Plant | undefined;
  /** In place of what the seed draws. */
  readonly options?: Options | undefined;
  /** Kills the daemon at its n-th effect or save, counted from 1 over all its lives. */
  readonly killAt?: { readonly write: number; readonly when: 'before' | 'after' } | undefined;
  /** Sees every log line of the daemon, with its virtual time. */
  readonly onSaid?: (at: Instant, said: Said) => void;
}

const START = Date.UTC(2026, 0, 1);
/** Faults over, every app converges within this time: the longest pause between two tries is an hour. */
const BOUND_MS = 4 * HOUR;
const LOOK_EVERY_MS = 10 * SECOND;
const CORES = 1000;

export async function runSeed(seed: number, given: SeedGiven = {}): Promise<SeedResult> {
  const chance = new Chance(seed);
  const drawn = given.options ?? drawOptions(chance);
  const options = given.plant?.options?.(drawn) ?? drawn;
  const scene = makeScene(options, chance, given);
  const { time, azure, truth, journal, clients } = scene;
  await time.runUntil(START + options.faultMs);
  scene.heal();
  await time.runUntil(START + options.faultMs + 1);
  let left = leftovers(scene.tidy);
  const end = time.now() + BOUND_MS;
  while (left.length > 0 && time.now() < end && truth.violations.length === 0) {
    await time.runUntil(time.now() + LOOK_EVERY_MS);
    left = leftovers(scene.tidy);
  }
  if (truth.violations.length === 0) for (const what of left) truth.violate(what.rule, what.message);
  scene.end();
  azure.close();
  const rollouts = [...journal.finished.values()].reduce((sum, count) => sum + count, 0);
  return {
    seed,
    options,
    violations: truth.violations,
    unconverged: left.map(({ message }) => message),
    ends: Object.fromEntries(options.apps.map(({ name }) => [name, endOf(scene.tidy.store, name)])),
    writes: scene.writes(),
    rollouts,
    requests: clients.requests,
    virtualMs: time.now() - START,
  };
}

function makeScene(options: Options, chance: Chance, given: SeedGiven) {
  const time = new VirtualTime(START);
  const stream = () => new Chance(chance.whole(0, 2 ** 31 - 1));
  const troubles = new Troubles(options.rates, stream());
  const azure = new VirtualAzure({
    time,
    random: stream().next,
    options: { createMs: options.createMs, restartMs: options.restartMs, coresPerLocation: CORES },
    probeIntervalMs: options.monitorMs,
  });
  const store = new MemoryStore({ trouble: troubles.ofStore, sleep: (ms) => time.sleep(ms) });
  const truth = new Truth({
    azure,
    now: () => time.now(),
    owner: OWNER,
    apps: options.apps,
    successes: SUCCESSES,
    savedState: (app) => store.text(app),
  });
  const good = goodTags(options);
  const journal = new Journal({
    truth,
    isGood: (app, tag) => good.has(`${app} ${tag}`),
    onSaid: (said) => {
      given.onSaid?.(time.now(), said);
      const app = options.apps.find(({ name }) => name === said.fields['app']);
      if (app !== undefined && truth.live.has(app.name) && !serving.has(app.name)) {
        serving.add(app.name);
        clients.start(app);
      }
    },
  });
  const serving = new Set<string>();
  const clients = new Clients({
    azure,
    now: () => time.now(),
    after: (ms, callback) => void time.after(ms, callback),
    random: stream().next,
    onFailure: ({ app, target, detail }) => {
      const group = target?.split('.')[0];
      if (truth.isExcused(app)) return;
      if (group === undefined ? truth.wasDown(app) : truth.isBrokenByWorld(group)) return;
      truth.violate('R1', `a request to ${app} fails: ${group ?? 'no target'}: ${detail}`);
    },
  });
  const daemonChance = stream();
  let life: Life | undefined;
  let writes = 0;
  const start = () => {
    life = startLife({
      time,
      azure,
      store,
      settings: settingsFor(options.apps),
      chance: daemonChance,
      trouble: troubles.ofRequest,
      onRequest: (request, isAlive) => truth.onRequest(request, isAlive),
      onProbe: (fqdn, ok) => truth.probed(fqdn, ok),
      log: (isOver) => journal.log(isOver),
      plant: given.plant,
      onWrite: (when) => {
        if (when === 'before') writes += 1;
        if (given.killAt?.write === writes && given.killAt.when === when) kill();
      },
    });
  };
  const kill = () => {
    if (life === undefined) return;
    life.kill();
    life = undefined;
    journal.lifeEnded();
    time.after(RESTART_AFTER_MS, start);
  };
  const loseState = () => {
    kill();
    store.clear();
    journal.stateLost();
  };
  const world = new World({ azure, time, truth, killDaemon: kill, loseState });
  for (const app of options.apps) {
    azure.createProfile(app.name, app.ttlSeconds);
    if (options.hasForeigners) addForeigners(azure, app.name);
  }
  for (const { at, app, tag, program } of options.pushes) {
    time.after(at, () => azure.push({ repository: app, tag, ...program }));
  }
  for (const event of options.events) time.after(event.at, () => world.happen(event));
  time.after(0, start);
  const heal = () => {
    troubles.heal();
    world.heal();
  };
  const tidy = { azure, store, options, owner: OWNER };
  return { time, azure, truth, journal, clients, heal, tidy, writes: () => writes, end: () => life?.kill() };
}

function goodTags({ pushes }: Options): ReadonlySet<string> {
  const good = pushes.filter(({ program }) => program.healthy !== false && program.crash !== true);
  return new Set(good.map(({ app, tag }) => `${app} ${tag}`));
}

function endOf(store: MemoryStore, app: string): string {
  const stored = store.peek(app);
  if (stored === undefined) return 'no state';
  const state = parseAppState(app, stored.state);
  return JSON.stringify({
    runs: state.live?.release.images.map(({ tag }) => tag),
    condemned: state.condemned.map(({ name }) => name),
  });
}
