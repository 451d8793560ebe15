/**
 * Judges by docs/checks.md what comes after a check: no rollout goes on without one that has truly told that its candidate
 * is good, unless a person said so. What failed, what could not be measured, and what says nothing is no proof.
 */
import type { Instant } from '../model/time.ts';
import type { CheckAnswers } from './check-answers.ts';
import { tellingChecks } from './draw-checks.ts';
import type { AppOptions } from './options.ts';
import { nameOf } from './stored-app.ts';
import type { StoredRollout } from './stored-app.ts';
import type { Truth } from './truth.ts';

export interface Passage {
  readonly before: StoredRollout;
  readonly after: StoredRollout;
  /** When it came to the step that it was at, or some time before. */
  readonly since: Instant;
  readonly answers: CheckAnswers;
  readonly truth: Truth;
}

/** Each step between two saves of a rollout. */
export function judgeChecks(app: AppOptions, { before, after, since, answers, truth }: Passage): void {
  if (before.backPlan !== undefined || after.backPlan !== undefined) return;
  for (const { kind, phase } of before.plan.slice(before.cursor, after.cursor)) {
    if (kind !== 'check' || phase === undefined) continue;
    for (const { name, on = ['firstDeployment', 'newRelease'] } of tellingChecks(app, phase)) {
      if (!on.some((reason) => reason === before.reason) || answers.hasToldGood(before.id, name, since)) continue;
      const what = `${app.name}: ${nameOf(before.candidate?.release)} goes on after check ${name}`;
      truth.violate('checks', `${what}, which has never told that it is good`);
    }
  }
}

/** What has failed by more than its limit blames the release, whatever else could not be measured beside it. */
export function judgeBlame(
  app: AppOptions,
  { before, after, truth }: Pick<Passage, 'before' | 'after' | 'truth'>,
): void {
  const { turnedBack } = after;
  const step = before.plan[before.cursor];
  if (turnedBack === undefined || before.backPlan !== undefined || step?.kind !== 'check') return;
  if (turnedBack.fault !== 'world' || !turnedBack.reason.startsWith('check ')) return;
  for (const { name, failureLimit } of tellingChecks(app, step.phase)) {
    const failures = after.tallies[`${before.cursor} ${name}`]?.counts.failure ?? 0;
    if (failures > failureLimit)
      truth.violate(
        'checks',
        `${app.name}: nobody is blamed for ${failures} failures of ${name}: ${turnedBack.reason}`,
      );
  }
}
