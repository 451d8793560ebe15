/** What is known of an app, in the words of the API. Pure. */
import type { AppReading } from '../controller/control.ts';
import type { AppState } from '../controller/app-state.ts';
import type { Retained } from '../controller/retained.ts';
import type { Desired } from '../controller/desired.ts';
import { heldBack } from '../controller/explanation.ts';
import type { AppLook, Remark } from '../controller/remark.ts';
import type { ImageChoice } from '../controller/explanation.ts';
import { imageReference, releaseName } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import { sizeOf } from '../rollout/evidence.ts';
import type { Evidence } from '../rollout/evidence.ts';
import { currentStep, groupsIn, stepsInForce } from '../rollout/state.ts';
import type { Rollout, Step } from '../rollout/state.ts';
import type { AppExplanation, AppHistory, AppStatus, AppSummary, RolloutEvidence } from './api-schema.ts';

const MOST_SKIPPED = 50;

export function summaryOf({ app, isDriven, state, remark }: AppLook): AppSummary {
  const { hold, pause } = state?.operator ?? {};
  return {
    app: app.name,
    isDriven,
    ...(state?.live && { live: nameOf(state.live.release) }),
    ...(state?.rollout && { rollout: rolloutOf(state.rollout, state) }),
    ...(hold && { hold: timed(hold) }),
    ...(pause && { pause: timed(pause) }),
    ...(remark && { says: saysOf(remark) }),
  };
}

export function statusOf(reading: AppReading, desired: Desired): AppStatus {
  const { state, at } = reading;
  const { refused, rollback } = state.operator;
  const { live, retry } = state;
  return {
    ...summaryOf(reading),
    at: iso(at),
    groups: live?.groups.map(({ name }) => name) ?? [],
    images:
      live?.release.images.map((image) => ({
        container: image.container,
        image: imageReference(image),
        tag: image.tag,
      })) ?? [],
    desired:
      desired.kind === 'release'
        ? { release: nameOf(desired.release), reason: desired.reasons.join('; ') }
        : { reason: desired.reason },
    ...(refused && { refused: { ...timed(refused), release: nameOf(refused.release) } }),
    ...(rollback && {
      rollback: { to: { id: rollback.to, name: rollback.name }, by: rollback.by, at: iso(rollback.at) },
    }),
    ...(retry && { retry: { release: retry.releaseId, attempts: retry.attempts, notBefore: iso(retry.notBefore) } }),
    ...(state.retained.length > 0 && { retained: state.retained.map(retainedOf) }),
    failed: state.condemned.map(({ releaseId, name, reason, at: failedAt }) => ({
      release: { id: releaseId, name },
      reason,
      at: iso(failedAt),
    })),
  };
}

function retainedOf({ kind, as, stack, until }: Retained): NonNullable<AppStatus['retained']>[number] {
  return {
    release: nameOf(stack.release),
    as: kind ?? as ?? 'warm',
    ...(until !== undefined && { until: iso(until) }),
  };
}

export function historyOf({ app, state }: AppReading): AppHistory {
  return {
    app: app.name,
    rollouts: state.history.map(({ evidence, ...summary }) => ({
      ...summary,
      startedAt: iso(summary.startedAt),
      endedAt: iso(summary.endedAt),
      ...(evidence && { evidence: markOf(evidence) }),
    })),
    commands: state.operator.audit.map((entry) => timed(entry)),
  };
}

/** Undefined where there is no such rollout, or nothing was kept of it. */
export function evidenceOf({ app, state }: AppReading, rollout: string): RolloutEvidence | undefined {
  const past = state.history.find((summary) => summary.rollout === rollout);
  const current = state.rollout?.id === rollout ? state.rollout : undefined;
  const evidence = past?.evidence ?? current?.evidence;
  if (evidence === undefined) return undefined;
  const to = past?.to ?? (current?.candidate && releaseName(current.candidate.release));
  return {
    app: app.name,
    rollout,
    ...(to !== undefined && { to }),
    ...(past && { outcome: past.outcome }),
    ...markOf(evidence),
    items: [...evidence.items],
  };
}

function markOf({ at, items, isCut }: Evidence): { at: string; bytes: number; isCut: boolean } {
  return { at: iso(at), bytes: sizeOf({ items }), isCut };
}

export function explanationOf(reading: AppReading, choices: readonly ImageChoice[]): AppExplanation {
  const { says } = summaryOf(reading);
  const last = reading.state.history.at(-1);
  return {
    app: reading.app.name,
    ...(says && { says }),
    ...(last?.evidence && {
      evidence: { rollout: last.rollout, ...(last.to !== undefined && { to: last.to }), at: iso(last.evidence.at) },
    }),
    heldBack: [...heldBack(reading.state)],
    images: choices.map((choice) => ({
      ...choice,
      skipped: choice.skipped.slice(0, MOST_SKIPPED),
      skippedCount: choice.skipped.length,
    })),
  };
}

function rolloutOf(rollout: Rollout, { operator }: AppState): AppSummary['rollout'] {
  const { id, reason, live, candidate, turnedBack, deadlineAt } = rollout;
  const step = currentStep(rollout);
  const isHeld = operator.pause !== undefined || rollout.heldSince !== undefined;
  return {
    id,
    reason,
    ...(live && { from: nameOf(live.release) }),
    ...(candidate && { to: nameOf(candidate.release) }),
    direction: rollout.backPlan === undefined ? 'forward' : 'back',
    ...(step && { step: stepOf(rollout, step) }),
    startedAt: iso(rollout.startedAt),
    stepSince: iso(rollout.enteredAt),
    ...(deadlineAt !== undefined && !isHeld && { deadline: iso(deadlineAt) }),
    ...(turnedBack && {
      turnedBack: { outcome: turnedBack.outcome, reason: turnedBack.reason, at: iso(turnedBack.at) },
    }),
    votes: operator.votes.filter((vote) => vote.rollout === id).map(({ by, at, full }) => ({ by, at: iso(at), full })),
  };
}

function stepOf(rollout: Rollout, step: Step): NonNullable<NonNullable<AppSummary['rollout']>['step']> {
  const { kind, side, part } = step;
  return {
    kind,
    side,
    ...(part !== undefined && { part }),
    groups: groupsIn(rollout, step).length,
    number: rollout.cursor + 1,
    of: stepsInForce(rollout).length,
  };
}

function saysOf({ kind, text, hold, until, at }: Remark): NonNullable<AppSummary['says']> {
  return { kind, text, hold, until: until === undefined ? undefined : iso(until), at: iso(at) };
}

function nameOf(release: Release): { id: string; name: string } {
  return { id: release.id, name: releaseName(release) };
}

function timed<Said extends { readonly at: Instant }>(said: Said): Omit<Said, 'at'> & { at: string } {
  return { ...said, at: iso(said.at) };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
