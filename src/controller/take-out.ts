/**
 * Never three releases in rotation: what of ours is in rotation beside the live stack, as half of a rollout is once the state
 * was lost, leaves it before another release comes. Only that is waited for, not that it is taken away.
 */
import { maySendAway } from '../rollout/rules.ts';
import { startTakeOut } from '../rollout/start.ts';
import { hasJustFailedToTakeOut } from './app-repair.ts';
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
  if (able.length === 0) return undefined;
  const rollout = able.find(({ isConfirmed }) => isConfirmed)?.rollout;
  // Seen once, it may be on its way out.
  if (rollout === undefined) return { wakeAt: clock.now() + lookAgainMs(app) };
  return beginNow(given, rollout, 'a stack of ours beside the live one is in rotation');
}
