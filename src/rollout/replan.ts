/**
 * Under routing method Performance a profile may refuse a second endpoint in a location. Nobody can tell before it is tried,
 * so the plan is made anew from there: the endpoints that are there are led to the candidate, which stands and is proven.
 */
import { ownerInName } from '../model/ownership.ts';
import type { Refusal } from './effect.ts';
import { seenProfile } from './observation.ts';
import type { Observation } from './observation.ts';
import type { Rollout, Step } from './state.ts';
import { stepsInPlace } from './strategies/in-place.ts';
import { inPlace } from './switching.ts';

/** As the real one refuses web apps, and the local one endpoints where it is told to. */
const SAME_LOCATION = /multiple endpoints point to (the same )?(region|location)/i;

/** True where the whole candidate was to join beside the whole live stack, and is refused for that. */
export function needsSwap(
  { routing, settings, live, candidate, backPlan, reason }: Rollout,
  refusal: Refusal | undefined,
): boolean {
  const isWhole = settings.strategy.kind === 'blueGreen' || reason === 'repair' || reason === 'rollback';
  const isReplacing = live !== undefined && candidate !== undefined && backPlan === undefined;
  return routing === 'Performance' && isReplacing && isWhole && isSameLocation(refusal);
}

/** Another endpoint of that location is in the way. */
export function isSameLocation(refusal: Refusal | undefined): boolean {
  return refusal !== undefined && SAME_LOCATION.test(refusal.message);
}

/** The rollout with the other plan; the same one where the profile was not seen. */
export function switchInPlace(rollout: Rollout, observation: Observation): Rollout {
  const { live, candidate, plan, cursor } = rollout;
  const [group] = candidate?.groups ?? [];
  const profile = seenProfile(observation);
  if (live === undefined || candidate === undefined || group === undefined || profile === undefined) return rollout;
  const app = { name: rollout.app, traffic: rollout.traffic };
  const given = { app, owner: ownerInName(group.endpoint, group.name), profile, live, candidate };
  const arranged = inPlace(given, rollout.routing);
  const { pairs = [] } = arranged;
  const isPaired = (name: string) => pairs.some((pair) => pair.candidate === name);
  // Who has no counterpart joins by its own name, and may have done so already.
  const groups = candidate.groups.map(
    (one) => arranged.candidate.groups.find(({ name }) => name === one.name && isPaired(name)) ?? one,
  );
  const rest = plan.slice(cursor).filter((step) => !isOfJoining(step));
  const steps = stepsInPlace({ live: live.groups, candidate: groups }, pairs);
  return {
    ...rollout,
    live: arranged.live,
    candidate: { ...candidate, groups },
    plan: [...plan.slice(0, cursor), ...steps, ...rest],
  };
}

function isOfJoining({ kind, side }: Step): boolean {
  return side === 'candidate' ? kind === 'register' || kind === 'online' : kind === 'deregister';
}
