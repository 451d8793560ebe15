/** What endpoints that drain would be handed out for, if somebody enabled them again, and how many answers would show it. */
import type { ObservedProfile } from '../rollout/observation.ts';
import { endpointOf } from '../rollout/rotation.ts';
import { currentStep, groupsIn } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';

/** The chance that it is not noticed. */
const MISSED = 0.001;
const MOST_WEIGHT = 1000;

/** In lower case, as name servers answer. */
export function drainingTargets(rollout: Rollout): ReadonlySet<string> {
  return new Set(draining(rollout).flatMap(({ name }) => rollout.targets[name]?.toLowerCase() ?? []));
}

/** Of all servers together, Weighted: by the endpoint that would be handed out the least. */
export function answersWanted(rollout: Rollout, profile: ObservedProfile): number {
  const weights = draining(rollout).map((group) => endpointOf(profile, group)?.weight ?? 1);
  const others = profile.endpoints.reduce((sum, { enabled, weight = 1 }) => sum + (enabled ? weight : 0), 0);
  const least = Math.min(MOST_WEIGHT, ...weights);
  const share = least / (least + others);
  return share >= 1 ? 1 : Math.ceil(Math.log(MISSED) / Math.log(1 - share));
}

function draining(rollout: Rollout) {
  const step = currentStep(rollout);
  return step === undefined ? [] : groupsIn(rollout, step);
}
