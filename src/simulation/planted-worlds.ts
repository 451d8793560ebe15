/** The worlds in which planted faults show: what a seed has drawn, and more of what a fault is about. */
import type { Check } from '../model/check.ts';
import { ERRORS, ratioCheck } from './draw-checks.ts';
import { ROLE_TAGS } from './draw-strategy.ts';
import type { Event, Options } from './options.ts';

export const ratesOf =
  (rates: Partial<Options['rates']>): ((options: Options) => Options) =>
  (options) => ({ ...options, rates: { ...options.rates, ...rates } });

export const killing =
  (everyMs: number): ((options: Options) => Options) =>
  (options) => {
    const kills = Array.from({ length: Math.floor(options.faultMs / everyMs) }, (_, index): Event => {
      return { at: (index + 1) * everyMs, kind: 'killDaemon', app: 'app1', which: 0 };
    });
    return { ...options, events: [...options.events, ...kills] };
  };

/** Every app tells its stacks apart by tags. */
export function tagging(options: Options): Options {
  const apps = options.apps.map((app) => {
    const rollout = { strategy: { kind: 'blueGreen' } as const, ...app.rollout, tags: ROLE_TAGS };
    return { ...app, rollout };
  });
  return { ...options, apps };
}

/** Every app is measured, by numbers that are mostly vague. */
export function measuring(options: Options): Options {
  const apps = options.apps.map((app) => {
    const checks = { before: [ratioCheck(2)], after: [] };
    return { ...app, rollout: { strategy: { kind: 'blueGreen' as const }, ...app.rollout, checks } };
  });
  return { ...options, apps, checks: { seed: 1, fails: 0, blurs: 0.8, spells: [], attendMs: 60_000 } };
}

/** No check asks anybody. */
export function unasked(options: Options): Options {
  const isBlind = ({ source }: Check) => source.kind === 'job' || source.kind === 'tcp';
  const apps = options.apps.map((app) => {
    const { rollout } = app;
    if (rollout?.checks === undefined) return app;
    const { before, after } = rollout.checks;
    return {
      ...app,
      rollout: { ...rollout, checks: { before: before.filter(isBlind), after: after.filter(isBlind) } },
    };
  });
  const pushes = options.pushes.map((push) => ({ ...push, program: { ...push.program, log: '' } }));
  return { ...options, apps, pushes, checks: undefined };
}

/** Every version but the first one and the last one does badly, and answers well. */
export function erring(options: Options): Options {
  const pushes = options.pushes.map((push) => {
    return push.at === 0 || push.at >= options.faultMs ? push : { ...push, program: { log: ERRORS } };
  });
  return { ...options, pushes, checks: { seed: 1, fails: 0.2, blurs: 0, spells: [] } };
}

/** Regions that belong to one endpoint each, so that what changes is where these lead. */
export function mapped(options: Options): Options {
  const apps = options.apps.map((app) => ({
    ...app,
    replicas: 1,
    rollout: { ...app.rollout, strategy: { kind: 'blueGreen' as const } },
    routing: { method: 'Geographic' as const },
  }));
  return { ...options, apps };
}

/** What is replaced is deleted: a stop may leave its endpoint there, so it would seldom show. */
export function keepingNothing(options: Options): Options {
  const apps = options.apps.map(({ rollout, ...app }) =>
    rollout === undefined ? app : { ...app, rollout: { ...rollout, retain: undefined } },
  );
  return { ...options, apps };
}

/** Every app is a single writer without traffic. */
export function writing(options: Options): Options {
  const strategy = { kind: 'recreate', order: 'oldFirst' } as const;
  const apps = options.apps.map((app) => ({ ...app, hasTraffic: false, routing: undefined, rollout: { strategy } }));
  return { ...options, apps };
}

/** Every app keeps what it replaces, stopped. */
export function keepingStopped(options: Options): Options {
  const apps = options.apps.map((app) => {
    const retain = { forMs: 60_000, count: 1, as: 'stopped' } as const;
    const rollout = { ...app.rollout, strategy: { kind: 'blueGreen' } as const, retain };
    return { ...app, rollout };
  });
  return { ...options, apps };
}

/** In the middle of each rollout. */
export function losingState(options: Options): Options {
  const losses = options.pushes.map(({ at, app }): Event => {
    return { at: at + 30_000 + options.createMs, kind: 'loseState', app, which: 0 };
  });
  return { ...options, events: [...options.events, ...losses.filter(({ at }) => at < options.faultMs)] };
}

/** The TTL is long until shortly before each push; it is never in force for so short that nobody can see it. */
export function loweringTtl(options: Options): Options {
  const changes = options.pushes.flatMap(({ at, app }, index): Event[] => {
    const isFarFromOthers = options.pushes.every((push, other) => {
      return other === index || push.app !== app || Math.abs(push.at - at) > 400_000;
    });
    if (!isFarFromOthers || at < 300_000) return [];
    return [
      { at: at - 300_000, kind: 'changeTtl', app, which: 0.99 },
      { at: at - 20_000, kind: 'changeTtl', app, which: 0 },
    ];
  });
  return { ...options, events: [...options.events.filter(({ kind }) => kind !== 'changeTtl'), ...changes] };
}

/** Traffic Manager's name servers take half a minute to learn of a change. */
export function laggingNames(options: Options): Options {
  const delayMs = 30_000;
  const apps = options.apps.map((app) => ({ ...app, marginMs: Math.max(app.marginMs, delayMs) }));
  return { ...options, apps, nameServers: { count: 4, delayMs } };
}

/** Several daemons, and one of them stands still for longer than its lease every few minutes. */
export function pausing(options: Options): Options {
  const pauses = Array.from({ length: Math.floor(options.faultMs / 90_000) }, (_, index) => {
    return { at: (index + 1) * 90_000, ms: 75_000 };
  });
  return { ...options, daemons: { count: 2, skewMs: 0, pauses } };
}

/** Some time into each upgrade the live stack vanishes, and Traffic Manager finds no candidate healthy. */
export function losingLive(options: Options): Options {
  const events = options.pushes.slice(1).flatMap(({ at, app }): Event[] => [
    { at: at + 1000, kind: 'degradeNewest', app, which: 0 },
    { at: at + 90_000 + options.createMs, kind: 'vanishGroup', app, which: 0 },
  ]);
  const apps = options.apps.map((app) => ({ ...app, replicas: 1 }));
  return { ...options, apps, events: events.filter(({ at }) => at < options.faultMs) };
}
