/** Short stories that are told again and again with the daemon killed at another point: what goes well, and a failure of each step. */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Order } from './draw-operator.ts';
import { jobCheck, ROLE_TAGS } from './draw-strategy.ts';
import type { RoutingOptions } from './draw-routing.ts';
import type { Drawn } from './draw-strategy.ts';
import { NO_FAULTS } from './options.ts';
import type { Event, Options, Push } from './options.ts';

export interface Scenario {
  readonly name: string;
  readonly options: Options;
}

const APP = 'app1';
/** When the version of interest is pushed: the first one runs, whenever the daemon was killed before. */
const FROM_MS = 3 * MINUTE;
/** Long enough for one attempt to go back (Traffic Manager is waited for longest), too short for the next. */
const ONE_ATTEMPT_MS = 9.5 * MINUTE;
/** Where it goes back, or goes live, within a minute; each kill takes half a minute more. */
const SHORT_MS = 3 * MINUTE;

const OPENS_BY_ITSELF = {
  approvals: 1,
  autoAfterMs: 10 * SECOND,
  timeoutMs: 10 * MINUTE,
  onTimeout: 'rollBack',
} as const;

type Middle = Omit<Push, 'at' | 'app'> & { readonly afterMs?: number };

export const SCENARIOS: readonly Scenario[] = [
  // A first deployment and an upgrade.
  scenario('upgrade', { forMs: 0 }),
  // The version crashes.
  scenario('provision-crash', { pushes: [{ tag: '1.1.0', program: { crash: true } }], forMs: SHORT_MS }),
  // Its groups stay in creation.
  scenario('provision-stuck', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'stickCreates' }],
    forMs: 12 * MINUTE,
  }),
  // The version answers 503.
  scenario('verify-503', { pushes: [{ tag: '1.1.0', program: { healthy: false } }], forMs: SHORT_MS }),
  // A newer version comes while it is verified.
  scenario('superseded', {
    pushes: [
      { tag: '1.1.0', program: { startMs: 25_000 } },
      { tag: '1.2.0', program: {}, afterMs: 15 * SECOND },
    ],
    forMs: SHORT_MS + MINUTE,
  }),
  // ARM refuses the endpoints.
  scenario('register-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseRegister' }],
  }),
  // Traffic Manager finds them Degraded.
  scenario('online-degraded', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'degradeNewest' }],
  }),
  // ARM refuses to disable the old ones.
  scenario('deregister-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseDeregister' }],
  }),
  // Somebody enables the old ones again, for good.
  scenario('drain-undone', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [
      { at: FROM_MS, kind: 'refuseDeregister', afterStep: 'deregister' },
      { at: FROM_MS, kind: 'enableRemoved', afterStep: 'deregister' },
    ],
  }),
  // ARM refuses to delete the old groups.
  scenario('retire-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseDelete' }],
    forMs: 12.5 * MINUTE,
  }),
  // A job tries the version for a while, another one after the switch.
  scenario('jobs', {
    pushes: [{ tag: '1.1.0', program: { runMs: 8000 } }],
    rollout: { checks: { before: [jobCheck('smoke')], after: [jobCheck('late')] } },
    forMs: SHORT_MS + MINUTE,
  }),
  // The version answers 503, and its groups are kept for a while.
  scenario('keep-failed', {
    pushes: [{ tag: '1.1.0', program: { healthy: false } }],
    rollout: { keepFailedMs: MINUTE },
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // A region belongs to its endpoint, so that is led to the new group.
  scenario('in-place', {
    pushes: [{ tag: '1.1.0', program: {} }],
    routing: { method: 'Geographic' },
    forMs: 3 * MINUTE,
  }),
  // With one endpoint led there, the other new group vanishes: it is led back.
  scenario('in-place-back', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS + 15 * SECOND, kind: 'vanishGroup', which: 0.8 }],
    routing: { method: 'Geographic' },
    forMs: 5 * MINUTE,
  }),
  // A live group is deleted.
  scenario('repair', { events: [{ at: FROM_MS, kind: 'vanishGroup' }], forMs: SHORT_MS + MINUTE }),
  // One new group is shown first; tags tell the stacks apart, and the old one is kept for a while.
  scenario('shown-and-tagged', {
    rollout: {
      preview: { replicas: 1 },
      promotion: OPENS_BY_ITSELF,
      tags: ROLE_TAGS,
      retain: { forMs: MINUTE, count: 1 },
    },
    forMs: 0,
  }),
  // Somebody goes back while the old groups still stand.
  scenario('rollback-warm', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { retain: { forMs: 3 * MINUTE, count: 1 } },
    commands: [{ kind: 'rollback', afterMs: 2 * MINUTE }],
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // Nobody comes to the gate in time.
  scenario('gate-expires', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { promotion: { approvals: 1, timeoutMs: MINUTE, onTimeout: 'rollBack' } },
    forMs: SHORT_MS + MINUTE,
  }),
  // One group after the other.
  scenario('rolling', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } },
    forMs: SHORT_MS + MINUTE,
  }),
  // A share of the answers first.
  scenario('canary', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { strategy: { kind: 'canary', steps: [{ share: 20, bakeMs: 10_000 }] } },
    forMs: SHORT_MS + MINUTE,
  }),
  scenario('waves', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { strategy: { kind: 'waves', waves: [{ locations: ['westeurope'], bakeMs: 10_000 }] } },
    forMs: SHORT_MS + MINUTE,
  }),
  // A single writer without a profile: the old groups go first.
  scenario('recreate', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { strategy: { kind: 'recreate', order: 'oldFirst' } },
    hasTraffic: false,
    forMs: SHORT_MS,
  }),
  // Its new version fails, and the old groups are made again.
  scenario('recreate-back', {
    pushes: [{ tag: '1.1.0', program: { healthy: false } }],
    rollout: { strategy: { kind: 'recreate', order: 'oldFirst' } },
    hasTraffic: false,
    forMs: SHORT_MS + MINUTE,
  }),
  // What is replaced is stopped; an operator goes back to it, and the other side is stopped in its place.
  scenario('kept-stopped', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { retain: { forMs: 8 * MINUTE, count: 1, as: 'stopped' } },
    commands: [{ kind: 'rollback', afterMs: 2 * MINUTE }],
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // The region has no room for what is started: the rollback goes back, what was kept is stopped again, and it is tried later.
  scenario('kept-no-room', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS + 1.9 * MINUTE, kind: 'fillRegion' }],
    rollout: { retain: { forMs: 20 * MINUTE, count: 1, as: 'stopped' } },
    commands: [{ kind: 'rollback', afterMs: 2 * MINUTE }],
  }),
];

function scenario(
  name: string,
  given: {
    readonly pushes?: readonly Middle[];
    readonly events?: readonly (Omit<Event, 'app' | 'which'> & Partial<Pick<Event, 'which'>>)[];
    readonly rollout?: Partial<Drawn>;
    readonly commands?: readonly { readonly kind: Order['kind']; readonly afterMs: number }[];
    readonly routing?: RoutingOptions;
    readonly hasTraffic?: boolean;
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

export function scenarioNamed(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
