/**
 * A rollout to a release that was live before, as an operator asked for. What is still kept of it goes into rotation as it
 * stands, started where it was stopped, with nothing made and no gate asked; what is gone is made anew by the template that it ran by.
 */
import { unknownPlaces } from '../config/templates/variants.ts';
import type { Release } from '../model/release.ts';
import type { ObservedProfile } from '../rollout/observation.ts';
import { startRollout } from '../rollout/start.ts';
import type { AppState } from './app-state.ts';
import { hasJustFailedToPutBack, putBack } from './app-repair.ts';
import { newStack, waitForProfile } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { leftOverFirst } from './left-over.ts';
import { lookAround } from './look-around.ts';
import { misfitOf } from './profile-fit.ts';
import type { WantedRollback } from './operator-state.ts';
import { rememberTemplate, templateOf } from './retained.ts';
import { takeOut } from './take-out.ts';
import { heldTtl } from './ttl-memory.ts';

const NOT_KEPT = 'its images or the template that it ran by are not kept any more';

/** Once the world could be looked at. */
export async function wayBack(given: IdleGiven, wanted: WantedRollback): Promise<IdleTurn> {
  const looked = await lookAround(given);
  if ('turn' in looked) return looked.turn;
  const leaving = hasJustFailedToPutBack(given) ? undefined : takeOut(given, looked);
  const first = leaving ?? leftOverFirst(given, looked);
  if (first !== undefined) return first;
  const turn = beginWayBack(given, wanted, looked.profile);
  const { drift } = looked.faults;
  const { live } = given.state;
  // While it waits for the profile, what serves is tended.
  return turn.state === undefined && live !== undefined && drift !== undefined ? putBack(given, live, drift) : turn;
}

/** Begins the rollout; the kept stack is its candidate from now on, so it is kept no more. */
export function beginWayBack(
  given: Pick<IdleGiven, 'app' | 'owner' | 'state' | 'memory' | 'clock' | 'events' | 'newId' | 'sweepMs'>,
  wanted: WantedRollback,
  profile?: ObservedProfile,
): IdleTurn {
  const { app, owner, state, clock, events, newId } = given;
  const release = formerRelease(state, wanted.to);
  const template = release === undefined ? undefined : templateOf(state, app, release);
  if (release === undefined || template === undefined) return cannot(given, wanted, NOT_KEPT);
  const kept = state.retained.findLast(({ kind, stack }) => kind !== 'failed' && stack.release.id === release.id);
  const { known, unknown } = unknownPlaces(template.document, kept === undefined ? app.locations : []);
  if (unknown.length > 0) {
    const where = unknown.join(', ');
    const why = `its template was evaluated for ${known.join(', ')}, and nothing is known of ${where}`;
    return cannot(given, wanted, `${why}; roll back once ${where} is no location of the app, or roll forward`);
  }
  const candidate = kept?.stack ?? newStack(given, release);
  const misfit = misfitOf({ app, owner, profile, live: state.live, candidate, strategy: { kind: 'blueGreen' } });
  if (misfit !== undefined) return waitForProfile(given, `${wanted.name} is not rolled back to: ${misfit}`);
  const rollout = startRollout({
    app,
    owner,
    profile,
    live: state.live,
    candidate,
    id: kept === undefined ? candidate.id : newId(),
    isRollback: true,
    proofs: kept?.proofs ?? {},
    ...(kept?.as === 'stopped' ? { kept: { until: kept.until, by: wanted.by, name: wanted.name, at: wanted.at } } : {}),
    heldTtlSeconds: heldTtl(state.ttl, clock.now()),
    now: clock.now(),
  });
  const retained = state.retained.filter((one) => one !== kept);
  const operator = { ...state.operator, rollback: undefined };
  return {
    state: { ...rememberTemplate(state, app), retained, operator, rollout },
    announce: () => events.rolloutStarted(rollout, [`${wanted.by} asked for ${wanted.name}`]),
    wakeAt: clock.now(),
  };
}

function formerRelease({ releases, retained }: AppState, id: string): Release | undefined {
  const kept = retained.find(({ stack }) => stack.release.id === id)?.stack.release;
  return kept ?? releases.find(({ release }) => release.id === id)?.release;
}

/** It cannot be made again: the app goes on as if it had not been asked for, and says so. */
function cannot(
  { app, state, clock, events }: Pick<IdleGiven, 'app' | 'state' | 'clock' | 'events'>,
  { name }: WantedRollback,
  why: string,
): IdleTurn {
  const operator = { ...state.operator, rollback: undefined };
  const reason = `${name} cannot be rolled back to: ${why}`;
  return {
    state: { ...state, operator },
    announce: () => events.appHeld(app, 'rollback', reason),
    wakeAt: clock.now(),
  };
}
