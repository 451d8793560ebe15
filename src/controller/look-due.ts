/**
 * When Azure is to be looked at, and what of it: pure, by the rollout and by what was seen before. The times between looks are
 * those of src/rollout/pace.ts.
 */
import { SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { Decision } from '../rollout/decide.ts';
import type { ProbeResult } from '../rollout/observation.ts';
import { isAddingNew, LONGEST_TTL_LOOK_MS, longestUnseenMs, needsProfile, paceOf } from '../rollout/pace.ts';
import { currentStep, groupsIn, isProven } from '../rollout/state.ts';
import type { Rollout, StepKind } from '../rollout/state.ts';
import type { Memory } from './look-memory.ts';

/** Less than half of what an endpoint may go unseen before its deletion, which is one of a row as well. */
export const FRESH_MS = 4 * SECOND;
/** The longest that an answer of the name servers stands in for a look at the profile, less one turn. */
const QUIET_LOOK_MS = LONGEST_TTL_LOOK_MS - 5 * SECOND;
/** The candidate's groups were proven: what is waited for is Traffic Manager. */
const GROUPS_RARELY: ReadonlySet<StepKind> = new Set(['online', 'swap']);

/**
 * What is asked anew, beside what was never seen: `nothing`; `fresh`, what is no part of the look that led to this step;
 * `rowEnd`, what a row of endpoints has come to; `all` that the step is about; `alarm`, the groups in any case, too.
 */
export type Want = 'nothing' | 'fresh' | 'rowEnd' | 'all' | 'alarm';

/** What was seen longer ago than this is looked at anew; 0: in any case. */
export interface Ages {
  readonly groupsMs: number;
  readonly profileMs: number;
}

const AGES: Readonly<Record<Want, Ages>> = {
  nothing: { groupsMs: Number.POSITIVE_INFINITY, profileMs: LONGEST_TTL_LOOK_MS },
  fresh: { groupsMs: FRESH_MS, profileMs: FRESH_MS },
  rowEnd: { groupsMs: FRESH_MS, profileMs: 0 },
  all: { groupsMs: 0, profileMs: 0 },
  alarm: { groupsMs: 0, profileMs: 0 },
};

export function agesOf(rollout: Rollout, want: Want): Ages {
  const isGoing = paceOf(rollout) === undefined;
  if (isGoing && want !== 'nothing' && want !== 'fresh') return AGES.all;
  const kind = currentStep(rollout)?.kind;
  const { groupsMs, profileMs } = AGES[want];
  const isRarely = want !== 'alarm' && kind !== undefined && GROUPS_RARELY.has(kind);
  const isPatient = !needsProfile(rollout) || (want === 'fresh' && isAddingNew(rollout));
  return {
    groupsMs: isRarely ? longestUnseenMs(rollout) : groupsMs,
    profileMs: isPatient ? LONGEST_TTL_LOOK_MS : profileMs,
  };
}

/** Whether it is time for a look, though what was seen last may lead to nothing. */
export function isLookDue(
  rollout: Rollout,
  memory: Memory,
  { isQuiet, now }: { readonly isQuiet: boolean; readonly now: Instant },
): boolean {
  const step = currentStep(rollout);
  const { lookedAt, gapMs } = memory;
  if (paceOf(rollout) === undefined || lookedAt === undefined) return true;
  if (step?.kind === 'drain' && isQuiet) return now >= (memory.profile?.askedAt ?? 0) + QUIET_LOOK_MS;
  if (step?.kind === 'provision' && rollout.probe !== undefined) {
    const names = groupsIn(rollout, step).map(({ name }) => name);
    // They answer, so they will be looked at soon.
    if (names.every((name) => rollout.proofs[name] !== undefined)) return now >= lookedAt + longestUnseenMs(rollout);
    // That they answer shows sooner than any look when they do.
    if (names.every((name) => rollout.targets[name] !== undefined))
      return now >= lookedAt + Math.max(gapMs, longestUnseenMs(rollout));
  }
  // Found Online once: the pace has become another one.
  const longestMs = paceOf(rollout)?.longestMs ?? 0;
  return now >= lookedAt + Math.min(gapMs, longestMs);
}

/**
 * A group that does not answer any more, or not though it was made, may have crashed; where all have answered often enough,
 * all may be seen to run.
 */
export function isAlarmed(rollout: Rollout, memory: Memory, probes: ReadonlyMap<string, ProbeResult>): boolean {
  const step = currentStep(rollout);
  if (step?.kind !== 'provision') return [...probes.values()].some(({ ok }) => !ok);
  const names = groupsIn(rollout, step).map(({ name }) => name);
  const isMade = (name: string) => {
    const seen = memory.groups.get(name)?.seen;
    return seen?.known === true && seen.value?.provisioningState === 'Succeeded';
  };
  return (
    names.every((name) => isProven(rollout, name)) ||
    names.some((name) => isMade(name) && rollout.proofs[name] === undefined)
  );
}

/** Name servers and groups that begin to answer are asked at a pace of their own. */
export function wokenEarly(decision: Decision, { askAt, now }: { askAt: Instant | undefined; now: Instant }): Decision {
  const { rollout, change, wakeAt } = decision;
  const step = currentStep(rollout);
  if (step === undefined || change !== undefined || paceOf(rollout) === undefined) return decision;
  // Where there was nothing to ask about, as without a profile, what is due stays due.
  if (step.kind === 'drain' && askAt !== undefined)
    return { ...decision, wakeAt: Math.min(wakeAt, Math.max(askAt, now + SECOND)) };
  const isAnswering = groupsIn(rollout, step).some(
    ({ name }) => rollout.proofs[name]?.verifiedAt === undefined && rollout.proofs[name] !== undefined,
  );
  if (step.kind !== 'provision' || !isAnswering || rollout.probe === undefined) return decision;
  return { ...decision, wakeAt: Math.min(wakeAt, now + rollout.probe.intervalMs) };
}

/** Endpoints are written one at a time, by the same look as long as it is fresh. */
export function isNextOfRow({ change, effects }: Decision): boolean {
  return change === undefined && effects.length > 0 && effects.every(({ kind }) => kind.endsWith('Endpoint'));
}

/** So long a look serves a row: nothing that others do to the profile is in the way of new endpoints. */
export function rowMs(rollout: Rollout): number {
  return isAddingNew(rollout) ? LONGEST_TTL_LOOK_MS : FRESH_MS;
}

export function isRegistered({ change }: Decision): boolean {
  return change?.kind === 'stepDone' && change.step.kind === 'register';
}
