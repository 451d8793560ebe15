/**
 * How long an app waits, once one of its images has changed, for the rest of the set: until nothing has changed for the
 * settle time, but not for ever. Pure.
 */
import type { Instant } from '../model/time.ts';

/** A set of images that waits for its rollout. */
export interface Settling {
  /** Tells one set from another. */
  readonly set: string;
  /** When the first image changed. */
  readonly since: Instant;
  /** When the last one did. */
  readonly changedAt: Instant;
}

/** A repository that is pushed all the time postpones a rollout for so many settle times. */
export const MOST_SETTLE_TIMES = 5;

/** The very same value where nothing has changed; `before` is undefined where nothing waits yet. */
export function settle(before: Settling | undefined, seen: { readonly set: string; readonly now: Instant }): Settling {
  const { set, now } = seen;
  if (before === undefined) return { set, since: now, changedAt: now };
  return before.set === set ? before : { ...before, set, changedAt: now };
}

/** While something else holds it: it need not wait again for what came long before that ends, and no try is put off. */
export function settleHeld(
  before: Settling | undefined,
  seen: { readonly set: string; readonly now: Instant },
): Settling {
  const { changedAt } = before?.set === seen.set ? before : { changedAt: seen.now };
  return { set: seen.set, since: changedAt, changedAt };
}

export function settledAt({ since, changedAt }: Settling, settleMs: number): Instant {
  return Math.min(changedAt + settleMs, since + settleMs * MOST_SETTLE_TIMES);
}
