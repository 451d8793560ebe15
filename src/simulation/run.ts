/**
 * One seed: the world that it draws, a phase with faults, then everything heals and every app must reach its newest
 * release within a bound. The same seed gives the same run.
 */
import { loadLogs, loadMetrics } from '../checks/run-check.ts';
import { parseAppState } from '../controller/app-state.ts';
import { HOUR, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { Chance } from './chance.ts';
import type { Documents } from './documents.ts';
import type { Said } from './journal.ts';
import { lastOrderMs } from './operators.ts';
import { drawAdopted } from './draw-adopted.ts';
import { drawEdits } from './draw-edits.ts';
import { drawOptions } from './options.ts';
import type { Options } from './options.ts';
import type { Plant } from './plant.ts';
import { Scene } from './scene.ts';
import { leftovers } from './tidiness.ts';
import type { Violation } from './truth.ts';

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
  /** True where a daemon was killed at the write that was asked for. */
  readonly hasKilled: boolean;
  readonly rollouts: number;
  readonly requests: number;
  readonly virtualMs: number;
}

export interface SeedGiven {
  readonly plant?: Plant | undefined;
  /** Changes of the config, and apps that were taken over, are drawn as well. */
  readonly edits?: boolean | undefined;
  /** In place of what the seed draws. */
  readonly options?: Options | undefined;
  /** Kills the daemon at its n-th effect or save, counted from 1 over all its lives. */
  readonly killAt?: { readonly write: number; readonly when: 'before' | 'after' } | undefined;
  /** Sees every log line of the daemon, with its virtual time. */
  readonly onSaid?: (at: Instant, said: Said) => void;
}

/** Faults over, every app converges within this time: the longest pause between two tries is an hour. */
const BOUND_MS = 4 * HOUR;
/** Far from the numbers that seeds have. */
const PEOPLE = 2 ** 30;
const MORE = 2 ** 29;
const ASKED = 2 ** 28;
const BESIDE = 2 ** 27;
const EDITS = 2 ** 26;
const ADOPTED = 2 ** 25;
const LOOK_EVERY_MS = 10 * SECOND;
/** Of a world that is healed: one that begins so many goes round in a circle. */
const MOST_ROLLOUTS = 1000;

export async function runSeed(seed: number, given: SeedGiven = {}): Promise<SeedResult> {
  const chance = new Chance(seed);
  const drawn = given.options ?? drawSeed(seed, chance, given);
  const options = given.plant?.options?.(drawn) ?? drawn;
  // Not while virtual time passes.
  await Promise.all([loadMetrics(), loadLogs()]);
  const scene = new Scene(options, chance, given);
  const { time, truth, journal, clients } = scene;
  await time.runUntil(scene.start + options.faultMs);
  scene.heal();
  await time.runUntil(scene.start + options.faultMs + 1);
  let left = leftovers(scene);
  const settledAt = scene.start + lastOrderMs(options);
  const end = settledAt + BOUND_MS;
  const isDone = () => left.length === 0 && time.now() >= settledAt;
  const rolloutsEnded = () => [...journal.finished.values()].reduce((sum, count) => sum + count, 0);
  while (!isDone() && time.now() < end && truth.violations.length === 0 && rolloutsEnded() < MOST_ROLLOUTS) {
    await time.runUntil(time.now() + LOOK_EVERY_MS);
    left = leftovers(scene);
  }
  if (truth.violations.length === 0) for (const what of left) truth.violate(what.rule, what.message);
  scene.end();
  const rollouts = rolloutsEnded();
  return {
    seed,
    options,
    violations: truth.violations,
    unconverged: left.map(({ message }) => message),
    ends: Object.fromEntries(scene.configs.everyApp.map(({ name }) => [name, endOf(scene.documents, name)])),
    writes: scene.daemons.writes,
    hasKilled: scene.daemons.hasKilled,
    rollouts,
    requests: clients.requests,
    virtualMs: time.now() - scene.start,
  };
}

function drawSeed(seed: number, chance: Chance, { edits, plant }: SeedGiven): Options {
  const streamAt = (offset: number) => new Chance(seed + offset);
  const beside = streamAt(BESIDE);
  const streams = { people: streamAt(PEOPLE), more: streamAt(MORE), asked: streamAt(ASKED), beside };
  const drawn = drawOptions(chance, streams);
  // A planted fault is found in a world whose config stays as it is, unless it is one of those that change it.
  if (edits !== true || plant !== undefined) return drawn;
  const adopted = drawAdopted(streamAt(ADOPTED), drawn);
  return drawEdits(streamAt(EDITS), adopted);
}

function endOf(documents: Documents, app: string): string {
  const stored = documents.peek(app);
  if (stored === undefined) return 'no state';
  const state = parseAppState(app, stored.state);
  return JSON.stringify({
    runs: state.live?.release.images.map(({ tag }) => tag),
    condemned: state.condemned.map(({ name }) => name),
  });
}
