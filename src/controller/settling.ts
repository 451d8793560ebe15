/**
 * The wait of an idle app for the rest of a set of images: whether there is one, until when, and how the log tells of it.
 * What it waits for is kept in memory only, so a restart begins the wait anew.
 */
import type { Release, ReleaseImage } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import { settle, settledAt, settleHeld } from '../policy/settle.ts';
import { isNews } from './idle.ts';
import type { IdleGiven } from './idle.ts';

/** When a rollout of the release may start; undefined: now. */
export function waitForSet(given: IdleGiven, release: Release): Instant | undefined {
  const { app, memory, clock, events } = given;
  const changed = changedImages(given, release);
  if (app.settleMs === 0 || changed.length === 0 || hasSettledBefore(given, release)) return undefined;
  memory.settling = settle(memory.settling, { set: release.id, now: clock.now() });
  const until = settledAt(memory.settling, app.settleMs);
  if (clock.now() >= until) return undefined;
  if (isNews(memory, `settling ${release.id} ${until}`)) events.appSettling(app, { release, changed, until });
  return until;
}

/** Its wait goes on while it is held: a window that is no longer than the wait would else never see the end of it. */
export function waitOnWhileHeld({ app, memory, clock }: IdleGiven, release: Release): void {
  memory.settling = app.settleMs === 0 ? undefined : settleHeld(memory.settling, { set: release.id, now: clock.now() });
}

/** Of what serves: a first deployment keeps nobody waiting, and a template changes with a restart only. */
function changedImages({ state }: IdleGiven, release: Release): readonly ReleaseImage[] {
  const live = state.live?.release.images;
  if (live === undefined) return [];
  return release.images.filter(
    ({ container, digest }) => !live.some((image) => image.container === container && image.digest === digest),
  );
}

/** It was begun already, and failed by no fault of its own. */
function hasSettledBefore({ state }: IdleGiven, release: Release): boolean {
  return state.retry?.releaseId === release.id;
}
