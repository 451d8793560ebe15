/**
 * A short story that is told again and again with the daemon killed at another point: an app that runs its first version, what
 * comes then, and at the end, with everything healed, another version.
 */
import { MINUTE } from '../model/time.ts';
import type { Order } from './draw-operator.ts';
import type { RoutingOptions } from './draw-routing.ts';
import type { Drawn } from './draw-strategy.ts';
import { NO_FAULTS } from './options.ts';
import type { AppOptions, Event, Options, Push } from './options.ts';

export interface Scenario {
  readonly name: string;
  readonly options: Options;
}

/** When the version of interest is pushed: the first one runs, whenever the daemon was killed before. */
export const FROM_MS = 3 * MINUTE;
/** Where it goes back, or goes live, within a minute; each kill takes half a minute more. */
export const SHORT_MS = 3 * MINUTE;
/** Long enough for one attempt to go back (Traffic Manager is waited for longest), too short for the next. */
const ONE_ATTEMPT_MS = 9.5 * MINUTE;
const APP = 'app1';

type Middle = Omit<Push, 'at' | 'app'> & { readonly afterMs?: number };

export function scenario(
  name: string,
  given: {
    readonly pushes?: readonly Middle[];
    readonly events?: readonly (Omit<Event, 'app' | 'which'> & Partial<Pick<Event, 'which'>>)[];
    readonly rollout?: Partial<Drawn>;
    readonly commands?: readonly { readonly kind: Order['kind']; readonly afterMs: number }[];
    readonly routing?: RoutingOptions;
    readonly hasTraffic?: boolean;
    /** Of the app, where a story needs others. */
    readonly app?: Partial<Pick<AppOptions, 'drainMs' | 'deadlines'>>;
    /** From the push of interest until everything heals and another version comes. */
    readonly forMs?: number;
  },
): Scenario {
  const {
    pushes = [],
    events = [],
    rollout = {},
    commands = [],
    routing,
    hasTraffic = true,
    app = {},
    forMs = ONE_ATTEMPT_MS,
  } = given;
  const faultMs = FROM_MS + forMs;
  const middle = pushes.map(({ afterMs = 0, ...push }) => ({ ...push, at: FROM_MS + afterMs, app: APP }));
  return {
    name,
    options: {
      apps: [
        {
          name: APP,
          ...(routing === undefined
            ? { replicas: 2, locations: ['westeurope'] }
            : { replicas: 1, locations: ['westeurope', 'northeurope'], routing }),
          hasTraffic,
          ttlSeconds: 20,
          marginMs: 5000,
          drainMs: 5000,
          observeMs: 4000,
          rollout: { strategy: { kind: 'blueGreen' }, ...rollout },
          ...app,
        },
      ],
      faultMs,
      createMs: 5000,
      restartMs: 2000,
      monitorMs: 10_000,
      rates: NO_FAULTS,
      pushes: [
        { at: 0, app: APP, tag: '1.0.0', program: {} },
        ...middle,
        { at: faultMs, app: APP, tag: '2.0.0', program: {} },
      ],
      events: events.map((event) => ({ which: 0, ...event, app: APP })),
      hasForeigners: true,
      ...(commands.length === 0 ? {} : { operator: { orders: commands.map(orderOf), retries: false } }),
    },
  };
}

function orderOf({ kind, afterMs }: { kind: Order['kind']; afterMs: number }): Order {
  return { at: FROM_MS + afterMs, app: APP, kind, people: 1, which: 0, isFull: false, isBound: false, forMs: 0 };
}
