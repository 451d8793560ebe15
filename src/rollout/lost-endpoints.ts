/**
 * What a rollout has put into rotation, or leaves there for now, and somebody has deleted, disabled or led elsewhere since. The
 * step that has put it there is over, so whoever needs it to serve writes it again.
 */
import type { Effect, StackGroup } from './effect.ts';
import { enabling } from './enabling.ts';
import type { ObservedProfile } from './observation.ts';
import { endpointOf } from './rotation.ts';
import { groupsIn, groupsOf, isProven } from './state.ts';
import type { Rollout, Step, StepKind } from './state.ts';
import { weightsFor } from './weights.ts';

const PUTS_IN: ReadonlySet<StepKind> = new Set(['register', 'weigh', 'swap']);

/** On the way there only: the way back writes all that it needs. */
export function lostEndpoints(rollout: Rollout, profile: ObservedProfile): readonly Effect[] {
  const { plan, backPlan, cursor } = rollout;
  if (backPlan !== undefined) return [];
  const candidate = ofSteps(
    rollout,
    plan.slice(0, cursor),
    ({ kind, side }) => side === 'candidate' && PUTS_IN.has(kind),
  );
  const live = ofSteps(rollout, plan.slice(cursor + 1), ({ kind, side }) => side === 'live' && kind === 'deregister');
  const weight = candidateWeight(rollout);
  return [
    ...candidate.filter((group) => isProven(rollout, group.name) && isLost(rollout, profile, group)),
    ...live.filter((group) => isLost(rollout, profile, group)),
  ].flatMap((group): readonly Effect[] => {
    const effect = enabling(rollout, profile, group);
    if (effect === undefined) return [];
    return effect.kind === 'enableEndpoint' && weight !== undefined && candidate.includes(group)
      ? [{ ...effect, weight }]
      : [effect];
  });
}

function ofSteps(rollout: Rollout, steps: readonly Step[], isMeant: (step: Step) => boolean): readonly StackGroup[] {
  return [...new Set(steps.filter(isMeant).flatMap((step) => groupsIn(rollout, step)))];
}

/** Its weight may wait: it serves. */
function isLost({ targets }: Rollout, profile: ObservedProfile, group: StackGroup): boolean {
  const endpoint = endpointOf(profile, group);
  const target = targets[group.name];
  if (endpoint === undefined || !endpoint.enabled) return true;
  return target !== undefined && endpoint.target?.toLowerCase() !== target.toLowerCase();
}

/** By the share that it has now; undefined where it has the app's own. */
function candidateWeight(rollout: Rollout): number | undefined {
  const { share } = rollout.plan.slice(0, rollout.cursor).findLast(({ kind }) => kind === 'weigh') ?? {};
  if (share === undefined) return undefined;
  const [live, candidate] = [groupsOf(rollout, 'live').length, groupsOf(rollout, 'candidate').length];
  return weightsFor(share, { live, candidate }).candidate;
}
