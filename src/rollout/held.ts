/**
 * Time in which a rollout is held, by a gate or by somebody's pause: no deadline runs meanwhile, and it is told apart from
 * the time in which the rollout went on.
 */
import type { Instant } from '../model/time.ts';
import type { Rollout } from './state.ts';

/** Moves every deadline by so much time in which the rollout stood still; that time counts as held. */
export function shiftDeadlines(rollout: Rollout, byMs: number): Rollout {
  const { deadlineAt, heldSince, heldMs } = rollout;
  return {
    ...rollout,
    heldMs: heldMs + byMs,
    deadlineAt: deadlineAt === undefined ? undefined : deadlineAt + byMs,
    // A gate in which it was paused does not count that time once more.
    heldSince: heldSince === undefined ? undefined : heldSince + byMs,
  };
}

/** From now on people are waited for. */
export function hold(rollout: Rollout, now: Instant): Rollout {
  return rollout.heldSince === undefined ? { ...rollout, heldSince: now } : rollout;
}

export function release(rollout: Rollout, now: Instant): Rollout {
  const { heldSince } = rollout;
  if (heldSince === undefined) return rollout;
  return { ...shiftDeadlines(rollout, Math.max(0, now - heldSince)), heldSince: undefined };
}

/** When the whole rollout is overdue; undefined where it has no such deadline. Moves while it is held. */
export function totalDeadlineAt({ settings, startedAt, heldMs }: Rollout): Instant | undefined {
  const { totalMs } = settings.deadlines;
  return totalMs === undefined ? undefined : startedAt + totalMs + heldMs;
}
