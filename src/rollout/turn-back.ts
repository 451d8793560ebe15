/**
 * The way back: the steps that were entered are undone, last first, by the same kinds of step on the same stacks. After
 * the point of no return there is no way back, only forward.
 */
import type { Instant } from '../model/time.ts';
import type { TurnBack, Rollout, Step } from './state.ts';
import { drainedAt } from './drained.ts';
import { isPastNoReturn, leavesStacks, stepName } from './state.ts';
import { enter } from './start.ts';
import { STEPS } from './steps/index.ts';

/** Turns the rollout back; unchanged where it cannot be, or is already going back. */
export function turnBack(rollout: Rollout, why: Omit<TurnBack, 'at'>, now: Instant): Rollout {
  if (rollout.backPlan !== undefined || rollout.finished !== undefined || isPastNoReturn(rollout)) return rollout;
  const backPlan = withCapture(rollout, planBack(rollout), why);
  return enter({ ...rollout, backPlan, reached: reachedBy(rollout), turnedBack: { ...why, at: now } }, 0, now);
}

/**
 * What can be seen of the candidate is kept before it goes, and out of rotation: nobody is served by it any more. A
 * candidate that failed by its own fault, or that somebody called off, may stay for a while.
 */
function withCapture(rollout: Rollout, planned: readonly Step[], why: Omit<TurnBack, 'at'>): readonly Step[] {
  const isReturning = rollout.kept !== undefined && why.fault !== 'release';
  const steps = isReturning ? stoppedAgain(planned) : planned;
  const first = steps.findIndex((step) => isRetiringCandidate(step) || isStoppingCandidate(step));
  if (first < 0 || why.outcome === 'Superseded') return tagsLast(steps, false);
  const { settings, traffic } = rollout;
  // Without traffic it cannot be taken out of anything, and would go on working.
  const isKept =
    (settings.keepFailedMs ?? 0) > 0 &&
    traffic !== undefined &&
    !isReturning &&
    (why.fault === 'release' || why.outcome === 'Aborted');
  const last = steps.slice(first).filter((step) => !isKept || !isRetiringCandidate(step));
  return tagsLast([...steps.slice(0, first), { kind: 'capture', side: 'candidate' }, ...last], isKept);
}

/** What was kept is kept on, stopped as it was, in place of being deleted. */
function stoppedAgain(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => (isRetiringCandidate(step) ? { ...step, kind: 'stop' as const } : step));
}

/** Nothing that brings traffic back waits for a tag; and what is deleted needs none. */
function tagsLast(steps: readonly Step[], isCandidateKept: boolean): readonly Step[] {
  const tags = steps.filter(({ kind, side }) => kind === 'tag' && (side === 'live' || isCandidateKept));
  return [...steps.filter(({ kind }) => kind !== 'tag'), ...tags];
}

function isRetiringCandidate({ kind, side }: Step): boolean {
  return kind === 'retire' && side === 'candidate';
}

function isStoppingCandidate({ kind, side }: Step): boolean {
  return kind === 'stop' && side === 'candidate';
}

/** True where its way back has left the candidate standing, out of rotation and drained. */
export function hasKeptFailed(rollout: Rollout, at: Instant): boolean {
  const { backPlan, candidate } = rollout;
  if (candidate === undefined || backPlan === undefined) return false;
  const drained = drainedAt(rollout, candidate.groups);
  const isLeft =
    backPlan.some(({ kind }) => kind === 'capture') && !backPlan.some(isRetiringCandidate) && !isKeptOn(rollout);
  return isLeft && drained !== undefined && drained <= at;
}

/** True where its way back has stopped the candidate again, to be kept on. */
export function isKeptOn({ kept, backPlan }: Rollout): boolean {
  return kept !== undefined && backPlan?.some(isStoppingCandidate) === true;
}

export function planBack(rollout: Rollout): readonly Step[] {
  // What somebody changed cannot be put back: nothing was done, nothing is undone.
  if (leavesStacks(rollout)) return [];
  const entered = rollout.plan.slice(0, reachedBy(rollout) + 1);
  return onlyOnce(entered.toReversed().flatMap((step) => STEPS[step.kind].undo(step)));
}

/** One that went forward after all begins before the steps that it had come to, and what those have deleted is gone. */
function reachedBy({ cursor, reached = 0 }: Rollout): number {
  return Math.max(cursor, reached);
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
