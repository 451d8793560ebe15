/**
 * Rolling replaces groups while the others serve. Where the old ones that are to stay have broken meanwhile, too few would: then
 * the rest of the candidate comes before any more of the live stack leaves, as where it was broken from the start. What the
 * limit of groups says counts for less than that the rollout would wait for what nobody mends while it is under way.
 */
import { endpointOf, isServing } from './rotation.ts';
import { groupsIn } from './state.ts';
import type { Rollout, Step } from './state.ts';
import type { ObservedProfile } from './observation.ts';
import { maySendAway } from './rules.ts';

/**
 * The rollout with its rest in that order; undefined where it would not help: no group is left to come, or one that has come
 * does not serve. What is out of rotation already stays a step that was entered: the way back puts it in again.
 */
export function candidateFirst(
  rollout: Rollout,
  step: Step,
  profile: ObservedProfile | undefined,
): Rollout | undefined {
  const { plan, cursor } = rollout;
  if (profile === undefined || !isLeaving(rollout, step) || maySendAway(rollout, step, profile)) return undefined;
  const rest = plan.slice(cursor + 1);
  const coming = rest.filter(({ side }) => side === 'candidate');
  if (!coming.some(({ kind }) => kind === 'provision') || !haveAllServed(rollout, profile)) return undefined;
  const leaving = [...leftIn(rollout, step, profile), ...rest.filter(({ side }) => side === 'live')];
  return { ...rollout, plan: [...plan.slice(0, cursor), ...outOf(rollout, step, profile), ...coming, ...leaving] };
}

/** Not once it has turned forward: how far it had come is told by the places in its plan. */
function isLeaving({ backPlan, reached }: Rollout, { kind, side }: Step): boolean {
  return kind === 'deregister' && side === 'live' && backPlan === undefined && reached === undefined;
}

function haveAllServed(rollout: Rollout, profile: ObservedProfile): boolean {
  const come = rollout.plan
    .slice(0, rollout.cursor)
    .filter(({ kind, side }) => kind === 'register' && side === 'candidate');
  return come.flatMap((step) => groupsIn(rollout, step)).every((group) => isServing(endpointOf(profile, group)));
}

/** The part of the step that is done; none where nothing is. */
function outOf(rollout: Rollout, step: Step, profile: ObservedProfile): readonly Step[] {
  const out = names(rollout, step, profile, false);
  return out.length === 0 ? [] : [{ ...step, part: `${step.part ?? step.kind}, out already`, only: out }];
}

function leftIn(rollout: Rollout, step: Step, profile: ObservedProfile): readonly Step[] {
  return [{ ...step, only: names(rollout, step, profile, true) }];
}

function names(rollout: Rollout, step: Step, profile: ObservedProfile, isIn: boolean): readonly string[] {
  const groups = groupsIn(rollout, step).filter((group) => (endpointOf(profile, group)?.enabled === true) === isIn);
  return groups.map(({ name }) => name);
}
