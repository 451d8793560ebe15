/**
 * Rolling replaces groups while the others serve. Where the old ones that are to stay have broken meanwhile, too few would: then
 * the rest of the candidate comes before any more of the live stack leaves, as where it was broken from the start. What the
 * limit of groups says counts for less than that the rollout would wait for what nobody mends while it is under way.
 */
import { isServing, endpointOf } from './rotation.ts';
import { groupsIn, groupsOf } from './state.ts';
import type { Rollout, Step } from './state.ts';
import type { ObservedProfile } from './observation.ts';
import { maySendAway } from './rules.ts';

/** The rollout with its rest in that order; undefined where it would not help: nothing is left to come, or what has come does not serve. */
export function candidateFirst(
  rollout: Rollout,
  step: Step,
  profile: ObservedProfile | undefined,
): Rollout | undefined {
  const { plan, cursor, backPlan } = rollout;
  const isLeaving = step.kind === 'deregister' && step.side === 'live' && backPlan === undefined;
  if (profile === undefined || !isLeaving || maySendAway(rollout, step, profile)) return undefined;
  const rest = plan.slice(cursor);
  const coming = rest.filter(({ side }) => side === 'candidate');
  if (coming.length === 0) return undefined;
  const serves = (name: string) =>
    groupsOf(rollout, 'candidate').some((group) => group.name === name && isServing(endpointOf(profile, group)));
  const come = plan.slice(0, cursor).filter(({ kind, side }) => side === 'candidate' && kind === 'register');
  if (!come.flatMap((one) => groupsIn(rollout, one)).every(({ name }) => serves(name))) return undefined;
  return { ...rollout, plan: [...plan.slice(0, cursor), ...coming, ...rest.filter(({ side }) => side === 'live')] };
}
