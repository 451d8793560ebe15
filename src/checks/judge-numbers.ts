/** Numbers of a metric against the conditions of its check: each must hold. NaN, as of 0/0, says neither good nor bad. */
import type { Check } from '../model/check.ts';
import { conditionText, holds } from '../model/condition.ts';
import { errorReading, worst } from './reading.ts';
import type { Reading } from './reading.ts';

/** More are no answer that somebody has thought of. */
const MOST_NUMBERS = 1000;

export interface Series {
  /** For people; empty where there is but one. */
  readonly label: string;
  readonly value: number;
}

type Conditions = Pick<Check, 'successWhen' | 'failureWhen'>;

export function judgeNumbers(conditions: Conditions, series: readonly Series[]): Reading {
  if (series.length > MOST_NUMBERS)
    return errorReading(`${series.length} numbers, more than ${MOST_NUMBERS}: let the query aggregate them`);
  return worst(
    series.map((one) => judgeNumber(conditions, one)),
    'number',
  );
}

function judgeNumber({ successWhen, failureWhen }: Conditions, { label, value }: Series): Reading {
  const told = label === '' ? String(value) : `${label}: ${value}`;
  if (Number.isNaN(value)) return { kind: 'inconclusive', detail: `${told}, no number (no data, or 0/0)` };
  const reading = (kind: Reading['kind'], detail: string): Reading =>
    Number.isFinite(value) ? { kind, detail, value } : { kind, detail };
  if (failureWhen !== undefined && holds(failureWhen, value))
    return reading('failure', `${told}, a failure when ${conditionText(failureWhen)}`);
  if (successWhen === undefined) return reading('success', told);
  if (holds(successWhen, value)) return reading('success', `${told}, expected ${conditionText(successWhen)}`);
  const kind = failureWhen === undefined ? 'failure' : 'inconclusive';
  return reading(kind, `${told}, expected ${conditionText(successWhen)}`);
}
