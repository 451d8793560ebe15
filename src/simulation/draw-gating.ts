/** What may keep a drawn app from starting: windows, apps that go first, slots, people at gates, or that it only reports. */
import type { RolloutLimits } from '../config/settings.ts';
import type { AfterRollback, Gate } from '../model/app.ts';
import { HOUR, MINUTE, SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { Windows } from '../model/window.ts';
import type { Chance } from './chance.ts';

/** A window by what it means, not by its cron expression: judges know nothing of those. */
export interface DrawnWindow {
  readonly kind: 'allow' | 'deny';
  readonly everyMs: number;
  /** When it first opens after a midnight UTC. */
  readonly firstMs: number;
  readonly durationMs: number;
  readonly timeZone: string;
}

export interface Gating {
  readonly windows?: readonly DrawnWindow[];
  readonly group?: string;
  readonly after?: readonly string[];
  readonly mode?: 'act' | 'notify';
  readonly afterRollback?: AfterRollback;
  /** In place of the gate that the strategy has drawn. */
  readonly promotion?: Gate;
}

export interface GatingOptions {
  readonly apps: Readonly<Record<string, Gating>>;
  readonly limits: RolloutLimits | undefined;
}

export const GROUP = 'few';

/** Minutes that the clocks of a place are ahead of UTC in January. */
const ZONES = [
  { name: 'UTC', aheadMinutes: 0 },
  { name: 'Europe/Berlin', aheadMinutes: 60 },
  { name: 'Asia/Kolkata', aheadMinutes: 330 },
  { name: 'Asia/Kathmandu', aheadMinutes: 345 },
  { name: 'America/St_Johns', aheadMinutes: -210 },
  { name: 'Australia/Lord_Howe', aheadMinutes: 660 },
] as const;

export function drawGating(chance: Chance, apps: readonly string[], faultMs: number): GatingOptions | undefined {
  if (chance.happens(0.6)) return undefined;
  const drawn = apps.map((app, index) => [app, drawApp(chance, { index, before: apps.slice(0, index), faultMs })]);
  const limits = {
    all: chance.happens(0.4) ? chance.whole(1, 2) : undefined,
    groups: { [GROUP]: chance.happens(0.5) ? 1 : undefined },
  };
  return { apps: Object.fromEntries(drawn), limits: chance.happens(0.7) ? limits : undefined };
}

function drawApp(
  chance: Chance,
  { index, before, faultMs }: { index: number; before: readonly string[]; faultMs: number },
): Gating {
  const first = before[Math.floor(chance.next() * before.length)];
  return {
    ...(chance.happens(0.4) ? { windows: drawWindows(chance, faultMs) } : {}),
    ...(chance.happens(0.7) ? { group: GROUP } : {}),
    ...(first !== undefined && chance.happens(0.5) ? { after: [first] } : {}),
    ...(index > 0 && chance.happens(0.15) ? { mode: 'notify' as const } : {}),
    ...(chance.happens(0.3) ? { afterRollback: 'hold' as const } : {}),
    ...(chance.happens(0.4) ? { promotion: drawPeople(chance) } : {}),
  };
}

/** Together they are open for some minutes of each period at least. */
export function drawWindows(chance: Chance, faultMs: number): readonly DrawnWindow[] {
  const everyMs = chance.pick([15, 20, 20, 30]) * MINUTE;
  const window = (kind: DrawnWindow['kind'], durationMs: number): DrawnWindow => {
    const timeZone = (ZONES[Math.floor(chance.next() * ZONES.length)] ?? ZONES[0]).name;
    return { kind, everyMs, firstMs: chance.whole(0, everyMs / MINUTE - 1) * MINUTE, durationMs, timeZone };
  };
  switch (chance.pick(['allow', 'deny', 'both', 'daily'])) {
    case 'allow':
      return [window('allow', chance.whole(2, 10) * MINUTE)];
    case 'deny':
      return [window('deny', chance.whole(1, 12) * MINUTE)];
    case 'both':
      return [window('allow', 8 * MINUTE), window('deny', chance.whole(1, 5) * MINUTE)];
    default: {
      const firstMs = chance.whole(0, faultMs / MINUTE) * MINUTE;
      return [{ ...window('deny', chance.whole(1, 40) * MINUTE), everyMs: 24 * HOUR, firstMs }];
    }
  }
}

/** It waits for people, and opens by itself, or goes back, or goes on when their time is over. */
function drawPeople(chance: Chance): Gate {
  const approvals = chance.whole(1, 3);
  const timeoutMs = chance.whole(2, 8) * MINUTE;
  return {
    approvals,
    // A config whose timer runs out later is refused.
    autoAfterMs: chance.happens(0.2) ? Math.min(chance.whole(0, 240) * SECOND, timeoutMs) : undefined,
    timeoutMs,
    onTimeout: chance.pick(['rollBack', 'promote']),
  };
}

/** As a config has them. */
export function windowsOf(drawn: readonly DrawnWindow[]): readonly Windows[] {
  const of = (kind: DrawnWindow['kind']) =>
    drawn
      .filter((window) => window.kind === kind)
      .map((window) => ({
        name: undefined,
        cron: cronOf(window),
        timeZone: window.timeZone,
        durationMs: window.durationMs,
      }));
  return [{ allow: of('allow'), deny: of('deny') }];
}

function cronOf({ everyMs, firstMs, timeZone }: DrawnWindow): string {
  const ahead = ZONES.find(({ name }) => name === timeZone)?.aheadMinutes ?? 0;
  const first = firstMs / MINUTE + ahead + 24 * 60;
  if (everyMs > HOUR) return `${first % 60} ${Math.floor(first / 60) % 24} * * *`;
  const times = Array.from({ length: HOUR / everyMs }, (_, index) => (first + (index * everyMs) / MINUTE) % 60);
  return `${times.sort((a, b) => a - b).join(',')} * * * *`;
}

/** By what the windows mean. */
export function isOpenAt(drawn: readonly DrawnWindow[], at: Instant): boolean {
  const isIn = ({ everyMs, firstMs, durationMs }: DrawnWindow) =>
    (((at - firstMs) % everyMs) + everyMs) % everyMs < durationMs;
  const allow = drawn.filter(({ kind }) => kind === 'allow');
  return (allow.length === 0 || allow.some(isIn)) && !drawn.some((window) => window.kind === 'deny' && isIn(window));
}
