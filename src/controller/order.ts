/**
 * Whether an app that goes first still keeps another one waiting: it does while a rollout of it is under way, while it is
 * about to start one, and while that cannot be told. It does not once it runs its newest release, or stands still. Pure.
 */
import type { App, ImageSource } from '../model/app.ts';
import { releaseName } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import type { Machine } from './machine.ts';
import { operatorRefusal } from './operator-refusal.ts';
import type { TagSource } from './ports.ts';

export interface OrderGiven {
  /** Its stored state, whoever drives it. */
  readonly state: AppState;
  readonly tags: Pick<TagSource, 'latest' | 'lookedAt' | 'want'>;
  readonly machine: Pick<Machine, 'desiredRelease'>;
  readonly now: Instant;
  readonly isOpen: boolean;
  /** When the release that waits for it was first seen: its own repositories are looked at again after that. */
  readonly wantedAt: Instant;
}

export interface Ahead {
  readonly reason: string;
  /** Repositories to be looked at before it can be told. */
  readonly look?: readonly ImageSource[];
  /** A tag whose digest is to be asked for. */
  readonly want?: { readonly source: ImageSource; readonly tag: string };
}

export function whyAhead(other: App, given: OrderGiven): Ahead | undefined {
  const { state, tags, machine, now, isOpen } = given;
  if (other.mode === 'notify') return undefined;
  if (state.rollout !== undefined && takesSlot(state.rollout)) {
    return { reason: `app ${other.name} goes first, and its rollout ${state.rollout.id} is under way` };
  }
  const { hold, pause } = state.operator;
  if (hold !== undefined || pause !== undefined) return undefined;
  const desired = machine.desiredRelease(other, state.live?.release, { latest: (source) => tags.latest(source), now });
  switch (desired.kind) {
    case 'unknown':
      return desired.isStalled === true || isStalled(other, tags)
        ? undefined
        : { reason: `app ${other.name} goes first: ${desired.reason}` };
    case 'unresolved':
      return { reason: `app ${other.name} goes first: ${desired.reason}`, want: desired };
    case 'nothing':
      return outdated(other, given);
    case 'release': {
      const { release } = desired;
      if (release.id === state.live?.release.id) return outdated(other, given);
      if (state.condemned.some(({ releaseId }) => releaseId === release.id)) return outdated(other, given);
      if (operatorRefusal({ ...given, app: other }, release) !== undefined) return outdated(other, given);
      if (!isOpen) return undefined;
      return { reason: `app ${other.name} goes first, to ${releaseName(release)}` };
    }
  }
}

/** What makes new groups of a whole stack: it counts as a rollout under way. The rest puts right, or takes away. */
export function takesSlot({ reason }: Rollout): boolean {
  switch (reason) {
    case 'firstDeployment':
    case 'newRelease':
    case 'repair':
    case 'rollback':
      return true;
    case 'drift':
    case 'takeOut':
    case 'cleanUp':
    case 'removal':
      return false;
  }
}

/** A person must act before anything more is known: it stands still. */
function isStalled(other: App, tags: OrderGiven['tags']): boolean {
  return other.images.some((source) => {
    const list = tags.latest(source);
    return list?.kind === 'unknown' && list.stalled;
  });
}

/** Both may have been pushed together, and only one of the repositories been looked at since. */
function outdated(other: App, { tags, wantedAt }: OrderGiven): Ahead | undefined {
  const look = other.images.filter(
    (source) => source.policy.kind !== 'pin' && (tags.lookedAt(source) ?? -Infinity) < wantedAt,
  );
  const names = look.map(({ registry, repository }) => `${registry}/${repository}`).join(', ');
  return look.length === 0
    ? undefined
    : { reason: `app ${other.name} goes first; looking whether ${names} has something newer`, look };
}
