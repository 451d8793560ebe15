/**
 * Stacks of ours that nothing needs, and how they go. They keep nothing waiting, but where two may never run at a time: there
 * whatever is left over, such as a failed candidate that took too long to delete, is gone before anything else is made.
 */
import type { Stack } from '../rollout/effect.ts';
import { startCleanUp } from '../rollout/start.ts';
import { isSingleWriter } from '../rollout/unsettled.ts';
import { beginNow, lookAgainMs } from './idle.ts';
import type { IdleGiven, IdleMemory, IdleTurn } from './idle.ts';
import { strayKey } from './look-around.ts';
import type { Looked } from './look-around.ts';
import { noLongerKept } from './retained.ts';
import { heldTtl } from './ttl-memory.ts';

/** In the order in which they go. */
export function leftOver({ state, app, clock }: IdleGiven, { strays }: Pick<Looked, 'strays'>): readonly Stack[] {
  return [...noLongerKept(state, app.rollout, clock.now()), ...strays];
}

/** Undefined where what is left over, or may be, keeps nothing waiting. */
export function leftOverFirst(given: IdleGiven, looked: Pick<Looked, 'strays'>): IdleTurn | undefined {
  const { app, memory, clock } = given;
  if (!isSingleWriter(app.rollout)) return undefined;
  const [stray] = leftOver(given, looked);
  if (stray !== undefined) return cleanUp(given, stray);
  // Seen once: whether it is on its way is not known yet.
  const isUnsure = memory.strays.size > 0 || !isSeenBareTwice(memory);
  return isUnsure ? { wakeAt: clock.now() + lookAgainMs(app) } : undefined;
}

/** One list may lack what the last rollout has left, or what was made before the state was lost. */
function isSeenBareTwice({ bareSince, sweptAt }: IdleMemory): boolean {
  return bareSince !== undefined && sweptAt !== undefined && bareSince < sweptAt;
}

/** Of a stack that nothing needs any more, with the full wait of a live one. */
export function cleanUp(given: IdleGiven, stray: Stack): IdleTurn {
  const { app, state, memory, clock } = given;
  memory.strays.delete(strayKey(stray));
  const heldTtlSeconds = heldTtl(state.ttl, clock.now());
  const rollout = startCleanUp({ app, stray, id: given.newId(), now: clock.now(), heldTtlSeconds });
  return beginNow(given, rollout, 'a stack of ours that nothing needs any more was seen twice');
}
