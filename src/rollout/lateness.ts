/**
 * Whether a step that waits is overdue, or the whole rollout is. The deadline of a step counts from the last progress in
 * it: more groups ready, verified or written than ever before, so that what comes and goes does not put it off for ever.
 */
import type { Instant } from '../model/time.ts';
import { totalDeadlineAt } from './held.ts';
import { isPastNoReturn } from './state.ts';
import type { Rollout, Step } from './state.ts';
import { STEPS } from './steps/index.ts';
import type { Verdict } from './verdict.ts';

type Waiting = Extract<Verdict, { kind: 'waiting' }>;

export interface Lateness {
  readonly of: 'step' | 'rollout';
  /** For people. */
  readonly reason: string;
}

export function noteProgress(rollout: Rollout, step: Step, seen: { progress: number | undefined; now: Instant }) {
  const { progress = 0, now } = seen;
  if (progress <= (rollout.progress?.best ?? 0)) return rollout;
  const deadlineAt = rollout.deadlineAt === undefined ? undefined : now + STEPS[step.kind].deadlineMs(rollout, step);
  return { ...rollout, progress: { best: progress, at: now }, deadlineAt };
}

/** Undefined while nothing is overdue, and while nothing is better than to wait. */
export function latenessOf(
  rollout: Rollout,
  verdict: Waiting,
  { step, now }: { step: Step; now: Instant },
): Lateness | undefined {
  if (verdict.isPatient === true || verdict.isHeld === true) return undefined;
  const totalAt = mayTurnBack(rollout) ? totalDeadlineAt(rollout) : undefined;
  // Told and waited for all the same: from then on each step is late by itself again.
  if (totalAt !== undefined && now >= totalAt && rollout.told?.rollout !== true) {
    const held = rollout.heldMs === 0 ? '' : `, without ${rollout.heldMs / 1000} s in which it was held`;
    const { totalMs = 0 } = rollout.settings.deadlines;
    return { of: 'rollout', reason: `the rollout took longer than ${totalMs / 1000} s${held}: ${verdict.waitingOn}` };
  }
  // A wait whose end is known is not overdue before it.
  if (rollout.deadlineAt === undefined || now < Math.max(rollout.deadlineAt, verdict.until ?? 0)) return undefined;
  const seconds = STEPS[step.kind].deadlineMs(rollout, step) / 1000;
  const what = rollout.progress === undefined ? 'took longer than' : 'made no progress for';
  return { of: 'step', reason: `${step.kind} ${what} ${seconds} s: ${verdict.waitingOn}` };
}

/** True where it was said before and the rollout goes on all the same. */
export function isTold({ told }: Rollout, { of }: Lateness): boolean {
  return told?.[of] === true;
}

/**
 * With `onDeadline: wait`, what could turn back is only said to be late. Not what puts the live stack as it should be: it has
 * nothing to lose, is tried again, and newer releases and clean-up wait for its end.
 */
export function isWaitedFor(rollout: Rollout): boolean {
  return rollout.settings.onDeadline === 'wait' && rollout.candidate !== undefined && mayTurnBack(rollout);
}

function mayTurnBack(rollout: Rollout): boolean {
  return rollout.backPlan === undefined && !isPastNoReturn(rollout);
}
