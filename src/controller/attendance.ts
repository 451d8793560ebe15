/**
 * What a daemon concludes from who attends: how many share the work, and whether all of them run one config. Pure; every
 * instant is of the storage service's clock, so that no daemon's own counts.
 */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';

/** One daemon, from its start to its end, as it last wrote of itself. */
export interface Attendant {
  readonly name: string;
  /** Hash of the config that it runs. */
  readonly config: string;
  /** When any daemon was first known to run that config. */
  readonly configSince: Instant;
  /** How often it has attended, 1 at first. */
  readonly rounds: number;
  readonly heardAt: Instant;
  /** It has stopped in order. */
  readonly hasLeft: boolean;
}

export interface Attendance {
  readonly now: Instant;
  /** This daemon as it has just been written. */
  readonly own: Attendant;
  readonly others: readonly Attendant[];
}

/** Configs other than a daemon's own that forbid it to take anything away. */
export interface Disagreement {
  readonly configs: readonly string[];
  readonly daemons: readonly string[];
}

/** Three rounds. */
const ALIVE_MS = 30 * SECOND;
/** One that crashes at each start never gets there, and takes no share. */
const SETTLED_ROUNDS = 4;
/** Longer than a slow daemon may be silent. */
const SILENT_MS = MINUTE;
/** So long a newer config counts although nobody runs it: its daemons may be on their way back. */
const NEWER_CONFIG_MS = 60 * MINUTE;
const FORGOTTEN_MS = 10 * MINUTE;
/** So long the last of each config is remembered: it tells which config came first. */
const CONFIG_FORGOTTEN_MS = 24 * 60 * MINUTE;

/** What a daemon writes of itself in this round; `now`: of the service. */
export function attendantNow(
  own: { readonly name: string; readonly config: string; readonly rounds: number },
  others: readonly Attendant[],
  now: Instant,
): Attendant {
  const same = others.filter(({ config }) => config === own.config);
  const configSince = Math.min(now, ...same.map((other) => other.configSince));
  return { ...own, configSince, heardAt: now, hasLeft: false };
}

/** How many share the work, this one included: those that have attended for a while, or for as long as this one. */
export function countSharing({ now, own, others }: Attendance): number {
  const rounds = Math.min(own.rounds, SETTLED_ROUNDS);
  return 1 + others.filter((other) => isAlive(other, now) && other.rounds >= rounds).length;
}

/** Undefined where all run this daemon's config, and none that came later ran within the last hour. */
export function disagreementOf({ now, own, others }: Attendance): Disagreement | undefined {
  const differing = others.filter((other) => {
    if (other.config === own.config) return false;
    const isNewer = other.configSince > own.configSince;
    return isHeard(other, now, SILENT_MS) || (isNewer && now - other.heardAt < NEWER_CONFIG_MS);
  });
  if (differing.length === 0) return undefined;
  const configs = [...new Set(differing.map(({ config }) => config))].sort();
  return { configs, daemons: differing.map(({ name }) => name).sort() };
}

/** Names of those whose traces can go: all that are long silent but the last of each config. */
export function forgettable({ now, others }: Attendance): readonly string[] {
  const lastOf = new Map<string, Attendant>();
  for (const other of others) {
    if (other.heardAt > (lastOf.get(other.config)?.heardAt ?? 0)) lastOf.set(other.config, other);
  }
  const limitMs = (other: Attendant) => (lastOf.get(other.config) === other ? CONFIG_FORGOTTEN_MS : FORGOTTEN_MS);
  return others.filter((other) => now - other.heardAt > limitMs(other)).map(({ name }) => name);
}

/** It has attended lately, and has not stopped in order. */
export function isAlive(attendant: Attendant, now: Instant): boolean {
  return isHeard(attendant, now, ALIVE_MS);
}

function isHeard({ hasLeft, heardAt }: Attendant, now: Instant, withinMs: number): boolean {
  return !hasLeft && now - heardAt < withinMs;
}
