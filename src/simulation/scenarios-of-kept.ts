/** Stories of stacks that are kept, standing or stopped, are gone back to, and are told apart by tags. */
import { MINUTE, SECOND } from '../model/time.ts';
import { ROLE_TAGS } from './draw-strategy.ts';
import { FROM_MS, scenario, SHORT_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const OPENS_BY_ITSELF = {
  approvals: 1,
  autoAfterMs: 10 * SECOND,
  timeoutMs: 10 * MINUTE,
  onTimeout: 'rollBack',
} as const;

export const OF_KEPT: readonly Scenario[] = [
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
  // What it is can be written on no group: that is told, and it goes on.
  scenario('tag-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseTag' }],
    rollout: { tags: ROLE_TAGS, retain: { forMs: MINUTE, count: 1 } },
    app: { deadlines: { registerMs: 30 * SECOND } },
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // What is kept cannot be stopped: that is told, and it stands.
  scenario('stop-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseStop' }],
    rollout: { retain: { forMs: 3 * MINUTE, count: 1, as: 'stopped' } },
    app: { deadlines: { retireMs: MINUTE } },
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // Somebody goes back to what is stopped, and it cannot be started.
  scenario('start-refused', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseStart' }],
    rollout: { retain: { forMs: 20 * MINUTE, count: 1, as: 'stopped' } },
    app: { deadlines: { provisionMs: MINUTE } },
    commands: [{ kind: 'rollback', afterMs: 2 * MINUTE }],
    forMs: SHORT_MS + 2 * MINUTE,
  }),
];
