/**
 * An app that has left the config, or has another name there now: what was under way is ended first, then its groups are
 * kept or taken away, as the config says. Without the config, all that is known of it is its stored state and the tags of
 * its groups.
 */
import type { App } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import { isServing } from '../rollout/rotation.ts';
import { enter, startCleanUp } from '../rollout/start.ts';
import { currentStep } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import { lookAgainMs, sayHeld } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { ourEndpoints } from './inventory.ts';
import type { InventoryGiven } from './inventory.ts';
import { leftOfRemoved, mayComeBackUntil } from './left-of-removed.ts';
import { lookAtAll, withSingleLooks } from './look-around.ts';
import { callOff, canBeCalledOff } from './supersede.ts';
import type { Turned } from './supersede.ts';
import { heldTtl } from './ttl-memory.ts';

export interface Removal {
  readonly onRemoval: 'keep' | 'retire';
  /** Apps of the config that serve by the same profile, as after a change of name: they serve before this one goes. */
  readonly successors: readonly App[];
}

/** A rollout of such an app is called off as long as its candidate serves nobody; later it is finished. */
export function endOfRemoved(rollout: Rollout, now: Instant): Turned | undefined {
  if (!canBeCalledOff(rollout)) return undefined;
  // Nobody would take it away later.
  const settings = { ...rollout.settings, keepFailedMs: 0 };
  return callOff(
    { ...rollout, settings },
    { outcome: 'Aborted', reason: `app ${rollout.app} has left the config` },
    now,
  );
}

/**
 * The app is in this config, so its live stack is not to be taken away, whoever began that: the rollout just ends, and
 * what is lacking by then is repaired.
 */
export function endOfRemoval(rollout: Rollout, state: Pick<AppState, 'live'>, now: Instant): Turned | undefined {
  const step = currentStep(rollout);
  if (rollout.candidate !== undefined || rollout.turnedBack !== undefined || step === undefined) return undefined;
  // After a change of name it is a clean-up.
  if (rollout.reason !== 'removal' && rollout.reason !== 'cleanUp') return undefined;
  const live = new Set(state.live?.groups.map(({ name }) => name));
  if (rollout.live?.groups.some(({ name }) => live.has(name)) !== true) return undefined;
  const reason = `app ${rollout.app} is in the config`;
  const turnedBack = { outcome: 'Aborted' as const, reason, fault: 'operator' as const, at: now };
  const change = { kind: 'turnedBack' as const, step, fault: turnedBack.fault, reason };
  return { rollout: enter({ ...rollout, backPlan: [], turnedBack }, 0, now), change };
}

export async function removedTurn(given: IdleGiven, removal: Removal): Promise<IdleTurn> {
  const { app, state, clock, events } = given;
  if (removal.onRemoval === 'keep') {
    events.appKept(app, state.live);
    return { wakeAt: clock.now(), isOver: true };
  }
  const looked = await lookAtAll(given);
  if ('turn' in looked) return looked.turn;
  const awaited = awaitedSuccessor(removal.successors, looked.inventoryGiven);
  if (awaited !== undefined) {
    sayHeld(given, 'successor', awaited);
    return { wakeAt: clock.now() + lookAgainMs(app) };
  }
  const groups = await withSingleLooks(given, looked.inventoryGiven.groups);
  if (groups === undefined) return { wakeAt: clock.now() + lookAgainMs(app) };
  const stray = leftOfRemoved(state, { ...looked.inventoryGiven, groups });
  if (stray === undefined) return nothingLeft(given);
  given.memory.isBare = false;
  const rollout = startCleanUp({
    app,
    stray,
    id: given.newId(),
    now: clock.now(),
    heldTtlSeconds: heldTtl(state.ttl, clock.now()),
    isRemoval: removal.successors.length === 0,
  });
  const announce = () => events.rolloutStarted(rollout, ['the app has left the config']);
  return { state: { ...state, rollout }, announce, wakeAt: clock.now() + lookAgainMs(app) };
}

/** R1: each app that takes this one's place has all of its endpoints Online first, not only the first of them. */
function awaitedSuccessor(successors: readonly App[], given: InventoryGiven): string | undefined {
  for (const app of successors) {
    const { name, replicas, locations } = app;
    const wanted = replicas * locations.length;
    const serving = ourEndpoints({ ...given, app }).filter((endpoint) => isServing(endpoint)).length;
    if (serving < wanted)
      return `app ${name} takes its place on ${given.profile?.fqdn}, and ${serving} of its ${wanted} endpoints are Online`;
  }
  return undefined;
}

/** Seen by this look and the one before, once nothing can come back any more. */
function nothingLeft({ app, state, memory, clock, events }: IdleGiven): IdleTurn {
  const isSettled = clock.now() >= (mayComeBackUntil(state) ?? -Infinity);
  if (!memory.isBare || !isSettled) {
    memory.isBare = isSettled;
    return { wakeAt: clock.now() + lookAgainMs(app) };
  }
  return {
    state: { ...state, live: undefined, retained: [], condemned: [], retry: undefined },
    // Where there is none, the daemon that took it away has said so.
    announce: () => (state.live === undefined ? undefined : events.appRetired(app)),
    wakeAt: clock.now(),
    isOver: true,
  };
}
