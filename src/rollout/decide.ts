/**
 * The heart: what next, given what was seen. Pure: the same rollout, observation and time give the same decision. Each
 * call makes at most one transition, so that each is stored and logged once, in order.
 */
import { InvariantError } from '../model/errors.ts';
import { MINUTE } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { countAttempts, due } from './attempt.ts';
import { candidateFirst } from './candidate-first.ts';
import { effectKey } from './effect.ts';
import type { Effect, Fault } from './effect.ts';
import { hold, release } from './held.ts';
import { isTold, isWaitedFor, latenessOf, noteProgress } from './lateness.ts';
import { jobLogsWanted, jobsToDelete, withCreated } from './job.ts';
import { note } from './note.ts';
import { seenProfile } from './observation.ts';
import type { Observation } from './observation.ts';
import { checkRules } from './rules.ts';
import { enter } from './start.ts';
import { currentStep, groupsIn, stepsInForce } from './state.ts';
import type { Outcome, Rollout, Step } from './state.ts';
import { STEPS } from './steps/index.ts';
import { failureOutcome, turnBack } from './turn-back.ts';
import { switchInPlace } from './replan.ts';
import { turnForward } from './turn-forward.ts';
import { withAskedFor } from './unsettled.ts';
import { count, waiting } from './verdict.ts';
import type { Scene, Waiting } from './verdict.ts';
import { watching } from './watching.ts';

/** Their outcome takes a while: to look at once would show nothing. */
const SLOW: ReadonlySet<Effect['kind']> = new Set(['createGroup', 'createJob', 'startGroup']);
/** While the TTL runs, the profile is looked at no more often than this. */
const LONGEST_DRAIN_LOOK_MS = 5000;
/** While clients are to be led back, Traffic Manager is asked this often whether it has found the endpoints Online. */
const URGENT_LOOK_MS = 500;
/** From then on something is wrong, and so many looks would be at the cost of others. */
const URGENT_FOR_MS = MINUTE;

/** After which an enabled endpoint may lead to the group. */
const EXPOSING: ReadonlySet<Effect['kind']> = new Set(['enableEndpoint', 'retargetEndpoint']);

export type Change =
  | { readonly kind: 'stepDone'; readonly step: Step; readonly tookMs: number }
  | { readonly kind: 'turnedBack'; readonly step: Step; readonly fault: Fault; readonly reason: string }
  /** The rest of the plan is another one: endpoints are led to the candidate in their place, or the candidate comes first. */
  | { readonly kind: 'replanned'; readonly step: Step; readonly reason: string }
  /** The way back was given up: the live stack has died, the candidate serves. */
  | { readonly kind: 'turnedForward'; readonly step: Step; readonly waitingOn: string }
  /**
   * The deadline of a step passed where there is no way back: the rollout ends here, clean-up and repair do the rest.
   * `left`: groups that were deleted and are there all the same.
   */
  | { readonly kind: 'overdue'; readonly step: Step; readonly waitingOn: string; readonly left: readonly string[] }
  /** The deadline of a step passed that nothing depends on: it goes on with the next. */
  | { readonly kind: 'leftOut'; readonly step: Step; readonly reason: string }
  /** A deadline passed, and it is waited for all the same: it may still succeed. */
  | { readonly kind: 'degraded'; readonly step: Step; readonly reason: string }
  | { readonly kind: 'finished'; readonly outcome: Outcome };

export interface Decision {
  readonly rollout: Rollout;
  readonly effects: readonly Effect[];
  readonly change: Change | undefined;
  /** For people. */
  readonly waitingOn: string;
  /** When the present wait ends by itself, where that is known. */
  readonly until: Instant | undefined;
  /** When to look again at the latest. */
  readonly wakeAt: Instant;
}

export function decide(before: Rollout, observation: Observation, now: Instant): Decision {
  if (before.finished !== undefined) throw new InvariantError(`rollout ${before.id} is finished and asked to decide`);
  const rollout = note(before, observation);
  const step = currentStep(rollout);
  if (step === undefined) return finish(rollout, observation, now);
  const scene = { rollout, step, side: step.side, groups: groupsIn(rollout, step), observation, now };
  const verdict = STEPS[step.kind].judge(scene);
  switch (verdict.kind) {
    case 'done': {
      const next = enter(rollout, rollout.cursor + 1, now);
      return moved(next, { kind: 'stepDone', step, tookMs: now - rollout.enteredAt }, now);
    }
    case 'replan': {
      const next = enter(switchInPlace(rollout, observation), rollout.cursor, now);
      return moved(next, { kind: 'replanned', step, reason: verdict.reason }, now);
    }
    case 'broken':
      return fail(release(rollout, now), step, { ...verdict, waitingOn: verdict.reason, observation, now });
    case 'waiting':
      return wait(scene, verdict);
  }
}

function wait(scene: Scene, verdict: Waiting): Decision {
  const { step, observation, now } = scene;
  const rollout =
    verdict.isHeld === true
      ? hold(scene.rollout, now)
      : noteProgress(release(scene.rollout, now), step, { progress: verdict.progress, now });
  const late = latenessOf(rollout, verdict, { step, now });
  if (late?.of === 'step' && STEPS[step.kind].isOptional === true) {
    const left = enter(rollout, rollout.cursor + 1, now);
    return moved(left, { kind: 'leftOut', step, reason: late.reason }, now);
  }
  const profile = seenProfile(observation);
  const anew = late?.of === 'step' ? candidateFirst(rollout, step, profile) : undefined;
  if (late !== undefined && anew !== undefined) {
    const reason = `the rest of the candidate comes first: ${late.reason}`;
    return moved(enter(anew, rollout.cursor, now), { kind: 'replanned', step, reason }, now);
  }
  if (late === undefined || isTold(rollout, late)) return act(rollout, verdict, { observation, now });
  const { reason } = late;
  const { waitingOn } = verdict;
  if (isWaitedFor(rollout)) {
    const told = { ...rollout.told, [late.of]: true };
    return moved({ ...rollout, told }, { kind: 'degraded', step, reason }, now);
  }
  const ofStep = STEPS[step.kind].overdueFault(scene);
  // The whole rollout is late by more than what is waited for last, unless that is known to be the release's doing.
  const fault = late.of === 'step' || ofStep === 'release' ? ofStep : 'world';
  return fail(rollout, step, { fault, reason, waitingOn, observation, now });
}

function act(rollout: Rollout, verdict: Waiting, scene: { observation: Observation; now: Instant }): Decision {
  const { waitingOn, until } = verdict;
  const effects = [...verdict.effects, ...due(rollout, jobsToDelete(rollout, scene.observation), scene)];
  checkRules({ rollout, effects, ...scene });
  const exposed = effects.flatMap(({ kind, group }) => (EXPOSING.has(kind) ? [group.name] : []));
  // What is enabled from now on was not seen to leave yet, whatever was seen before.
  const removedAt = without(rollout.removedAt, exposed);
  const confirmations = without(rollout.confirmations ?? {}, exposed);
  const known = { exposed: [...new Set([...rollout.exposed, ...exposed])], removedAt, confirmations };
  const next = countAttempts(
    { ...withAskedFor(withCreated(rollout, effects, scene.now), effects, scene.now), ...known },
    effects,
    scene,
  );
  const wake = wakeAt(next, { ...verdict, effects }, scene.now);
  return { rollout: next, effects, change: undefined, waitingOn, until, wakeAt: wake };
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  names: readonly string[],
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** Endpoint writes are synchronous, so they are looked at again at once; probes and known ends are met to the moment. */
function wakeAt(rollout: Rollout, verdict: Waiting, now: Instant): Instant {
  const { observeIntervalMs } = rollout.settings;
  if (verdict.effects.some(({ kind }) => !SLOW.has(kind))) return now;
  if (jobLogsWanted(rollout).length > 0) return now;
  const checksAt = watching(rollout).checks.map((check) => check.dueAt);
  if (verdict.until !== undefined)
    return Math.min(verdict.until, now + Math.max(LONGEST_DRAIN_LOOK_MS, observeIntervalMs), ...checksAt);
  return Math.min(now + lookPauseMs(rollout, now), nextProbeAt(rollout) ?? Number.POSITIVE_INFINITY, ...checksAt);
}

function lookPauseMs(rollout: Rollout, now: Instant): number {
  const { settings, reason, backPlan, enteredAt } = rollout;
  const isLeadingBack = reason === 'rollback' || backPlan !== undefined;
  const { kind } = currentStep(rollout) ?? {};
  const isUrgent = isLeadingBack && (kind === 'online' || kind === 'swap') && now < enteredAt + URGENT_FOR_MS;
  return isUrgent ? Math.min(settings.observeIntervalMs, URGENT_LOOK_MS) : settings.observeIntervalMs;
}

function nextProbeAt(rollout: Rollout): Instant | undefined {
  const { probe, proofs } = rollout;
  const step = currentStep(rollout);
  if (step?.kind !== 'verify' || probe === undefined) return undefined;
  const dueAt = groupsIn(rollout, step).flatMap(({ name }) => {
    const proof = proofs[name];
    return proof?.verifiedAt === undefined && proof?.probedAt !== undefined ? [proof.probedAt + probe.intervalMs] : [];
  });
  return dueAt.length === 0 ? undefined : Math.min(...dueAt);
}

function fail(
  rollout: Rollout,
  step: Step,
  given: {
    fault: Fault;
    reason: string;
    needsPerson?: boolean;
    waitingOn: string;
    observation: Observation;
    now: Instant;
  },
): Decision {
  const { fault, reason, needsPerson, waitingOn, observation, now } = given;
  const why = { outcome: failureOutcome(rollout), reason, fault, ...(needsPerson === true ? { needsPerson } : {}) };
  const turned = turnBack(rollout, why, now);
  if (turned !== rollout) return moved(turned, { kind: 'turnedBack', step, fault, reason }, now);
  const isOverdue = rollout.deadlineAt !== undefined && now >= rollout.deadlineAt;
  if (!isOverdue)
    return { ...moved(rollout, undefined, now), waitingOn, wakeAt: now + rollout.settings.observeIntervalMs };
  const forward = turnForward(rollout, observation, now);
  if (forward !== undefined) return moved(forward, { kind: 'turnedForward', step, waitingOn }, now);
  // Of a clean-up nothing has come; elsewhere the other side serves, and the outcome stands.
  const turnedBack =
    rollout.candidate === undefined ? { outcome: 'Failed' as const, reason, fault, at: now } : rollout.turnedBack;
  const end = enter({ ...rollout, turnedBack }, stepsInForce(rollout).length, now);
  return moved(end, { kind: 'overdue', step, waitingOn, left: leftOver(rollout, step, observation) }, now);
}

function leftOver(rollout: Rollout, step: Step, { groups }: Observation): readonly string[] {
  const isThere = (name: string) => {
    const seen = groups.get(name);
    return seen?.known === true && seen.value !== undefined;
  };
  const tried = groupsIn(rollout, step).filter(
    (group) => rollout.attempts[effectKey({ kind: 'deleteGroup', group })] !== undefined,
  );
  return tried.map(({ name }) => name).filter(isThere);
}

/** Its jobs go first; what cannot be deleted in time is found as a stray. */
function finish(rollout: Rollout, observation: Observation, now: Instant): Decision {
  const jobs = Object.keys(rollout.jobs ?? {}).length;
  const until = rollout.enteredAt + rollout.settings.deadlines.retireMs;
  if (jobs > 0 && now < until) return act(rollout, waiting(`deleting ${count(jobs, 'job')}`), { observation, now });
  const outcome = rollout.turnedBack?.outcome ?? 'Succeeded';
  return moved({ ...rollout, finished: { outcome, at: now } }, { kind: 'finished', outcome }, now);
}

function moved(rollout: Rollout, change: Change | undefined, now: Instant): Decision {
  const step = currentStep(rollout);
  const waitingOn = step === undefined ? 'finishing' : `starting ${step.kind} of the ${step.side} stack`;
  return { rollout, effects: [], change, waitingOn, until: undefined, wakeAt: now };
}
