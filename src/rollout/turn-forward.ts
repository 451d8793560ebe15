/**
 * Going on after all: a rollout that was turned back by no fault of its release, and finds that the live stack has died
 * meanwhile (it cannot be brought back, nor the candidate left), is finished with the candidate that serves, or may: with all
 * of them Degraded nobody knows. Once only: what fails again ends, and is left to repair and clean-up.
 */
import type { Instant } from '../model/time.ts';
import type { StackGroup } from './effect.ts';
import { healthOf } from './health.ts';
import { seenProfile } from './observation.ts';
import type { Observation } from './observation.ts';
import { endpointOf, isHandedOut, servingCount } from './rotation.ts';
import { enter } from './start.ts';
import { currentStep, groupsOf, isOld } from './state.ts';
import type { Rollout, StepKind } from './state.ts';

const BRINGING_BACK: ReadonlySet<StepKind> = new Set(['register', 'online', 'swap']);

/** Undefined where the way back is still the better one. */
export function turnForward(rollout: Rollout, observation: Observation, now: Instant): Rollout | undefined {
  const profile = seenProfile(observation);
  if (profile === undefined || rollout.turnedBack === undefined || !isWaitingForLive(rollout)) return undefined;
  if (rollout.hasTurnedForward === true) return undefined;
  if (rollout.turnedBack.fault === 'release' || rollout.turnedBack.outcome === 'Aborted') return undefined;
  const candidate = groupsOf(rollout, 'candidate');
  const isOnlyOneThatServes =
    servingCount(profile, groupsOf(rollout, 'live')) === 0 &&
    candidate.every(
      (group) => isHandedOut(profile, endpointOf(profile, group)) && isRunning(rollout, observation, group),
    );
  const from = whereItServes(rollout);
  if (!isOnlyOneThatServes || from < 0) return undefined;
  // What was measured before is of another pass through the same steps.
  const anew = { backPlan: undefined, turnedBack: undefined, tallies: {}, hasTurnedForward: true };
  return enter({ ...rollout, ...anew }, from, now);
}

/** Where the candidate begins to serve; of a canary, whose shares have no meaning any more, where the live stack leaves. */
function whereItServes({ plan }: Rollout): number {
  const online = plan.findIndex(({ kind, side }) => side === 'candidate' && (kind === 'online' || kind === 'swap'));
  return online < 0 ? plan.findIndex(({ kind, side }) => kind === 'deregister' && side === 'live') : online;
}

/** True in the steps of the way back that need a live stack which serves. */
export function isWaitingForLive(rollout: Rollout): boolean {
  const step = currentStep(rollout);
  if (step === undefined || rollout.backPlan === undefined) return false;
  return step.side === 'live' ? BRINGING_BACK.has(step.kind) : step.kind === 'deregister';
}

function isRunning(rollout: Rollout, { groups }: Observation, { name }: StackGroup): boolean {
  const seen = groups.get(name);
  if (seen?.known !== true || seen.value === undefined) return false;
  return healthOf(seen.value, { isOld: isOld(rollout, name) }).kind === 'running';
}
