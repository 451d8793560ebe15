/**
 * Rollouts that people keep waiting before anything that serves has changed: they give their slot back, so that one
 * approval that nobody gives does not keep every other app from its newest release. Pure.
 */
import { waitsForSomebody } from '../rollout/steps/check.ts';
import { currentStep } from '../rollout/state.ts';
import type { Rollout, StepKind } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';

/** From these on, what serves may be changing. */
const CHANGING: ReadonlySet<StepKind> = new Set([
  'register',
  'online',
  'weigh',
  'swap',
  'deregister',
  'drain',
  'retire',
  'stop',
]);

/** `hasGivenBack`: it has no slot already, and needs none while it looks whether it is still healthy. */
export function needsNoSlot({ rollout, operator }: AppState, hasGivenBack: boolean): boolean {
  if (rollout === undefined || !asksForSlot(rollout) || hasBegunToChange(rollout)) return false;
  if (operator.pause !== undefined) return true;
  return (hasGivenBack || rollout.heldSince !== undefined) && waitsForPeople(rollout);
}

/** It goes on with something new. A way back, a repair and what an operator asked for wait for nobody. */
export function asksForSlot({ reason, backPlan, hasTurnedForward }: Rollout): boolean {
  const isNew = reason === 'newRelease' || reason === 'firstDeployment';
  return isNew && backPlan === undefined && hasTurnedForward !== true;
}

function hasBegunToChange({ plan, cursor }: Rollout): boolean {
  return plan.slice(0, cursor + 1).some(({ kind }) => CHANGING.has(kind));
}

function waitsForPeople(rollout: Rollout): boolean {
  const step = currentStep(rollout);
  return step?.kind === 'gate' || (step?.kind === 'check' && waitsForSomebody(rollout, step));
}
