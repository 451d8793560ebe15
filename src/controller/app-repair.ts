/**
 * Repairs of the live stack, as rollouts: endpoints that somebody changed are written again, a stack with broken groups is
 * replaced by the same release.
 */
import type { Stack } from '../rollout/effect.ts';
import { MINUTE } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { startDriftRepair, startRetag, startRollout } from '../rollout/start.ts';
import type { Reason } from '../rollout/state.ts';
import type { ObservedProfile } from '../rollout/observation.ts';
import type { Summary } from './app-state.ts';
import {
  beginNow,
  newStack,
  NOTHING_SEEN,
  refusalToStart,
  sayHeld,
  SWEEP_INTERVAL_MS,
  waitForProfile,
} from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { misfitOf } from './profile-fit.ts';
import { templateOf } from './retained.ts';
import { heldTtl } from './ttl-memory.ts';

const PUT_BACK_PAUSE_MS = 5 * MINUTE;

export function putBack(given: IdleGiven, live: Stack, reason: string): IdleTurn {
  const { app, state, clock, newId } = given;
  const rollout = startDriftRepair({ app, live, proofs: state.liveProofs, id: newId(), now: clock.now() });
  return beginNow(given, rollout, reason);
}

export function retag(given: IdleGiven, live: Stack, reason: string): IdleTurn {
  const { app, clock, newId } = given;
  return beginNow(given, startRetag({ app, live, id: newId(), now: clock.now() }), reason);
}

/** Endpoints that cannot be put back, or taken out, must not keep an app from its newest release for ever. */
export function hasJustFailedToPutBack({ state, clock }: IdleGiven): boolean {
  return hasJustFailed(
    state.history.findLast(({ reason }) => reason !== 'takeOut'),
    { of: 'drift', now: clock.now() },
  );
}

export function hasJustFailedToTakeOut({ state, clock }: IdleGiven): boolean {
  return hasJustFailed(
    state.history.findLast(({ reason }) => reason !== 'drift'),
    { of: 'takeOut', now: clock.now() },
  );
}

/** Traffic Manager may not have looked at it yet. */
export function hasJustTriedToPutBack({ state, clock }: IdleGiven): boolean {
  return isRecent(state.history.at(-1), { of: 'drift', now: clock.now() });
}

function hasJustFailed(last: Summary | undefined, given: { of: Reason; now: Instant }): boolean {
  return last?.outcome !== 'Succeeded' && isRecent(last, given);
}

function isRecent(last: Summary | undefined, { of, now }: { of: Reason; now: Instant }): boolean {
  return last?.reason === of && now < last.endedAt + PUT_BACK_PAUSE_MS;
}

/** The same release through the same steps; after a failure not before its pause is over. */
export function repair(
  given: IdleGiven,
  live: Stack,
  { reason, profile }: { reason: string; profile: ObservedProfile | undefined },
): IdleTurn {
  const { app, owner, state, memory, clock } = given;
  const held = refusalToStart(given, live.release);
  if (held !== undefined) {
    sayHeld(given, held.hold, `${reason}, and ${held.reason}`);
    return { wakeAt: held.until ?? clock.now() + SWEEP_INTERVAL_MS };
  }
  // What cannot be told to be out of date is made again as it was.
  const isUnknown = app.template.versions?.kind === 'unknown' && templateOf(state, app, live.release) !== undefined;
  if (live.release.templateHash !== app.template.hash && !isUnknown) {
    sayHeld(given, 'repair', `${reason}; its template has changed since, so it is replaced with the next release`);
    return { wakeAt: clock.now() + SWEEP_INTERVAL_MS };
  }
  const candidate = newStack(given, live.release);
  const misfit = misfitOf({ app, owner, profile, live, candidate, strategy: { kind: 'blueGreen' } });
  if (misfit !== undefined) return waitForProfile(given, `${reason}, and it is not replaced: ${misfit}`);
  memory.live = NOTHING_SEEN;
  const heldTtlSeconds = heldTtl(state.ttl, clock.now());
  const stacks = { live, candidate };
  const rollout = startRollout({ app, owner, profile, ...stacks, isRepair: true, heldTtlSeconds, now: clock.now() });
  return beginNow(given, rollout, reason);
}
