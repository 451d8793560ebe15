/**
 * An app that only reports (`mode: notify`): it looks at what runs and what there is, says what it would do, and changes
 * nothing in Azure: no rollout, no repair, no clean-up, and what was begun before stands still.
 */
import { betweenText } from '../model/between.ts';
import type { App } from '../model/app.ts';
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import { MINUTE } from '../model/time.ts';
import type { Rollout } from '../rollout/state.ts';
import { namesOf } from './event-words.ts';
import { sayHeld } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import type { Looked } from './look-around.ts';

const STILL_MS = 10 * MINUTE;

export function isNotifyOnly({ mode }: App): boolean {
  return mode === 'notify';
}

/** Said once for each release, in this life of the daemon. */
export function sayAvailable(given: IdleGiven, release: Release, reasons: readonly string[]): void {
  const { app, state, memory, events } = given;
  if (memory.availableId === release.id) return;
  memory.availableId = release.id;
  const running = state.live === undefined ? undefined : releaseName(state.live.release);
  events.releaseAvailable(app, { running, available: releaseName(release), release: release.id, reasons });
}

/** What it would put right. */
export function sayFaults(given: IdleGiven, { faults, strays }: Looked): void {
  const found = [
    ...[faults.drift, faults.broken].flatMap((fault) => fault ?? []),
    ...strays.map(({ id }) => `stack ${id} is needed by nothing`),
  ];
  const said = found.join('; ');
  // Beside what it says of releases, which may be news or not.
  if (said === given.memory.faultsSaid) return;
  given.memory.faultsSaid = said;
  if (said !== '') given.events.appHeld(given.app, 'notify', `${said}; nothing is done about it (mode: notify)`);
}

/** Begun while it still acted: it goes on when it acts again. */
export function standStill(given: IdleGiven, rollout: Rollout): IdleTurn {
  const what = `rollout ${rollout.id} (${betweenText(rollout.reason, namesOf(rollout))})`;
  sayHeld(given, 'notify', `${what} is under way and stands still (mode: notify)`);
  return { wakeAt: given.clock.now() + STILL_MS };
}
