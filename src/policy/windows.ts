/**
 * Whether rollouts may start at a moment, by allowed windows and freeze windows, and when they next may. Pure. Cron
 * expressions mean local time: one in the hour that a clock skips fires when the clock goes on, one in the hour that comes
 * twice fires at the first (each of many in it at both). Durations are real time.
 */
import { Cron } from 'croner';
import type { Bypass, Window, Windows, WindowVerdict } from '../model/window.ts';
import type { Instant } from '../model/time.ts';
import { HOUR, SECOND } from '../model/time.ts';

const LONGEST_SEARCH_MS = 400 * 24 * HOUR;
/** Each is a look at one cron expression; only windows that open and close all day need so many. */
const MOST_LOOKS = 5000;

interface Openings {
  readonly text: string;
  readonly durationMs: number;
  /** The last moment that it opens, up to this one. */
  readonly upTo: (at: Instant) => Instant | undefined;
  /** The first one after it. */
  readonly after: (at: Instant) => Instant | undefined;
}

/** What keeps it closed, and until when at least. */
interface Closure {
  readonly reason: string;
  readonly until: Instant;
}

interface Search {
  readonly until: Instant;
  looks: number;
}

/**
 * All sets must be open. The next opening is looked for over 400 days (`searchMs`). Throws where a cron expression or a
 * time zone is wrong: the config refuses those.
 */
export function judgeWindows(
  sets: readonly Windows[],
  now: Instant,
  { searchMs = LONGEST_SEARCH_MS }: { readonly searchMs?: number } = {},
): WindowVerdict {
  const search: Search = { until: now + searchMs, looks: 0 };
  const openings = sets.map(({ allow, deny }) => ({
    allow: allow.map((window) => openingsOf(window, search)),
    deny: deny.map((window) => openingsOf(window, search)),
  }));
  let at = now;
  let reason: string | undefined;
  for (;;) {
    const closures = openings.flatMap((set) => closuresAt(set, at, search));
    const [first] = closures;
    if (first === undefined) {
      return reason === undefined ? { kind: 'open' } : { kind: 'closed', reason, opensAt: at, searchedUntil: at };
    }
    reason ??= first.reason;
    at = Math.max(...closures.map(({ until }) => until));
    if (at >= search.until || isSpent(search)) {
      return { kind: 'closed', reason, opensAt: undefined, searchedUntil: Math.min(at, search.until) };
    }
  }
}

/** True where somebody has opened the windows and that still holds. */
export function isBypassed(bypass: Bypass | undefined, now: Instant): bypass is Bypass {
  return bypass !== undefined && now < bypass.until;
}

/** What is wrong with a cron expression; undefined: nothing. */
export function cronFault(cron: string): string | undefined {
  try {
    parseCron(cron, 'UTC');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : String(error);
  }
}

/** Those of `deny` first: they win, so they are the reason. */
function closuresAt(
  { allow, deny }: { allow: readonly Openings[]; deny: readonly Openings[] },
  at: Instant,
  search: Search,
): Closure[] {
  const closures = deny.flatMap((window) => {
    const until = closesAt(window, at, search);
    return until === undefined ? [] : [{ reason: `freeze window ${window.text} is open`, until }];
  });
  if (allow.length === 0 || allow.some((window) => isOpen(window, at))) return closures;
  const until = Math.min(...allow.map((window) => window.after(at) ?? Infinity));
  const names = allow.map(({ text }) => text).join(', ');
  return [...closures, { reason: `no allowed window is open (${names})`, until }];
}

function isOpen({ upTo, durationMs }: Openings, at: Instant): boolean {
  const opened = upTo(at);
  return opened !== undefined && at < opened + durationMs;
}

/** The end of what is open at this moment, with all that opens before it closes; undefined where it is not open. */
function closesAt({ upTo, durationMs }: Openings, at: Instant, search: Search): Instant | undefined {
  let end: Instant | undefined;
  for (let probe = at; probe < search.until;) {
    const opened = upTo(probe);
    if (opened === undefined || opened + durationMs <= probe) return end;
    probe = opened + durationMs;
    end = probe;
    if (isSpent(search)) return end;
  }
  return end;
}

function isSpent({ looks }: Search): boolean {
  return looks >= MOST_LOOKS;
}

function openingsOf({ name, cron, timeZone, durationMs }: Window, search: Search): Openings {
  const parsed = parseCron(cron, timeZone);
  return {
    text: name === undefined ? `"${cron}" ${timeZone}` : `"${name}"`,
    durationMs,
    upTo(at) {
      search.looks += 1;
      // The library knows whole seconds, and gives only what lies before them.
      return parsed.previousRuns(1, dateOf((Math.floor(at / SECOND) + 1) * SECOND))[0]?.getTime();
    },
    after(at) {
      search.looks += 1;
      return parsed.nextRun(dateOf(at))?.getTime();
    },
  };
}

/** Without a function to call, it is an expression only and starts no timer. */
function parseCron(cron: string, timezone: string): Cron {
  if (cron.trim().startsWith('@')) throw new Error('expected five or six fields');
  return new Cron(cron, { timezone, mode: '5-or-6-parts' });
}

function dateOf(at: Instant): Date {
  // oxlint-disable-next-line no-restricted-globals -- converts an instant, reads no clock
  return new Date(at);
}
