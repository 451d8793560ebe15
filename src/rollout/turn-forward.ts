/**
 * Going on after all: a rollout that was turned back by no fault of its release, and finds that the live stack has died
 * meanwhile (it cannot be brought back, nor the candidate left), is finished with the candidate that serves.
 */
import type { Instant } from '../model/time.ts';
import type { ObservedProfile } from './observation.ts';
import { servingCount } from './rotation.ts';
import { enter } from './start.ts';
import { currentStep, groupsOf } from './state.ts';
import type { Rollout, Step } from './state.ts';

/** Undefined where the way back is still the better one. */
export function turnForward(rollout: Rollout, profile: ObservedProfile | undefined, now: Instant): Rollout | undefined {
  const step = currentStep(rollout);
  if (profile === undefined || rollout.turnedBack === undefined || !isWaitingForLive(step)) return undefined;
  if (rollout.turnedBack.fault === 'release' || rollout.turnedBack.outcome === 'Aborted') return undefined;
  const candidate = groupsOf(rollout, 'candidate');
  const isOnlyOneThatServes =
    servingCount(profile, groupsOf(rollout, 'live')) === 0 && servingCount(profile, candidate) === candidate.length;
  const online = rollout.plan.findIndex(({ kind, side }) => kind === 'online' && side === 'candidate');
  if (!isOnlyOneThatServes || online < 0) return undefined;
  return enter({ ...rollout, backPlan: undefined, turnedBack: undefined }, online, now);
}

/** The steps of the way back that need a live stack which serves. */
function isWaitingForLive(step: Step | undefined): boolean {
  if (step === undefined) return false;
  return step.side === 'live' ? step.kind === 'register' || step.kind === 'online' : step.kind === 'deregister';
}
