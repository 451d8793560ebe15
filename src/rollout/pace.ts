/**
 * How often Azure is looked at while a step only waits. Nothing hangs on these times but how soon something is seen: before
 * anything is done, or a step is done, what it needs is looked at anew (src/controller/lookout.ts). Pure.
 */
import { MINUTE, SECOND } from '../model/time.ts';
import { jobGroups } from './job.ts';
import { currentStep, groupsIn } from './state.ts';
import type { Rollout, Step } from './state.ts';

export interface Pace {
  /** From one look to the next: the first time, and at most. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** By which it grows from look to look. */
  readonly factor: number;
}

/** A TTL that is in force for a minute at least is seen, also while nothing else of the profile matters. */
export const LONGEST_TTL_LOOK_MS = MINUTE;
/** Somebody may enable what drains: it is seen if it lasts for so long, or for the observe interval where that is longer. */
const DRAIN_LOOK_MS = 10 * SECOND;

/** By default half of the 30 s in which Traffic Manager asks each endpoint once. */
const ONLINE_TURNS = 3;

/** Undefined: at each turn, as on the way back, where soonest is best. */
export function paceOf(rollout: Rollout): Pace | undefined {
  const step = currentStep(rollout);
  if (step === undefined || isLeadingBack(rollout) || jobGroups(rollout).length > 0) return undefined;
  if (rollout.traffic === undefined) return undefined;
  const observeMs = rollout.settings.observeIntervalMs;
  const growing = (first: number, longest: number, factor: number): Pace => ({
    firstMs: first * observeMs,
    longestMs: Math.max(observeMs, Math.min(MINUTE, longest * observeMs)),
    factor,
  });
  const isProbed = rollout.probe !== undefined;
  switch (step.kind) {
    case 'provision':
      return isProbed ? growing(2, 12, 3) : growing(1, 3, 1.5);
    case 'verify':
      return isProbed && !isUnanswered(rollout, step) ? growing(12, 12, 1) : growing(1, 3, 1.5);
    case 'check':
    case 'gate':
    case 'bake':
      if (isUnanswered(rollout, step)) return growing(1, 3, 1.5);
      return growing(isProbed ? 12 : 3, 12, 1.5);
    case 'online':
    case 'swap':
      // Found Online once: the next look is for that alone.
      return (rollout.onlineStreak?.looks ?? 0) > 0 ? growing(1, 1, 1) : growing(ONLINE_TURNS, ONLINE_TURNS, 1);
    case 'retire':
      return growing(2, 6, 1.5);
    case 'weigh':
      return (rollout.onlineStreak?.looks ?? 0) > 0 ? growing(1, 1, 1) : growing(1, 6, 1.5);
    case 'register':
    case 'deregister':
      return growing(1, 6, 1.5);
    case 'drain':
      return { firstMs: Math.max(DRAIN_LOOK_MS, observeMs), longestMs: Math.max(DRAIN_LOOK_MS, observeMs), factor: 1 };
    case 'stop':
    case 'tag':
    case 'capture':
      return undefined;
  }
}

/** What was seen not to run is not probed: only Azure tells how it goes on. */
function isUnanswered(rollout: Rollout, step: Step): boolean {
  return groupsIn(rollout, step).some(({ name }) => rollout.proofs[name] === undefined);
}

/** Clients wait for it, as they do for an operator's rollback. */
function isLeadingBack({ backPlan, reason }: Rollout): boolean {
  return backPlan !== undefined || reason === 'rollback';
}

/** Groups that have shown that they serve are looked at no less often than this, whatever else is looked at. */
export function longestUnseenMs({ settings: { observeIntervalMs } }: Rollout): number {
  return Math.max(observeIntervalMs, Math.min(MINUTE, 12 * observeIntervalMs));
}

/** The step is about the profile; elsewhere only its TTL is of interest. */
export function needsProfile(rollout: Rollout): boolean {
  const step = currentStep(rollout);
  if (step === undefined || rollout.backPlan !== undefined) return true;
  switch (step.kind) {
    case 'verify':
    case 'check':
    case 'gate':
    case 'bake':
    case 'tag':
    case 'capture':
      return false;
    case 'provision':
      return groupsIn(rollout, step).some(({ name }) => rollout.exposed.includes(name));
    // Their endpoints were seen to be gone before any of the groups was deleted.
    case 'retire':
      return groupsIn(rollout, step).some(({ name }) => rollout.attempts[`deleteGroup ${name}`] === undefined);
    case 'register':
    case 'online':
    case 'swap':
    case 'weigh':
    case 'deregister':
    case 'drain':
    case 'stop':
      return true;
  }
}

/** Endpoints of new names are added: nothing that somebody else does to the profile is in their way. */
export function isAddingNew(rollout: Rollout): boolean {
  const step = currentStep(rollout);
  if (step?.kind !== 'register' || step.side !== 'candidate' || rollout.backPlan !== undefined) return false;
  return rollout.candidate?.id === rollout.id;
}

/** From the last endpoint that is written to the look at all of them: what Traffic Manager makes of them takes longer. */
export function onlineLookMs(rollout: Rollout): number {
  return isLeadingBack(rollout) ? 0 : ONLINE_TURNS * rollout.settings.observeIntervalMs;
}
