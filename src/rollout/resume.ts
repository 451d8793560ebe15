/**
 * A rollout that goes on in another life, or in another daemon. What was timed by a clock that may have been another one
 * is timed anew where safety hangs on it: drains, checks, and proofs that are not complete. Deadlines stay.
 */
import type { Rollout } from './state.ts';

export function resume(rollout: Rollout): Rollout {
  const proofs = Object.entries(rollout.proofs).filter(([, { verifiedAt }]) => verifiedAt !== undefined);
  return { ...rollout, removedAt: {}, seenOutAt: {}, tallies: {}, attempts: {}, proofs: Object.fromEntries(proofs) };
}
