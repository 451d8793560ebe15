/** Stories of what a candidate has to stand before it is live: checks, bakes, and people who promote it or call it off. */
import { MINUTE, SECOND } from '../model/time.ts';
import type { Check } from '../model/check.ts';
import { jobCheck } from './draw-strategy.ts';
import { FROM_MS, scenario, SHORT_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** Of all groups of the app, the one that was made last. */
const NEWEST = 0.9;

/** Asked three times, so that some of it is saved before the verdict. */
function asked(name: string): Check {
  return { ...jobCheck(name), source: { kind: 'tcp', port: 80 }, count: 3, failureLimit: 1, inconclusiveLimit: 1 };
}

export const OF_PROOF: readonly Scenario[] = [
  // A job tries the version for a while, another one after the switch.
  scenario('jobs', {
    pushes: [{ tag: '1.1.0', program: { runMs: 8000 } }],
    rollout: { checks: { before: [jobCheck('smoke')], after: [jobCheck('late')] } },
    forMs: SHORT_MS + MINUTE,
  }),
  // Nobody comes to the gate in time.
  scenario('gate-expires', {
    pushes: [{ tag: '1.1.0', program: {} }],
    rollout: { promotion: { approvals: 1, timeoutMs: MINUTE, onTimeout: 'rollBack' } },
    forMs: SHORT_MS + MINUTE,
  }),
  // It serves, and a check before the switch finds it bad.
  scenario('check-before-fails', {
    pushes: [{ tag: '1.1.0', program: {}, measured: 'failure' }],
    rollout: { checks: { before: [asked('smoke')], after: [] } },
    forMs: SHORT_MS,
  }),
  // So does one after the switch: the live stack comes back.
  scenario('check-after-fails', {
    pushes: [{ tag: '1.1.0', program: {}, measured: 'failure' }],
    rollout: { checks: { before: [], after: [asked('rate')] } },
    forMs: SHORT_MS + MINUTE,
  }),
  // It is neither good nor bad, until somebody promotes it.
  scenario('check-undecided', {
    pushes: [{ tag: '1.1.0', program: {}, measured: 'inconclusive' }],
    rollout: { checks: { before: [asked('smoke')], after: [] } },
    commands: [{ kind: 'promote', afterMs: 2 * MINUTE }],
    forMs: SHORT_MS + 2 * MINUTE,
  }),
  // One of its groups crashes while it bakes.
  scenario('bake-crash', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'crashGroup', which: NEWEST, afterStep: 'deregister' }],
    rollout: { bakeMs: 30 * SECOND },
    forMs: SHORT_MS + MINUTE,
  }),
  // Somebody calls it off while what it has replaced drains.
  scenario('drain-aborted', {
    pushes: [{ tag: '1.1.0', program: {} }],
    commands: [{ kind: 'abort', afterMs: 100 * SECOND }],
    app: { drainMs: 2 * MINUTE },
    forMs: 8 * MINUTE,
  }),
];
