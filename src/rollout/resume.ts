/**
 * A rollout that goes on in another life, or in another daemon. What was timed by a clock that may have been another one
 * is timed anew where safety hangs on it: drains, checks, and proofs that are not complete. Deadlines stay. What jobs came to
 * does not hang on a clock: none is run twice.
 */
import { isJob } from '../model/check.ts';
import { isKnownToAll } from './confirmation.ts';
import { checksOf, currentStep, tallyKey } from './state.ts';
import type { Rollout } from './state.ts';

export function resume(rollout: Rollout): Rollout {
  const proofs = Object.entries(rollout.proofs).filter(([, { verifiedAt }]) => verifiedAt !== undefined);
  return {
    ...rollout,
    removedAt: {},
    seenOutAt: {},
    confirmations: {},
    handedOut: handedOutLong(rollout),
    onlineStreak: undefined,
    tallies: talliesOfJobs(rollout),
    attempts: {},
    proofs: Object.fromEntries(proofs),
    jobs: withoutTimes(rollout),
  };
}

/** What was known to all is so by any clock; of the rest it is found out anew. */
function handedOutLong(rollout: Rollout): Rollout['handedOut'] {
  const known = Object.entries(rollout.handedOut ?? {}).filter(([, one]) => isKnownToAll(rollout, one));
  return Object.fromEntries(known.map(([name, one]) => [name, { ...one, since: 0 }]));
}

function talliesOfJobs(rollout: Rollout): Rollout['tallies'] {
  const step = currentStep(rollout);
  if (step === undefined) return {};
  const keys = checksOf(rollout, step).flatMap((check) => (isJob(check) ? [tallyKey(rollout, check.name)] : []));
  return Object.fromEntries(
    keys.flatMap((key) => {
      const tally = rollout.tallies[key];
      return tally === undefined ? [] : [[key, { ...tally, lastAt: 0 }]];
    }),
  );
}

function withoutTimes({ jobs }: Rollout): Rollout['jobs'] {
  if (jobs === undefined) return undefined;
  const runs = Object.entries(jobs);
  return Object.fromEntries(runs.map(([name, run]) => [name, { ...run, createdAt: undefined, runningAt: undefined }]));
}
