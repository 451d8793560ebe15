/** What an idle app is given and remembers, and how it says why it does not move: shared by app-idle and app-repair. */
import type { Azure } from '../azure/azure.ts';
import type { App } from '../model/app.ts';
import { endpointName, groupName } from '../model/ownership.ts';
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import { MINUTE } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { Settling } from '../policy/settle.ts';
import type { Stack } from '../rollout/effect.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import type { Events } from './events.ts';
import type { Gates, Hold } from './gates.ts';
import type { LiveMemory } from './live-health.ts';
import type { AroundLook } from './look-memory.ts';
import type { Machine } from './machine.ts';
import { operatorRefusal } from './operator-refusal.ts';
import type { TagSource } from './ports.ts';

export const SWEEP_INTERVAL_MS = MINUTE;
/** So that the looks of many apps at rest stay a small part of what ARM allows, 25 reads a second: each makes two. */
const SWEEP_MS_PER_APP = 300;
const LONGEST_LOOK_AGAIN_MS = 15_000;
export const NOTHING_SEEN: LiveMemory = { broken: new Set(), degradedSince: new Map() };

/** What an idle app remembers between turns; in memory only. */
export interface IdleMemory {
  isInventoried: boolean;
  /** Stacks that are stray, or in rotation beside the live one, as the last sweep saw them: a second sighting confirms. */
  strays: Set<string>;
  /** The first sweep of those since the last rollout that saw no stray, up to the last one; undefined where that saw some. */
  bareSince: Instant | undefined;
  live: LiveMemory;
  lastSaid: string;
  /** The images that are to run, while others of the set may follow. */
  settling: Settling | undefined;
  /** Id of the release that was last said to be available. */
  availableId: string | undefined;
  /** What an app that only reports last said it would put right. */
  faultsSaid: string;
  sweptAt: Instant | undefined;
  /** The last look at all that is there. */
  around: AroundLook | undefined;
  /** The last look found groups that were to be taken over, and not all of them. */
  isHalfAdopted: boolean;
  /** The last look at an app that has left the config found nothing of it. */
  isBare: boolean;
}

export interface IdleGiven {
  readonly app: App;
  readonly owner: string;
  readonly state: AppState;
  readonly memory: IdleMemory;
  readonly azure: Azure;
  readonly clock: Clock;
  readonly tags: TagSource;
  readonly events: Events;
  readonly newId: () => string;
  /** A minute where absent. */
  readonly sweepMs?: number;
  /** Where in each such time its turn is; a whole one after its last look where absent. */
  readonly sweepOffsetMs?: number | undefined;
  readonly machine: Machine;
  /** Absent where nothing keeps rollouts from starting. */
  readonly gates?: Gates;
}

export interface IdleTurn {
  /** The new state, to be saved before anything else; undefined: unchanged. */
  readonly state?: AppState;
  /** Logs the change; called once it is saved. */
  readonly announce?: () => void;
  readonly wakeAt: Instant;
  /** Nothing is left to do, ever. */
  readonly isOver?: boolean;
  /** Nothing will come of it until a person acts: others need not wait for it. */
  readonly isStill?: boolean;
}

export interface Sweep {
  readonly sweepMs: number;
  readonly sweepOffsetMs: number | undefined;
}

/** Of each of these apps; of any other one as if it were by itself in its turn. */
export function sweepsOf(apps: readonly Pick<App, 'name'>[]): (app: string) => Sweep {
  const sweepMs = sweepIntervalMs(apps.length);
  const offsets = new Map(apps.map(({ name }, index) => [name, sweepOffsetMs(index, apps.length)]));
  return (app) => ({ sweepMs, sweepOffsetMs: offsets.get(app) });
}

/** How often an app at rest looks at its groups and its profile, where this daemon has so many apps. */
export function sweepIntervalMs(apps: number): number {
  return Math.max(SWEEP_INTERVAL_MS, apps * SWEEP_MS_PER_APP);
}

/** Where the turn of one of so many apps is, so that many look one after the other; undefined where they are few. */
export function sweepOffsetMs(index: number, apps: number): number | undefined {
  return sweepIntervalMs(apps) > SWEEP_INTERVAL_MS ? index * SWEEP_MS_PER_APP : undefined;
}

/** When an app at rest looks next: never later than a whole interval after its last look. */
export function nextSweepAt(
  sweptAt: Instant,
  { sweepMs = SWEEP_INTERVAL_MS, sweepOffsetMs: offsetMs }: Pick<IdleGiven, 'sweepMs' | 'sweepOffsetMs'>,
): Instant {
  if (offsetMs === undefined) return sweptAt + sweepMs;
  return offsetMs + (Math.floor((sweptAt - offsetMs) / sweepMs) + 1) * sweepMs;
}

/** Pause before a second look at what was seen once. */
export function lookAgainMs(app: App): number {
  return Math.min(LONGEST_LOOK_AGAIN_MS, app.rollout.observeIntervalMs * 3);
}

/** `sweptAt`: its first look is as far from then as the next one after a look; at once where undefined. */
export function freshMemory(sweptAt?: Instant): IdleMemory {
  return {
    isInventoried: false,
    strays: new Set(),
    bareSince: undefined,
    live: NOTHING_SEEN,
    lastSaid: '',
    settling: undefined,
    availableId: undefined,
    faultsSaid: '',
    sweptAt,
    around: undefined,
    isHalfAdopted: false,
    isBare: false,
  };
}

/** What an operator said counts, but not for a repair; what failed by its own fault is not tried again, by an outage later. */
export function refusalToStart(given: IdleGiven, release: Release): Hold | undefined {
  const { state, clock } = given;
  const isRepair = release.id === state.live?.release.id;
  const said = isRepair ? undefined : operatorRefusal({ ...given, now: clock.now() }, release);
  if (said !== undefined) return said;
  const condemned = state.condemned.find(({ releaseId }) => releaseId === release.id);
  if (condemned !== undefined) {
    const at = new Date(condemned.at).toISOString();
    return {
      hold: 'failed release',
      reason: `${releaseName(release)} failed at ${at} (${condemned.reason}); waiting for a newer release, or a retry`,
    };
  }
  const { retry } = state;
  if (retry?.releaseId === release.id && clock.now() < retry.notBefore) {
    const at = new Date(retry.notBefore).toISOString();
    const reason = `${releaseName(release)} could not be rolled out, attempt ${retry.attempts}; trying again at ${at}`;
    return { hold: 'retry', reason, until: retry.notBefore };
  }
  return undefined;
}

export function sayHeld(given: Pick<IdleGiven, 'app' | 'memory' | 'events'>, hold: string, reason: string): void {
  if (isNews(given.memory, `held ${reason}`)) given.events.appHeld(given.app, hold, reason);
}

/** Somebody has to act on the profile, or the config; it is looked at again, and goes on once it fits. */
export function waitForProfile(
  given: Pick<IdleGiven, 'app' | 'memory' | 'events' | 'clock' | 'sweepMs'>,
  reason: string,
): IdleTurn {
  sayHeld(given, 'profile', reason);
  const { sweepMs = 0, app, clock } = given;
  // Many apps that wait for that must not keep ARM busy.
  const pauseMs = sweepMs > SWEEP_INTERVAL_MS ? sweepMs : lookAgainMs(app);
  return { wakeAt: clock.now() + pauseMs, isStill: true };
}

export function isNews(memory: IdleMemory, said: string): boolean {
  if (memory.lastSaid === said) return false;
  memory.lastSaid = said;
  return true;
}

/** The groups of a stack that is still to be made. */
export function newStack({ app, owner, newId }: Pick<IdleGiven, 'app' | 'owner' | 'newId'>, release: Release): Stack {
  const id = newId();
  const groups = app.locations.flatMap((location) =>
    Array.from({ length: app.replicas }, (_, index) => {
      const name = groupName(app.name, id, location, index + 1);
      return { name, location, replica: index + 1, endpoint: endpointName(owner, name) };
    }),
  );
  return { id, release, groups };
}

/** It begins with this turn, and with a look of its own. */
export function beginNow({ state, memory, clock, events }: IdleGiven, rollout: Rollout, reason: string): IdleTurn {
  memory.sweptAt = undefined;
  const announce = () => events.rolloutStarted(rollout, [reason]);
  return { state: { ...state, rollout }, announce, wakeAt: clock.now() };
}
