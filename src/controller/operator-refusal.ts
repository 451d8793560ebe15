/**
 * Why an operator's word keeps a release from being started: a hold, or that it was called off. Nor is one started that is
 * not newer than what was called off; whatever policy there is says which of the two it would run.
 */
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { App } from '../model/app.ts';
import { isoOf } from './command-outcome.ts';
import type { Events } from './events.ts';
import type { IdleGiven } from './idle.ts';
import type { Machine } from './machine.ts';
import { NOBODY } from './operator-state.ts';
import type { Pause, RefusedRelease } from './operator-state.ts';
import type { TagSource } from './ports.ts';

type Given = Pick<IdleGiven, 'app'> & {
  readonly tags: Pick<TagSource, 'latest' | 'want'>;
  readonly machine: Pick<Machine, 'desiredRelease'>;
  readonly state: Pick<IdleGiven['state'], 'operator'>;
  readonly now: number;
};

export function operatorRefusal(given: Given, release: Release): { hold: string; reason: string } | undefined {
  const { hold, refused } = given.state.operator;
  if (hold !== undefined) {
    const reason = `${hold.reason} (since ${isoOf(hold.at)}, by ${hold.by}); ${releaseName(release)} waits until it is released`;
    return { hold: 'operator', reason };
  }
  if (refused === undefined) return undefined;
  const name = releaseName(refused.release);
  if (release.id === refused.release.id) {
    return { hold: 'called off', reason: `${whatWasDone(refused)}; waiting for a newer release, or a retry` };
  }
  const { app, machine, tags, now } = given;
  const measured = machine.desiredRelease(app, refused.release, { latest: (source) => tags.latest(source), now });
  if (measured.kind === 'unresolved') tags.want(measured.source, measured.tag);
  if (measured.kind === 'release' && measured.release.id !== refused.release.id) return undefined;
  const reason = `${releaseName(release)} is not newer than ${name}: ${whatWasDone(refused)}; waiting for a newer release, or a retry of ${name}`;
  return { hold: 'called off', reason };
}

export function sayPaused(app: App, { by, at, reason }: Pause, events: Pick<Events, 'appHeld'>): void {
  const why = reason === undefined ? '' : `: ${reason}`;
  events.appHeld(
    app,
    'paused',
    `paused since ${isoOf(at)} by ${by}${why}; nothing is looked at or changed until it is resumed`,
  );
}

/** For people, such as `1.1.0 was aborted at 2026-01-01T12:00:00.000Z by ann`. */
export function whatWasDone({ release, after, by, at }: RefusedRelease): string {
  const name = releaseName(release);
  if (by === NOBODY) return `${name} went back at ${isoOf(at)}, as nobody promoted it in time`;
  return `${name} ${after === 'abort' ? 'was aborted' : 'was rolled back'} at ${isoOf(at)} by ${by}`;
}
