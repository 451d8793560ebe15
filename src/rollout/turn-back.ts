/**
 * The way back: the steps that were entered are undone, last first, by the same kinds of step on the same stacks. After
 * the point of no return there is no way back, only forward.
 */
import type { Instant } from '../model/time.ts';
import type { TurnBack, Rollout, Step } from './state.ts';
import { isPastNoReturn, stepName } from './state.ts';
import { enter } from './start.ts';
import { STEPS } from './steps/index.ts';

/** Turns the rollout back; unchanged where it cannot be, or is already going back. */
export function turnBack(rollout: Rollout, why: Omit<TurnBack, 'at'>, now: Instant): Rollout {
  if (rollout.backPlan !== undefined || rollout.finished !== undefined || isPastNoReturn(rollout)) return rollout;
  const backPlan = planBack(rollout);
  return enter({ ...rollout, backPlan, turnedBack: { ...why, at: now } }, 0, now);
}

export function planBack(rollout: Rollout): readonly Step[] {
  // What somebody changed cannot be put back: nothing was done, nothing is undone.
  if (rollout.reason === 'drift') return [];
  const entered = rollout.plan.slice(0, rollout.cursor + 1);
  return onlyOnce(entered.toReversed().flatMap((step) => STEPS[step.kind].undo(step)));
}

/**
 * What several entered steps are undone by, such as the shares of a canary, is done by the first of them: the live stack
 * comes back before the candidate leaves where that is alone in rotation, and after it where both serve.
 */
function onlyOnce(steps: readonly Step[]): readonly Step[] {
  const names = steps.map(stepName);
  return steps.filter((step, index) => names.indexOf(stepName(step)) === index);
}

/** Failed where there was nothing to go back to. */
export function failureOutcome(rollout: Rollout): 'RolledBack' | 'Failed' {
  return rollout.live === undefined ? 'Failed' : 'RolledBack';
}
