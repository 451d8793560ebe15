/** Stories in which a step of a blue-green rollout fails, one by one, or the rollout is overtaken. */
import { MINUTE, SECOND } from '../model/time.ts';
import { FROM_MS, scenario, SHORT_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export const OF_STEPS: readonly Scenario[] = [
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
  // A newer version comes while it starts.
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
  // The version answers 503, and its groups are kept for a while.
  scenario('keep-failed', {
    pushes: [{ tag: '1.1.0', program: { healthy: false } }],
    rollout: { keepFailedMs: MINUTE },
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // A live group is deleted.
  scenario('repair', { events: [{ at: FROM_MS, kind: 'vanishGroup' }], forMs: SHORT_MS + MINUTE }),
];
