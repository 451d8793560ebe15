/** What one seed draws: the apps, their settings, how bad the world is and what happens when. Printed with the seed. */
import { SECOND, MINUTE } from '../model/time.ts';
import type { RolloutSettings } from '../model/app.ts';
import type { StepKind } from '../rollout/state.ts';
import type { Chance } from './chance.ts';
import type { AdoptedGroup } from './draw-adopted.ts';
import { drawKept, drawShown, drawStrategy } from './draw-strategy.ts';
import type { Drawn } from './draw-strategy.ts';
import { drawChecks } from './draw-checks.ts';
import type { CheckTroubles } from './draw-checks.ts';
import { drawGating } from './draw-gating.ts';
import type { Gating } from './draw-gating.ts';
import { drawOperator } from './draw-operator.ts';
import type { OperatorOptions } from './draw-operator.ts';
import type { RolloutLimits } from '../config/settings.ts';
import { isMapped } from '../model/routing.ts';
import { drawPatience } from './draw-patience.ts';
import { drawMore } from './draw-worker.ts';
import { withBeside } from './draw-beside.ts';
import type { ParentOptions } from './draw-parents.ts';
import { drawPushes } from './draw-pushes.ts';
import type { SetOptions } from './draw-pushes.ts';
import { drawRouting } from './draw-routing.ts';
import type { RoutingOptions } from './draw-routing.ts';
import { drawDaemons } from './daemons.ts';
import type { EditOptions } from './draw-edits.ts';
import type { DaemonOptions } from './daemons.ts';

export interface AppOptions extends Omit<Gating, 'promotion'> {
  readonly name: string;
  /** Groups per location. */
  readonly replicas: number;
  readonly locations: readonly string[];
  readonly ttlSeconds: number;
  readonly marginMs: number;
  readonly drainMs: number;
  readonly observeMs: number;
  /** Looks in a row that have to find every endpoint Online; 1 where absent. */
  readonly onlineLooks?: number;
  /** Whether the name servers are asked if a removal has reached them; true where absent. */
  readonly confirmsRemoval?: boolean;
  /** Blue-green at once where absent. */
  readonly rollout?: Drawn;
  /** Weighted where absent. */
  readonly routing?: RoutingOptions | undefined;
  /** False: it has no profile, as a consumer of a queue. */
  readonly hasTraffic?: boolean;
  /** False: what runs has proven itself; only where there is no traffic. */
  readonly hasProbe?: boolean;
  /** Of its probe, from the start of a group on; 30 s where absent. */
  readonly graceMs?: number;
  /** For a whole rollout; any time where absent. */
  readonly totalMs?: number;
  /** What is late goes back where absent. */
  readonly onDeadline?: 'wait';
  /** In place of those that all apps have. */
  readonly deadlines?: Partial<RolloutSettings['deadlines']>;
  /** It has two images; one where absent. */
  readonly set?: SetOptions;
  /** Profiles that its own is nested in, the nearest first. */
  readonly parents?: readonly ParentOptions[];
  /** Another one is another template, so another release; that of all apps where absent. */
  readonly templateHash?: string;
  /** What somebody else had made of it, and was taken over; absent where nothing was there before. */
  readonly adopted?: readonly AdoptedGroup[];
}

export interface Push {
  readonly at: number;
  readonly app: string;
  /** The one that the app has alone, or first, where absent. */
  readonly container?: string;
  readonly tag: string;
  readonly program: {
    readonly healthy?: boolean;
    readonly crash?: boolean;
    readonly startMs?: number;
    readonly runMs?: number;
    readonly log?: string;
  };
  /** What is asked of it says so, although it serves; it is good where absent. Jobs are as good as they serve. */
  readonly measured?: Measured;
}

export type Measured = 'failure' | 'inconclusive';

/** Something that the world does, so many milliseconds after the start. */
export interface Event {
  readonly at: number;
  readonly kind: EventKind;
  readonly app: string;
  /** Below 1: picks among what is there when it happens. */
  readonly which: number;
  /** Not before it is saved, after `at`, that the app has gone on from such a step. */
  readonly afterStep?: StepKind;
  /** So long after that; at once where absent. */
  readonly afterMs?: number;
}

export type EventKind = (typeof EVENTS)[number] | (typeof PARENT_EVENTS)[number] | (typeof SCRIPTED_EVENTS)[number];

/** Probabilities, each per call. */
export interface Rates {
  readonly armFailsBefore: number;
  readonly armFailsAfter: number;
  readonly armIsSlow: number;
  /** A list of groups is that of up to a minute ago. */
  readonly armIsStale: number;
  /** A list of groups lacks one. */
  readonly armIsPartial: number;
  /** A group that was just made is not found. */
  readonly armForgetsNew: number;
  readonly registryFails: number;
  /** A page of tags lacks one. */
  readonly registryIsPartial: number;
  readonly storeFailsBefore: number;
  /** Written, and no answer. */
  readonly storeFailsAfter: number;
  /** An answer of the store or the leases takes up to half a minute; never where absent. */
  readonly storeIsSlow?: number;
  /** Traffic Manager's name servers cannot be asked. */
  readonly namesFail: number;
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
  /** Traffic Manager's own; one that knows of each change at once where absent. */
  readonly nameServers?: { readonly count: number; readonly delayMs: number };
  /** Profiles with routing method Performance take no second endpoint in a location. */
  readonly refusesTwins?: boolean;
  /** Whose TTL an answer from a nested profile has; that of the profile that is asked for where absent. */
  readonly nestedTtl?: 'parent' | 'child';
  /** One where absent. */
  readonly daemons?: DaemonOptions;
  /** What people say; nobody says anything where absent. */
  readonly operator?: OperatorOptions | undefined;
  /** Of those who are asked by checks; nobody is there to be asked where absent. */
  readonly checks?: CheckTroubles | undefined;
  /** Any number of rollouts at a time where absent. */
  readonly limits?: RolloutLimits | undefined;
  /** How the config changes while daemons run; it stays as it is where absent. */
  readonly edits?: EditOptions | undefined;
}

export const NO_FAULTS: Rates = {
  armFailsBefore: 0,
  armFailsAfter: 0,
  armIsSlow: 0,
  armIsStale: 0,
  armIsPartial: 0,
  armForgetsNew: 0,
  registryFails: 0,
  registryIsPartial: 0,
  storeFailsBefore: 0,
  storeFailsAfter: 0,
  namesFail: 0,
};

/** What a seed may draw, each as often as it stands here. */
const EVENTS = [
  'killDaemon',
  'killDaemon',
  'killDaemon',
  'loseState',
  'fillDisk',
  'crashGroup',
  'flapGroup',
  'vanishGroup',
  'vanishNewGroup',
  'failGroup',
  'loseIp',
  'stickCreates',
  'fillRegion',
  'changeTtl',
  'toggleEndpoint',
  'editEndpoint',
  'deleteEndpoint',
  'addEndpoint',
  'takeOverEndpoint',
  'dropProfile',
  'degradeMonitor',
  'enableRemoved',
  'loseRegistry',
  'loseArm',
  'loseStore',
  'slowDeletes',
  'spendQuota',
] as const;

/** Where an app has profiles above its own. */
const PARENT_EVENTS = ['changeParentTtl', 'dropParent'] as const;

/** For scenarios: they last until everything heals. */
const SCRIPTED_EVENTS = [
  /** Traffic Manager finds every group that comes from now on Degraded. */
  'degradeNewest',
  'refuseRegister',
  'refuseDeregister',
  'refuseDelete',
  'refuseTag',
  'refuseStop',
  'refuseStart',
] as const;

export const LOCATIONS = ['westeurope', 'northeurope'];

export interface Streams {
  readonly people: Chance;
  readonly more: Chance;
  readonly asked: Chance;
  /** Second images and parents of profiles. */
  readonly beside: Chance;
}

/** Streams of their own, so that a seed without people is what it was before there were any. */
export function drawOptions(chance: Chance, { people, more, asked, beside }: Streams): Options {
  const drawn = drawWorld(chance);
  const names = drawn.apps.map(({ name }) => name);
  const operator = drawOperator(people, names, drawn.faultMs);
  const gating = drawGating(people, names, drawn.faultMs);
  // Drawn last, as it came last.
  const storeIsSlow = drawn.rates.storeFailsBefore === 0 ? 0 : people.pick([0, 0, 0.002, 0.01]);
  const apps = drawn.apps.map((app): AppOptions => {
    const { promotion, ...own } = gating?.apps[app.name] ?? {};
    const rollout = promotion === undefined || app.rollout === undefined ? app.rollout : { ...app.rollout, promotion };
    const drawnMore = drawMore(more, { ...app, ...own, ...(rollout === undefined ? {} : { rollout }) });
    return drawPatience(more, drawnMore);
  });
  const rates = { ...drawn.rates, storeIsSlow };
  return withBeside(beside, drawChecks(asked, { ...drawn, apps, rates, operator, limits: gating?.limits }));
}

function drawWorld(chance: Chance): Options {
  const faultMs = chance.whole(10, 30) * MINUTE;
  const apps = Array.from({ length: chance.whole(1, 3) }, (_, index) => drawApp(chance, index));
  const isCalm = chance.happens(0.2);
  const rate = (most: number) => (isCalm ? 0 : chance.next() * chance.next() * most);
  const drawn = {
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
      armIsPartial: rate(0.2),
      armForgetsNew: rate(0.5),
      registryFails: rate(0.4),
      registryIsPartial: rate(0.2),
      storeFailsBefore: rate(0.2),
      storeFailsAfter: rate(0.1),
      namesFail: chance.pick([0, 0, rate(1), 1]),
    },
    pushes: apps.flatMap((app) => drawPushes(chance, app.name, faultMs)),
    events: isCalm ? [] : Array.from({ length: chance.whole(0, 10) }, () => drawEvent(chance, apps, faultMs)),
    hasForeigners: chance.happens(0.5),
    nameServers: drawNameServers(chance, apps),
    refusesTwins: chance.happens(0.5) && apps.every(canDoWithoutTwins),
    daemons: drawDaemons(chance, faultMs),
  };
  const shown = apps.map((app) => withShown(chance, app));
  const kept = shown.map((app) => withKept(chance, app));
  return { ...drawn, apps: kept.map((app) => withoutTime(chance, app)) };
}

/** Some keep what was replaced by its count alone. */
function withoutTime(chance: Chance, app: AppOptions): AppOptions {
  const hasNoTime = chance.happens(0.3);
  const { rollout } = app;
  if (!hasNoTime || rollout?.retain === undefined) return app;
  return { ...app, rollout: { ...rollout, retain: { ...rollout.retain, forMs: undefined } } };
}

function withKept(chance: Chance, app: AppOptions): AppOptions {
  const { rollout } = app;
  const kept = drawKept(chance, rollout);
  return rollout === undefined ? app : { ...app, rollout: { ...rollout, ...kept } };
}

function withShown(chance: Chance, app: AppOptions): AppOptions {
  const { rollout } = app;
  const shown = drawShown(chance, app);
  return rollout === undefined ? app : { ...app, rollout: { ...rollout, ...shown } };
}

/** The last of them learns of a change within the margin of every app. */
function drawNameServers(chance: Chance, apps: readonly AppOptions[]): NonNullable<Options['nameServers']> {
  const longestMs = Math.min(...apps.map(({ marginMs }) => marginMs));
  return { count: chance.whole(1, 4), delayMs: chance.happens(0.3) ? 0 : Math.floor(chance.next() * longestMs) };
}

export function drawApp(chance: Chance, index: number): AppOptions {
  const replicas = chance.whole(1, 3);
  const locations = LOCATIONS.slice(0, chance.pick([1, 1, 2]));
  const rollout = drawStrategy(chance, { locations, groups: replicas * locations.length });
  const routing = drawRouting(chance, rollout.strategy);
  return {
    name: `app${index + 1}`,
    replicas: isMapped(routing.method) ? 1 : replicas,
    locations,
    rollout,
    routing,
    ttlSeconds: chance.whole(5, 120),
    marginMs: chance.whole(0, 30) * SECOND,
    drainMs: chance.whole(0, 30) * SECOND,
    observeMs: chance.whole(1, 10) * SECOND,
    onlineLooks: chance.whole(1, 3),
    confirmsRemoval: chance.happens(0.7),
  };
}

export function canDoWithoutTwins({ routing, rollout, replicas }: AppOptions): boolean {
  return routing?.method !== 'Performance' || (replicas === 1 && rollout?.strategy.kind === 'blueGreen');
}

function drawEvent(chance: Chance, apps: readonly AppOptions[], faultMs: number): Event {
  return {
    at: Math.floor(chance.next() * faultMs),
    kind: chance.pick(EVENTS),
    app: apps[Math.floor(chance.next() * apps.length)]?.name ?? 'app1',
    which: chance.next(),
  };
}
