/**
 * Check: what the config asks of the candidate is measured, before it gets traffic or after the switch. Failed blames the
 * release, an error does not, and what stays inconclusive waits for a person: to promote it, or to abort it. A webhook that
 * confirms holds the rollout until it has.
 */
import { isJob } from '../../model/check.ts';
import type { Check } from '../../model/check.ts';
import { judgeTally, tallyText } from '../check-tally.ts';
import type { CheckTrouble, Tally } from '../check-tally.ts';
import { due } from '../attempt.ts';
import { jobsToCreate } from '../job.ts';
import { checksOf, tallyKey } from '../state.ts';
import { waiting } from '../verdict.ts';
import type { Rollout, Step } from '../state.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';
import { isoTime } from './drain.ts';
import { isPromoted, isPromotedInFull } from './gate.ts';
import { stillProven } from './still-proven.ts';

export const check: StepLogic = {
  judge(scene) {
    const unproven = stillProven(scene);
    if (unproven?.kind === 'broken') return unproven;
    if (isPromotedInFull(scene)) return unproven ?? { kind: 'done' };
    const { rollout, step } = scene;
    const judged = checksOf(rollout, step).map((one) => ({ one, verdict: judgeTally(one, tallyOf(scene, one)) }));
    const troubles = judged.flatMap(({ verdict }) => (isTrouble(verdict) ? [verdict] : []));
    const failed = troubles.find(({ kind }) => kind === 'failed');
    if (failed !== undefined) return { kind: 'broken', fault: 'release', reason: failed.reason };
    const error = troubles.find(({ kind }) => kind === 'error');
    if (error !== undefined) return { kind: 'broken', fault: 'world', reason: error.reason };
    const running = judged.filter(({ verdict }) => verdict.kind === 'running').map(({ one }) => one);
    const unconfirmed = running.filter((one) => isUnconfirmed(one, tallyOf(scene, one)));
    if (running.length > unconfirmed.length) return stillRunning(scene, running);
    if (unconfirmed.length > 0 && !isPromoted(scene)) return unproven ?? heldForConfirmation(scene, unconfirmed);
    const [held] = troubles;
    if (held !== undefined && !isPromoted(scene)) return heldForSomebody(held);
    return unproven ?? { kind: 'done' };
  },
  /** As long as its slowest check may take, and once more; and as long as it may put its answer off. */
  deadlineMs(rollout, step) {
    const longestMs = checksOf(rollout, step).map((one) => {
      const { count, errorLimit, intervalMs } = one;
      return 2 * (count + errorLimit + 1) * (intervalMs + longestOne(rollout, one)) + laterMs(one);
    });
    return Math.max(0, ...longestMs) + rollout.settings.deadlines.verifyMs;
  },
  undo: () => [],
  overdueFault: () => 'world',
};

/** Nobody but a person, or who is to confirm it, can tell how it goes on. */
export function waitsForSomebody(rollout: Rollout, step: Step): boolean {
  const kinds = checksOf(rollout, step).map((one) => {
    const tally = rollout.tallies[tallyKey(rollout, one.name)];
    const { kind } = judgeTally(one, tally);
    return kind === 'running' && isUnconfirmed(one, tally) ? 'unconfirmed' : kind;
  });
  const isWaiting = (kind: (typeof kinds)[number]) => kind === 'inconclusive' || kind === 'unconfirmed';
  return kinds.some(isWaiting) && kinds.every((kind) => isWaiting(kind) || kind === 'passed');
}

/** It was asked, and has not confirmed the rollout yet. */
function isUnconfirmed({ source }: Check, tally: Tally | undefined): boolean {
  return source.kind === 'webhook' && source.waitMs !== undefined && tally?.againAt !== undefined;
}

function laterMs({ source }: Check): number {
  return source.kind === 'webhook' ? (source.laterMs ?? 0) : 0;
}

/** A job is made, runs, and is taken away. */
function longestOne({ settings: { deadlines } }: Rollout, one: Check): number {
  return isJob(one) ? deadlines.provisionMs + one.source.deadlineMs + deadlines.retireMs : one.timeoutMs;
}

function isTrouble(verdict: ReturnType<typeof judgeTally>): verdict is CheckTrouble {
  return verdict.kind !== 'running' && verdict.kind !== 'passed';
}

function tallyOf({ rollout }: Scene, { name }: Check) {
  return rollout.tallies[tallyKey(rollout, name)];
}

function stillRunning(scene: Scene, running: readonly Check[]): Verdict {
  const { rollout, observation, now } = scene;
  const details = running.map((one) => `${one.name}: ${tallyText(one, tallyOf(scene, one))}`);
  const jobs = jobsToCreate(rollout, observation, now);
  return waiting(`checking ${scene.step.phase} the switch (${details.join('; ')})`, due(rollout, jobs, scene));
}

/** As a gate: no deadline runs, its own time is over one day. A pause gives it that time back. */
function heldForConfirmation(scene: Scene, unconfirmed: readonly Check[]): Verdict {
  const { enteredAt, pausedMs = 0 } = scene.rollout;
  const waits = unconfirmed.map((one) => ({
    one,
    waitMs: one.source.kind === 'webhook' ? (one.source.waitMs ?? 0) : 0,
  }));
  const over = waits.find(({ waitMs }) => scene.now >= enteredAt + waitMs + pausedMs);
  if (over !== undefined) {
    const last = tallyOf(scene, over.one)?.lastDetail ?? '';
    const reason = `check ${over.one.name} was not confirmed within ${over.waitMs / 1000} s, last: ${last}`;
    return { kind: 'broken', fault: 'operator', reason, needsPerson: true };
  }
  const until = enteredAt + Math.min(...waits.map(({ waitMs }) => waitMs)) + pausedMs;
  const details = unconfirmed.map((one) => `check ${one.name} (last: ${tallyOf(scene, one)?.lastDetail ?? ''})`);
  const waitingOn = `waiting for ${details.join(' and ')} to confirm it until ${isoTime(until)}, then it is rolled back`;
  return { kind: 'waiting', waitingOn, effects: [], until, isHeld: true };
}

/** Nobody but a person can tell, so no deadline ends it. */
function heldForSomebody({ reason }: CheckTrouble): Verdict {
  return {
    kind: 'waiting',
    waitingOn: `${reason}: neither good nor bad; promote the rollout, or abort it`,
    effects: [],
    isPatient: true,
    isHeld: true,
  };
}
