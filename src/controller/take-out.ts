/**
 * Never three releases in rotation: what of ours is in rotation beside the live stack, as half of a rollout is once the state
 * was lost, leaves it before another release comes. Only that is waited for, not that it is taken away.
 */
import type { ObservedProfile } from '../rollout/observation.ts';
import { endpointOf, isEligible, isServing } from '../rollout/rotation.ts';
import { maySendAway } from '../rollout/rules.ts';
import { startTakeOut } from '../rollout/start.ts';
import { hasJustFailedToTakeOut, hasJustTriedToPutBack } from './app-repair.ts';
import { beginNow, lookAgainMs } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import type { Looked } from './look-around.ts';

/** Undefined where nothing has to leave, or it cannot: as all that serves it stays, and must not hold a newer release up. */
export function takeOut(
  given: IdleGiven,
  { beside, profile }: Pick<Looked, 'beside' | 'profile'>,
): IdleTurn | undefined {
  const { app, clock, newId } = given;
  if (hasJustFailedToTakeOut(given)) return undefined;
  const rollouts = beside.map(({ stack, isConfirmed }) => {
    return { isConfirmed, rollout: startTakeOut({ app, stack, id: newId(), now: clock.now() }) };
  });
  const able = rollouts.filter(({ rollout }) => {
    const [step] = rollout.plan;
    return step !== undefined && profile !== undefined && maySendAway(rollout, step, profile);
  });
  if (able.length === 0) return rollouts.length > 0 && isComing(given, profile) ? waitForLook(given) : undefined;
  const rollout = able.find(({ isConfirmed }) => isConfirmed)?.rollout;
  // Seen once, it may be on its way out.
  if (rollout === undefined) return waitForLook(given);
  return beginNow(given, rollout, 'a stack of ours beside the live one is in rotation');
}

/** What was put back into rotation just now serves in their place as soon as Traffic Manager has looked at it. */
function isComing(given: IdleGiven, profile: ObservedProfile | undefined): boolean {
  if (profile === undefined || !hasJustTriedToPutBack(given)) return false;
  const endpoints = (given.state.live?.groups ?? []).map((group) => endpointOf(profile, group));
  return endpoints.some((endpoint) => isEligible(endpoint) && !isServing(endpoint));
}

function waitForLook({ app, clock }: IdleGiven): IdleTurn {
  return { wakeAt: clock.now() + lookAgainMs(app) };
}
