/** Stories of the other ways to replace a stack, forth and back. */
import { MINUTE } from '../model/time.ts';
import { FROM_MS, scenario, SHORT_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** Of all groups of the app, the one that was made last. */
const NEWEST = 0.9;
const IMPATIENT = { registerMs: MINUTE, onlineMs: MINUTE };

export const OF_STRATEGIES: readonly Scenario[] = [
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
  // A region belongs to its endpoint, so that is led to the new group.
  scenario('in-place', {
    pushes: [{ tag: '1.1.0', program: {} }],
    routing: { method: 'Geographic' },
    forMs: 3 * MINUTE,
  }),
  // With one endpoint led there, the other new group vanishes: it is led back.
  scenario('in-place-back', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'vanishGroup', which: NEWEST, afterStep: 'verify', afterMs: 6000 }],
    routing: { method: 'Geographic' },
    forMs: 5 * MINUTE,
  }),
  // A group of the candidate crashes while it has a share.
  scenario('canary-crash', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'crashGroup', which: NEWEST, afterStep: 'weigh' }],
    rollout: { strategy: { kind: 'canary', steps: [{ share: 20, bakeMs: 30_000 }] } },
    forMs: SHORT_MS + MINUTE,
  }),
  // Traffic Manager refuses the weights of the first share.
  scenario('weigh-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseRegister' }],
    rollout: { strategy: { kind: 'canary', steps: [{ share: 20, bakeMs: 10_000 }] } },
    app: { deadlines: IMPATIENT },
    forMs: 5 * MINUTE,
  }),
  // It refuses those of the second share, and for a while also to take the candidate out.
  scenario('share-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseDeregister', afterStep: 'weigh' }],
    rollout: { strategy: { kind: 'canary', steps: [20, 50].map((share) => ({ share, bakeMs: 5000 })) } },
    app: { deadlines: IMPATIENT },
    forMs: 5 * MINUTE,
  }),
];
