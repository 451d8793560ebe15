/**
 * Rolling replaces groups while the others serve. Where the old ones that are to stay have broken meanwhile, too few would: then
 * the rest of the candidate comes before any more of the live stack leaves, as where it was broken from the start. What the
 * limit of groups says counts for less than that the rollout would wait for what nobody mends while it is under way.
 */
import type { StackGroup } from './effect.ts';
import { endpointOf, isServing } from './rotation.ts';
import { groupsIn } from './state.ts';
import type { Rollout, Step, StepKind } from './state.ts';
import type { ObservedProfile } from './observation.ts';
import { maySendAway } from './rules.ts';

/** Of these, what is in rotation yet, or again, cannot leave while too few others serve. */
export const LEAVING: ReadonlySet<StepKind> = new Set(['deregister', 'drain', 'retire']);

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
  const { left, out } = parts(rollout, step, profile);
  const isWorthIt = left.length > 0 && coming.some(({ kind }) => kind === 'provision');
  if (!isWorthIt || !haveAllServed(rollout, profile)) return undefined;
  const isFirst = step.kind === 'deregister';
  // Those that are out were, by a step of their own, before one that somebody has brought back.
  const before = isFirst && out.length > 0 ? [{ ...step, part: partOf(step, 'out already'), only: out }] : [];
  const after: readonly Step[] = isFirst
    ? [{ ...step, only: left }]
    : [{ kind: 'deregister', side: 'live', part: partOf(step, 'again'), only: left, keeps: step.keeps }, step];
  const leaving = [...after, ...rest.filter(({ side }) => side === 'live')];
  return { ...rollout, plan: [...plan.slice(0, cursor), ...before, ...coming, ...leaving] };
}

/** Not once it has turned forward: how far it had come is told by the places in its plan. */
function isLeaving({ backPlan, reached }: Rollout, { kind, side }: Step): boolean {
  return LEAVING.has(kind) && side === 'live' && backPlan === undefined && reached === undefined;
}

function haveAllServed(rollout: Rollout, profile: ObservedProfile): boolean {
  const come = rollout.plan
    .slice(0, rollout.cursor)
    .filter(({ kind, side }) => kind === 'register' && side === 'candidate');
  return come.flatMap((step) => groupsIn(rollout, step)).every((group) => isServing(endpointOf(profile, group)));
}

/** The names of the step's groups that are in rotation, and of those that are not. */
function parts(rollout: Rollout, step: Step, profile: ObservedProfile) {
  const isIn = (group: StackGroup) => endpointOf(profile, group)?.enabled === true;
  const groups = groupsIn(rollout, step);
  const namesOf = (some: readonly StackGroup[]) => some.map(({ name }) => name);
  return { left: namesOf(groups.filter(isIn)), out: namesOf(groups.filter((group) => !isIn(group))) };
}

function partOf({ part, kind }: Step, what: string): string {
  return `${part ?? kind}, ${what}`;
}
