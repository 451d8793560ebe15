/** What one seed draws: the apps, their settings, how bad the world is and what happens when. Printed with the seed. */
import { SECOND, MINUTE } from '../model/time.ts';
import type { Chance } from './chance.ts';
import { drawDaemons } from './daemons.ts';
import type { DaemonOptions } from './daemons.ts';

export interface AppOptions {
  readonly name: string;
  readonly replicas: number;
  readonly ttlSeconds: number;
  readonly marginMs: number;
  readonly drainMs: number;
  readonly observeMs: number;
}

export interface Push {
  readonly at: number;
  readonly app: string;
  readonly tag: string;
  readonly program: { readonly healthy?: boolean; readonly crash?: boolean; readonly startMs?: number };
}

/** Something that the world does, so many milliseconds after the start. */
export interface Event {
  readonly at: number;
  readonly kind:
    | 'killDaemon'
    | 'loseState'
    | 'crashGroup'
    | 'vanishGroup'
    | 'changeTtl'
    | 'toggleEndpoint'
    | 'dropProfile'
    | 'degradeMonitor'
    /** Traffic Manager finds every group that comes from now on Degraded, until all heals. */
    | 'degradeNewest';
  readonly app: string;
  /** Below 1: picks among what is there when it happens. */
  readonly which: number;
}

/** Probabilities, each per call. */
export interface Rates {
  readonly armFailsBefore: number;
  readonly armFailsAfter: number;
  readonly armIsSlow: number;
  readonly armIsStale: number;
  readonly registryFails: number;
  readonly storeFails: number;
}

export interface Options {
  readonly apps: readonly AppOptions[];
  /** The fault phase; after it everything heals. */
  readonly faultMs: number;
  readonly createMs: number;
  readonly restartMs: number;
  readonly monitorMs: number;
  readonly rates: Rates;
  readonly pushes: readonly Push[];
  readonly events: readonly Event[];
  readonly hasForeigners: boolean;
  /** One where absent. */
  readonly daemons?: DaemonOptions;
}

export const NO_FAULTS: Rates = {
  armFailsBefore: 0,
  armFailsAfter: 0,
  armIsSlow: 0,
  armIsStale: 0,
  registryFails: 0,
  storeFails: 0,
};

const EVENTS = [
  'killDaemon',
  'killDaemon',
  'killDaemon',
  'loseState',
  'crashGroup',
  'vanishGroup',
  'changeTtl',
  'toggleEndpoint',
  'dropProfile',
  'degradeMonitor',
] as const;

export function drawOptions(chance: Chance): Options {
  const faultMs = chance.whole(20, 60) * MINUTE;
  const apps = Array.from({ length: chance.whole(1, 3) }, (_, index) => drawApp(chance, index));
  const isCalm = chance.happens(0.2);
  const rate = (most: number) => (isCalm ? 0 : chance.next() * chance.next() * most);
  return {
    apps,
    faultMs,
    createMs: chance.whole(2, 60) * SECOND,
    restartMs: chance.whole(1, 10) * SECOND,
    monitorMs: chance.pick([10 * SECOND, 30 * SECOND]),
    rates: {
      armFailsBefore: rate(0.3),
      armFailsAfter: rate(0.2),
      armIsSlow: rate(0.2),
      armIsStale: rate(0.2),
      registryFails: rate(0.4),
      storeFails: rate(0.2),
    },
    pushes: apps.flatMap((app) => drawPushes(chance, app.name, faultMs)),
    events: isCalm ? [] : Array.from({ length: chance.whole(0, 8) }, () => drawEvent(chance, apps, faultMs)),
    hasForeigners: chance.happens(0.5),
    daemons: drawDaemons(chance, faultMs),
  };
}

function drawApp(chance: Chance, index: number): AppOptions {
  return {
    name: `app${index + 1}`,
    replicas: chance.whole(1, 3),
    ttlSeconds: chance.whole(5, 120),
    marginMs: chance.whole(0, 30) * SECOND,
    drainMs: chance.whole(0, 30) * SECOND,
    observeMs: chance.whole(1, 10) * SECOND,
  };
}

/** Versions that grow; some are bad; the last one, at the end of the faults, is good. */
function drawPushes(chance: Chance, app: string, faultMs: number): Push[] {
  const times = Array.from({ length: chance.whole(0, 5) }, () => Math.floor(chance.next() * faultMs)).sort(
    (a, b) => a - b,
  );
  const middle = times.map((at, index): Push => {
    const kind = chance.pick(['good', 'good', 'good', 'unhealthy', 'crash', 'slow']);
    const program =
      kind === 'unhealthy'
        ? { healthy: false }
        : kind === 'crash'
          ? { crash: true }
          : kind === 'slow'
            ? { startMs: chance.whole(1, 20) * SECOND }
            : {};
    return { at, app, tag: `1.${index + 1}.0`, program };
  });
  return [{ at: 0, app, tag: '1.0.0', program: {} }, ...middle, { at: faultMs, app, tag: `2.0.0`, program: {} }];
}

function drawEvent(chance: Chance, apps: readonly AppOptions[], faultMs: number): Event {
  return {
    at: Math.floor(chance.next() * faultMs),
    kind: chance.pick(EVENTS),
    app: apps[Math.floor(chance.next() * apps.length)]?.name ?? 'app1',
    which: chance.next(),
  };
}
