/** How an edit of the config changes one app: one to three of its settings, as far as its profile and the others allow. */
import { MINUTE, SECOND } from '../model/time.ts';
import { isMapped } from '../model/routing.ts';
import type { Chance } from './chance.ts';
import { drawWindows } from './draw-gating.ts';
import { drawGate, drawStrategy } from './draw-strategy.ts';
import type { Drawn } from './draw-strategy.ts';
import { drawGates } from './draw-worker.ts';
import { LOCATIONS } from './options.ts';
import type { AppOptions, Options } from './options.ts';

const ASPECTS = ['times', 'strategy', 'replicas', 'locations', 'template', 'template', 'gate', 'windows'] as const;
const TEMPLATES = ['simulation', 'edited-1', 'edited-2'] as const;

export function drawChange(chance: Chance, app: AppOptions, options: Options): AppOptions {
  const aspects = new Set(Array.from({ length: chance.whole(1, 3) }, () => chance.pick(ASPECTS)));
  let changed = app;
  for (const aspect of aspects) changed = { ...changed, ...drawAspect(chance, changed, { aspect, options }) };
  return fit(changed);
}

function drawAspect(
  chance: Chance,
  app: AppOptions,
  { aspect, options }: { aspect: (typeof ASPECTS)[number]; options: Options },
): Partial<AppOptions> {
  const { rollout, replicas, locations } = app;
  switch (aspect) {
    case 'times':
      return drawTimes(chance, app, options);
    case 'strategy':
      return isBound(app, options) ? {} : drawOther(chance, app);
    case 'replicas':
      return isBound(app, options) || isFixed(app) ? {} : { replicas: 1 + ((replicas + chance.whole(0, 1)) % 3) };
    case 'locations':
      return isBound(app, options) ? {} : moved(chance, app, locations);
    case 'template':
      return { templateHash: chance.pick(TEMPLATES) };
    case 'gate': {
      const promotion = rollout?.promotion === undefined ? drawGate(chance) : undefined;
      return rollout === undefined ? {} : { rollout: { ...rollout, promotion } };
    }
    case 'windows':
      return { windows: (app.windows ?? []).length === 0 ? drawWindows(chance, options.faultMs) : [] };
  }
}

/** The last name server learns of a change within the margin, whatever that is. */
function drawTimes(chance: Chance, app: AppOptions, { nameServers }: Options): Partial<AppOptions> {
  const { rollout } = app;
  const bakeMs = chance.happens(0.5) ? chance.whole(0, 120) * SECOND : 0;
  return {
    marginMs: Math.max(nameServers?.delayMs ?? 0, chance.whole(0, 30) * SECOND),
    drainMs: chance.whole(0, 60) * SECOND,
    observeMs: chance.whole(1, 10) * SECOND,
    ...(rollout === undefined ? {} : { rollout: { ...rollout, bakeMs } }),
    ...(app.totalMs === undefined ? {} : { totalMs: chance.whole(20, 60) * MINUTE }),
  };
}

/** Where its profile takes no second endpoint in a location, its way is the only one. */
function isBound({ routing }: AppOptions, { refusesTwins }: Options): boolean {
  return refusesTwins === true && routing?.method === 'Performance';
}

/** Regions and ranges belong to one endpoint each. */
function isFixed({ routing }: AppOptions): boolean {
  return routing !== undefined && isMapped(routing.method);
}

function drawOther(chance: Chance, app: AppOptions): Partial<AppOptions> {
  const { locations, replicas, rollout } = app;
  if (rollout === undefined) return {};
  const drawn = drawStrategy(chance, { locations, groups: replicas * locations.length });
  const strategy = mayHave(app, drawn) ? drawGates(chance, drawn.strategy, locations) : rollout.strategy;
  const isRecreated = rollout.strategy.kind === 'recreate';
  const order = chance.pick(['oldFirst', 'newFirst'] as const);
  return { rollout: { ...rollout, strategy: isRecreated ? { kind: 'recreate', order } : strategy } };
}

function mayHave({ routing, hasTraffic }: AppOptions, { strategy: { kind } }: Drawn): boolean {
  if (hasTraffic === false) return kind !== 'canary';
  const method = routing?.method ?? 'Weighted';
  if (isMapped(method) || routing?.switch === 'inPlace') return kind === 'blueGreen';
  return kind !== 'canary' || method === 'Weighted';
}

/** What is mapped keeps its first location, which is for all that no other has. */
function moved(chance: Chance, app: AppOptions, before: readonly string[]): Partial<AppOptions> {
  const [first = 'westeurope', second = 'northeurope'] = LOCATIONS;
  const all = isFixed(app) ? [[first], [first, second]] : [[first], [second], [first, second]];
  const others = all.filter((one) => one.join() !== before.join());
  const locations = others[Math.floor(chance.next() * others.length)] ?? before;
  return { locations };
}

/** As a config has to be: what its strategy says of groups and locations is of those that it has. */
function fit(app: AppOptions): AppOptions {
  const { rollout, replicas, locations } = app;
  if (rollout === undefined) return app;
  const { preview, retain, ...rest } = rollout;
  const { kind } = rollout.strategy;
  const mayShow = replicas > 1 && (kind === 'blueGreen' || kind === 'canary') && app.hasTraffic !== false;
  return {
    ...app,
    rollout: {
      ...rest,
      strategy: fitStrategy(rollout.strategy, locations, replicas),
      ...(mayShow && preview !== undefined ? { preview: { replicas: Math.min(preview.replicas, replicas - 1) } } : {}),
      ...(kind === 'rolling' || retain === undefined ? {} : { retain }),
    },
  };
}

function fitStrategy(strategy: Drawn['strategy'], locations: readonly string[], replicas: number): Drawn['strategy'] {
  switch (strategy.kind) {
    case 'rolling': {
      const maxUnavailable = Math.min(strategy.maxUnavailable, replicas * locations.length - 1);
      return { ...strategy, maxUnavailable, maxSurge: Math.max(strategy.maxSurge, maxUnavailable === 0 ? 1 : 0) };
    }
    case 'waves': {
      const named = strategy.waves.flatMap((wave) => wave.locations);
      if (named.toSorted().join() === locations.toSorted().join()) return strategy;
      return { ...strategy, waves: locations.map((location) => ({ locations: [location], bakeMs: 30 * SECOND })) };
    }
    default:
      return strategy;
  }
}
