/**
 * A rollout to a release that was live before. What is still kept of it goes into rotation as it stands, with nothing made
 * and no gate asked; what is gone is made anew by the template that it ran by.
 */
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import { startRollout } from '../rollout/start.ts';
import type { AppState } from './app-state.ts';
import { newStack } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { templateOf } from './retained.ts';
import { heldTtl } from './ttl-memory.ts';

/** The release that is meant, or why there is none. `wanted`: a release id, a tag, or undefined for the one before. */
export function formerRelease(
  { releases, live }: Pick<AppState, 'releases' | 'live'>,
  wanted: string | undefined,
): { readonly release: Release } | { readonly refused: string } {
  const former = releases.map(({ release }) => release).filter(({ id }) => id !== live?.release.id);
  if (live === undefined) return { refused: 'nothing is live, so there is nothing to roll back from' };
  const names = former.map((release) => `${releaseName(release)} (${release.id})`).toReversed();
  const known = names.length === 0 ? 'none is known' : `known are ${names.join(', ')}`;
  if (wanted === undefined) {
    const last = former.at(-1);
    return last === undefined ? { refused: 'no release was live before this one' } : { release: last };
  }
  const found = former.findLast((release) => release.id === wanted || releaseName(release) === wanted);
  if (found !== undefined) return { release: found };
  const isLive = live.release.id === wanted || releaseName(live.release) === wanted;
  return { refused: isLive ? `${wanted} is live already` : `no release ${wanted} was live before; ${known}` };
}

/** Begins the rollout; the kept stack is the candidate from now on, so it is kept no more. */
export function rollBackTo(
  given: IdleGiven,
  release: Release,
  reason: string,
): IdleTurn | { readonly refused: string } {
  const { app, state, clock, events, newId } = given;
  if (templateOf(state, app, release) === undefined)
    return { refused: `the template that ${releaseName(release)} ran by is not kept any more` };
  const kept = state.retained.findLast(({ stack }) => stack.release.id === release.id);
  const candidate = kept?.stack ?? newStack(given, release);
  const rollout = startRollout({
    app,
    live: state.live,
    candidate,
    id: kept === undefined ? candidate.id : newId(),
    isRollback: true,
    proofs: kept?.proofs ?? {},
    heldTtlSeconds: heldTtl(state.ttl, clock.now()),
    now: clock.now(),
  });
  const retained = state.retained.filter((one) => one !== kept);
  return {
    state: { ...state, retained, rollout },
    announce: () => events.rolloutStarted(rollout, [reason]),
    wakeAt: clock.now(),
  };
}
