/** Faults planted in what people have said and what the config forbids: a daemon that heeds one of it no more. */
import type { App, Gate } from '../model/app.ts';
import { MACHINE } from '../controller/machine.ts';
import type { Machine } from '../controller/machine.ts';
import type { DaemonGiven } from '../controller/daemon.ts';
import { MINUTE } from '../model/time.ts';
import { countAttempts } from '../rollout/attempt.ts';
import type { DrawnWindow, Gating } from './draw-gating.ts';
import type { Order } from './draw-operator.ts';
import { NO_FAULTS } from './options.ts';
import type { AppOptions, Options, Push } from './options.ts';
import { withLoaded } from './planted-edges.ts';

/** One minute in each quarter of an hour is open. */
export const MOSTLY_CLOSED: readonly DrawnWindow[] = [
  { kind: 'deny', everyMs: 15 * MINUTE, firstMs: 3 * MINUTE, durationMs: 12 * MINUTE, timeZone: 'UTC' },
];

/** Two people, or some minutes. */
export const SLOW: Gate = { approvals: 2, autoAfterMs: undefined, timeoutMs: 5 * MINUTE, onTimeout: 'promote' };

/** A calm world with an upgrade, whose old stack stands for long, and somebody who goes back to it. */
export function rollingBackWarm(options: Options): Options {
  const apps = options.apps.map((app): AppOptions => {
    return { ...app, rollout: { strategy: { kind: 'blueGreen' }, retain: { forMs: 2 * options.faultMs, count: 2 } } };
  });
  const at = options.faultMs / 2;
  const pushes = options.pushes.filter((push) => push.at === 0 || push.at >= options.faultMs);
  const upgrades = apps.map(({ name }): Push => ({ at, app: name, tag: '1.1.0', program: {} }));
  const said = ordering(['rollback'])(options).operator?.orders.filter((order) => order.at > options.faultMs * 0.9);
  const operator = { orders: said ?? [], retries: false };
  return {
    ...options,
    apps,
    pushes: [...pushes, ...upgrades].sort((one, other) => one.at - other.at),
    rates: NO_FAULTS,
    events: [],
    operator,
  };
}

/** The world: each app with these, and another one beside a lonely one. */
export function gated(gating: (index: number) => Gating, limits?: Options['limits']): (options: Options) => Options {
  return (options) => {
    const [first] = options.apps;
    const isAlone = first !== undefined && options.apps.length === 1;
    const apps = isAlone ? [first, { ...first, name: 'app2' }] : options.apps;
    const pushes = isAlone ? options.pushes.flatMap((push) => [push, { ...push, app: 'app2' }]) : options.pushes;
    const daemons = { count: 1, skewMs: 0, pauses: [] };
    return { ...options, apps: apps.map((app, index) => withGating(app, gating(index))), pushes, limits, daemons };
  };
}

function withGating(app: AppOptions, gating: Gating): AppOptions {
  const { promotion, ...own } = gating;
  const strategy = app.rollout?.strategy ?? { kind: 'blueGreen' as const };
  return {
    ...app,
    windows: [],
    after: [],
    mode: 'act',
    ...own,
    ...(promotion === undefined ? {} : { rollout: { ...app.rollout, strategy, promotion } }),
  };
}

/** Somebody says this of each app again and again. */
export function ordering(kinds: readonly Order['kind'][]): (options: Options) => Options {
  return (options) => {
    const said = options.apps.flatMap(({ name }) =>
      Array.from({ length: Math.floor(options.faultMs / MINUTE) }, (_, index): Order => {
        const kind = kinds[index % kinds.length] ?? 'promote';
        const at = index * MINUTE + 40_000 + options.createMs / 2;
        return { at, app: name, kind, people: 1, which: 0, isFull: false, isBound: false, forMs: 0 };
      }),
    );
    return { ...options, operator: { orders: said, retries: false } };
  };
}

function withApps(daemon: DaemonGiven, change: (app: App) => App): DaemonGiven {
  return { ...daemon, settings: { ...daemon.settings, apps: daemon.settings.apps.map(change) } };
}

export const startInFreeze = (daemon: DaemonGiven) => withApps(daemon, (app) => ({ ...app, windows: [] }));

export const ignoreOrder = (daemon: DaemonGiven) => withApps(daemon, (app) => ({ ...app, after: [] }));

export const actOnNotifyOnly = (daemon: DaemonGiven) => withApps(daemon, (app) => ({ ...app, mode: 'act' }));

export function exceedSlots(daemon: DaemonGiven): DaemonGiven {
  const { limits: _, ...settings } = daemon.settings;
  return { ...daemon, settings };
}

export const oneYesIsEnough = (daemon: DaemonGiven) =>
  withApps(daemon, (app) => {
    const { promotion } = app.rollout;
    return promotion === undefined
      ? app
      : { ...app, rollout: { ...app.rollout, promotion: { ...promotion, approvals: 1 } } };
  });

/** At each start one word of its operators is forgotten. */
export function forgetWord(word: 'pause' | 'hold' | 'refused'): (daemon: DaemonGiven) => DaemonGiven {
  return (daemon) =>
    withLoaded(daemon, (state) => {
      const { operator }: { operator?: unknown } = state;
      if (typeof operator !== 'object' || operator === null) return state;
      return { ...state, operator: { ...operator, [word]: undefined } };
    });
}

/** A rollback to what still stands makes a group of it once more. */
export function makeWarmAnew(): Machine {
  return {
    ...MACHINE,
    decide: (rollout, observation, now) => {
      const decision = MACHINE.decide(rollout, observation, now);
      const { candidate } = rollout;
      const [group] = candidate?.groups ?? [];
      const isNext = rollout.reason === 'rollback' && rollout.backPlan === undefined;
      if (!isNext || candidate === undefined || group === undefined || decision.change !== undefined) return decision;
      const effect = { kind: 'createGroup' as const, group, stack: candidate };
      return {
        ...decision,
        effects: [effect],
        rollout: countAttempts(decision.rollout, [effect], { observation, now }),
      };
    },
  };
}
