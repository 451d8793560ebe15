/**
 * What the measurements of one check come to, as it is stored, and the verdict on it. Limits are judged by their order of
 * weight: failures, then inconclusive ones, then errors in a row. Nothing measured, or no success at all, is never healthy.
 */
import { LONGEST_DETAIL, MEASUREMENT_KINDS } from '../model/check.ts';
import type { Check, Measurement, MeasurementKind } from '../model/check.ts';
import type { Instant } from '../model/time.ts';

/** Measurements that a tally keeps, the last ones. */
export const MOST_MEASUREMENTS = 20;

export interface Tally {
  readonly counts: Readonly<Record<MeasurementKind, number>>;
  readonly errorsInRow: number;
  readonly lastAt: Instant;
  readonly lastDetail: string;
  /** Who was asked wants to be asked again then. */
  readonly againAt?: Instant | undefined;
  /** Oldest first. */
  readonly recent: readonly Measurement[];
}

export type CheckVerdict =
  | { readonly kind: 'running' }
  /** `wouldBe`: how a dry run would have ended; for people only. */
  | { readonly kind: 'passed'; readonly wouldBe?: CheckTrouble }
  | CheckTrouble;

export interface CheckTrouble {
  readonly kind: 'failed' | 'error' | 'inconclusive';
  /** For people: what was measured how often, against which limit, and the last detail of that kind. */
  readonly reason: string;
}

const NOTHING: Tally['counts'] = { success: 0, failure: 0, error: 0, inconclusive: 0 };

/** The same measurement again (by its `at`) changes nothing. */
export function countMeasurement(tally: Tally | undefined, measurement: Measurement): Tally {
  const { at, kind, retryAfterMs } = measurement;
  if (tally?.lastAt === at) return tally;
  const counts = tally?.counts ?? NOTHING;
  const detail = measurement.detail.slice(0, LONGEST_DETAIL);
  if (retryAfterMs !== undefined) {
    const { errorsInRow, recent } = tally ?? { errorsInRow: 0, recent: [] };
    return { counts, errorsInRow, lastAt: at, lastDetail: detail, againAt: at + retryAfterMs, recent };
  }
  return {
    counts: { ...counts, [kind]: counts[kind] + 1 },
    errorsInRow: kind === 'error' ? (tally?.errorsInRow ?? 0) + 1 : 0,
    lastAt: at,
    lastDetail: detail,
    recent: [...(tally?.recent ?? []), { ...measurement, detail }].slice(-MOST_MEASUREMENTS),
  };
}

export function judgeTally(check: Check, tally: Tally | undefined): CheckVerdict {
  const verdict = judgeStrictly(check, tally);
  if (!check.isDryRun || verdict.kind === 'running' || verdict.kind === 'passed') return verdict;
  return { kind: 'passed', wouldBe: verdict };
}

/** When the next measurement is due; undefined once the verdict is out. An instant in the past (0 at first): at once. */
export function dueAt(check: Check, tally: Tally | undefined): Instant | undefined {
  if (judgeTally(check, tally).kind !== 'running') return undefined;
  return tally === undefined ? 0 : Math.max(tally.lastAt + check.intervalMs, tally.againAt ?? 0);
}

/** For people: `2 of 5 measured, 1 success, 1 failure; last: 503, expected 200–299`. */
export function tallyText(check: Check, tally: Tally | undefined): string {
  if (tally === undefined) return `0 of ${check.count} measured`;
  const kinds = MEASUREMENT_KINDS.filter((kind) => tally.counts[kind] > 0);
  const told = kinds.map((kind) => `, ${times(tally.counts[kind], kind)}`).join('');
  return `${counted(tally)} of ${check.count} measured${told}; last: ${tally.lastDetail}`;
}

function judgeStrictly(check: Check, tally: Tally | undefined): CheckVerdict {
  if (tally === undefined) return { kind: 'running' };
  const { counts, errorsInRow } = tally;
  const trouble = (kind: CheckTrouble['kind'], what: string, of: MeasurementKind): CheckTrouble => ({
    kind,
    reason: `check ${check.name}: ${what}, ${lastOf(tally, of)}`,
  });
  if (counts.failure > check.failureLimit) {
    return trouble('failed', `${times(counts.failure, 'failure')} (limit ${check.failureLimit})`, 'failure');
  }
  if (counts.inconclusive > check.inconclusiveLimit) {
    const what = `${counts.inconclusive} inconclusive (limit ${check.inconclusiveLimit})`;
    return trouble('inconclusive', what, 'inconclusive');
  }
  if (errorsInRow > check.errorLimit) {
    return trouble('error', `${times(errorsInRow, 'error')} in a row (limit ${check.errorLimit})`, 'error');
  }
  if (counted(tally) < check.count) return { kind: 'running' };
  if (counts.success > 0) return { kind: 'passed' };
  const kind = counts.failure > 0 ? 'failure' : 'inconclusive';
  return trouble('inconclusive', `${counted(tally)} measured and not one success`, kind);
}

function counted({ counts }: Tally): number {
  return counts.success + counts.failure + counts.inconclusive;
}

function lastOf(tally: Tally, kind: MeasurementKind): string {
  return `last: ${tally.recent.findLast((measurement) => measurement.kind === kind)?.detail ?? tally.lastDetail}`;
}

function times(n: number, kind: MeasurementKind): string {
  if (kind === 'inconclusive' || n === 1) return `${n} ${kind}`;
  return `${n} ${kind === 'success' ? 'successes' : `${kind}s`}`;
}
