/**
 * Another release than the candidate's is wanted before that is in rotation: it goes. A newer one gets its own rollout; the
 * one that runs, as where a tag was moved back to it, needs none.
 */
import type { App } from '../model/app.ts';
import { releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Change } from '../rollout/decide.ts';
import { currentStep, groupsOf, isSwitching } from '../rollout/state.ts';
import type { Rollout, TurnBack } from '../rollout/state.ts';
import { turnBack } from '../rollout/turn-back.ts';
import type { AppState } from './app-state.ts';
import type { Machine } from './machine.ts';
import { operatorRefusal } from './operator-refusal.ts';
import type { TagSource } from './ports.ts';

export interface SupersedeGiven {
  readonly app: App;
  readonly state: AppState;
  readonly tags: TagSource;
  readonly machine: Machine;
  readonly now: Instant;
  /** No rollout of a new release may start now. */
  readonly isClosed?: boolean;
}

export interface Turned {
  readonly rollout: Rollout;
  readonly change: Change;
}

export function supersede(rollout: Rollout, given: SupersedeGiven): Turned | undefined {
  const { app, state, tags, machine, now } = given;
  if (rollout.candidate === undefined || !canBeCalledOff(rollout)) return undefined;
  // Measured by the candidate: a list from before it was pushed knows of nothing newer.
  const desired = machine.desiredRelease(app, rollout.candidate.release, {
    latest: (source) => tags.latest(source),
    now,
  });
  if (desired.kind === 'unresolved') tags.want(desired.source, desired.tag);
  if (desired.kind !== 'release') return undefined;
  const { release } = desired;
  if (release.id === rollout.candidate.release.id) return undefined;
  if (release.id === rollout.live?.release.id)
    return isWantedBack(rollout, given) ? backToLive(rollout, now) : undefined;
  // Then the one under way is finished.
  if (given.isClosed === true) return undefined;
  if (state.condemned.some(({ releaseId }) => releaseId === release.id)) return undefined;
  // It could not be rolled out lately: what is under way is not given up for it, a repair least of all.
  if (state.retry?.releaseId === release.id && now < state.retry.notBefore) return undefined;
  if (operatorRefusal(given, release) !== undefined) return undefined;
  const reason = `a newer release, ${releaseName(release)}, takes the place of ${releaseName(rollout.candidate.release)}`;
  return callOff(rollout, { outcome: 'Superseded', reason }, now);
}

/**
 * Nothing has to be started for what runs, so neither a hold nor a window keeps it from being called off. Only by lists of
 * after its start: an older one, as another daemon may have, does not know yet of what the candidate was made of. A rollback
 * is what somebody asked for, and a repair is of the release that runs.
 */
function isWantedBack({ reason, startedAt }: Rollout, { app, tags }: SupersedeGiven): boolean {
  if (reason !== 'newRelease') return false;
  const listed = app.images.filter(({ policy }) => policy.kind !== 'pin');
  return listed.every((source) => (tags.lookedAt(source) ?? -Infinity) > startedAt);
}

function backToLive(rollout: Rollout, now: Instant): Turned | undefined {
  const { live, candidate } = rollout;
  if (live === undefined || candidate === undefined) return undefined;
  const reason = `${nameOf(live.release)}, which runs, is wanted again in place of ${nameOf(candidate.release)}`;
  return callOff(rollout, { outcome: 'Superseded', reason }, now);
}

/** A tag that was moved back is called the same in both. */
function nameOf(release: Release): string {
  return `${releaseName(release)} (${release.id})`;
}

/** Until its candidate is in rotation: from then on it is finished first. */
export function canBeCalledOff(rollout: Rollout): boolean {
  if (rollout.candidate === undefined || rollout.backPlan !== undefined) return false;
  return !isSwitching(rollout) && !mayServe(rollout);
}

export function callOff(
  rollout: Rollout,
  { outcome, reason }: Pick<TurnBack, 'outcome' | 'reason'>,
  now: Instant,
): Turned | undefined {
  const step = currentStep(rollout);
  const turned = turnBack(rollout, { outcome, reason, fault: 'operator' }, now);
  if (step === undefined || turned === rollout) return undefined;
  return { rollout: turned, change: { kind: 'turnedBack', step, fault: 'operator', reason } };
}

/**
 * The candidate may get traffic already: it is finished before it is replaced. It may be the only one that serves, in a
 * first deployment or where the live stack has died meanwhile.
 */
function mayServe(rollout: Rollout): boolean {
  return groupsOf(rollout, 'candidate').some(({ name }) => rollout.exposed.includes(name));
}
