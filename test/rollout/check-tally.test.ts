/** What the measurements of a check come to. Kinds are written by their first letter: s, f, e, i. */
import { describe, expect, test } from 'vitest';
import { storedChecks, storedTally } from '../../src/controller/stored-checks.ts';
import { isAsked, LONGEST_DETAIL } from '../../src/model/check.ts';
import type { Check, MeasurementKind } from '../../src/model/check.ts';
import { countMeasurement, dueAt, judgeTally, MOST_MEASUREMENTS, tallyText } from '../../src/rollout/check-tally.ts';
import type { Tally } from '../../src/rollout/check-tally.ts';

const check: Check = {
  name: 'home',
  source: { kind: 'tcp', port: 80 },
  successWhen: undefined,
  failureWhen: undefined,
  intervalMs: 1000,
  count: 3,
  timeoutMs: 500,
  failureLimit: 0,
  errorLimit: 1,
  inconclusiveLimit: 0,
  isDryRun: false,
};
const KINDS: Readonly<Record<string, MeasurementKind>> = { s: 'success', f: 'failure', e: 'error', i: 'inconclusive' };

function tallyOf(letters: string): Tally | undefined {
  let tally: Tally | undefined;
  for (const [index, letter] of letters.split('').entries()) {
    const kind = KINDS[letter] ?? 'error';
    tally = countMeasurement(tally, { at: 10_000 + index * 1000, kind, detail: `${kind} ${index}` });
  }
  return tally;
}

describe('a check', () => {
  test.each<[string, Partial<Check>, string]>([
    // Nothing measured is never healthy, whatever is wanted.
    ['', {}, 'running'],
    ['', { count: 0 }, 'running'],
    ['ss', {}, 'running'],
    ['sss', {}, 'passed'],
    // Failures.
    ['f', {}, 'failed'],
    ['sf', { failureLimit: 1 }, 'running'],
    ['sfs', { failureLimit: 1 }, 'passed'],
    ['sff', { failureLimit: 1 }, 'failed'],
    ['ff', { failureLimit: 1, count: 5 }, 'failed'],
    // Errors count in a row, and take no place among the measurements that are wanted.
    ['e', {}, 'running'],
    ['ee', {}, 'error'],
    ['eseses', {}, 'passed'],
    ['sses', {}, 'passed'],
    ['sse', {}, 'running'],
    ['eie', { inconclusiveLimit: 1 }, 'running'],
    ['e', { errorLimit: 0 }, 'error'],
    // Inconclusive.
    ['i', {}, 'inconclusive'],
    ['iss', { inconclusiveLimit: 1 }, 'passed'],
    ['isi', { inconclusiveLimit: 1 }, 'inconclusive'],
    // A failure weighs more than what is not known.
    ['ieef', { inconclusiveLimit: 1 }, 'failed'],
    ['if', {}, 'failed'],
    ['ee', { errorLimit: 0, inconclusiveLimit: 0 }, 'error'],
    // All limits kept, and not one success.
    ['fff', { failureLimit: 3 }, 'inconclusive'],
    ['iii', { inconclusiveLimit: 3 }, 'inconclusive'],
    ['fei', { failureLimit: 1, inconclusiveLimit: 1, count: 2 }, 'inconclusive'],
  ])('that measured "%s" with %j is %s', (letters, given, expected) => {
    expect(judgeTally({ ...check, ...given }, tallyOf(letters)).kind).toBe(expected);
  });

  test('says how often, against which limit, and the last detail of that kind', () => {
    const reasons = [
      judgeTally({ ...check, failureLimit: 1, count: 9 }, tallyOf('fsefi')),
      judgeTally(check, tallyOf('ee')),
      judgeTally(check, tallyOf('i')),
      judgeTally({ ...check, failureLimit: 3 }, tallyOf('ffef')),
    ];
    expect(reasons).toEqual([
      { kind: 'failed', reason: 'check home: 2 failures (limit 1), last: failure 3' },
      { kind: 'error', reason: 'check home: 2 errors in a row (limit 1), last: error 1' },
      { kind: 'inconclusive', reason: 'check home: 1 inconclusive (limit 0), last: inconclusive 0' },
      { kind: 'inconclusive', reason: 'check home: 3 measured and not one success, last: failure 3' },
    ]);
    expect(tallyText(check, tallyOf('sse'))).toBe('2 of 3 measured, 2 successes, 1 error; last: error 2');
    expect(tallyText(check, undefined)).toBe('0 of 3 measured');
  });

  test.each(['f', 'ee', 'i'])(
    'S47: a dry run that measured "%s" passes, and tells how it would have ended',
    (letters) => {
      const verdict = judgeTally(check, tallyOf(letters));
      const dry = { ...check, isDryRun: true };
      expect(judgeTally(dry, tallyOf(letters))).toEqual({ kind: 'passed', wouldBe: verdict });
      expect(dueAt(dry, tallyOf(letters))).toBeUndefined();
    },
  );

  test('S47: a dry run waits for its measurements like any other', () => {
    const dry = { ...check, isDryRun: true };
    expect(judgeTally(dry, undefined)).toEqual({ kind: 'running' });
    expect(judgeTally(dry, tallyOf('ss'))).toEqual({ kind: 'running' });
    expect(judgeTally(dry, tallyOf('sss'))).toEqual({ kind: 'passed' });
  });

  test('is due at once, then an interval after each measurement, and no more once it is judged', () => {
    expect(dueAt(check, undefined)).toBe(0);
    expect(dueAt(check, tallyOf('s'))).toBe(11_000);
    expect(dueAt(check, tallyOf('se'))).toBe(12_000);
    expect(dueAt(check, tallyOf('f'))).toBeUndefined();
    expect(dueAt(check, tallyOf('sss'))).toBeUndefined();
  });
});

describe('a tally', () => {
  test('S47: keeps the last measurements only, and counts them all', () => {
    const tally = tallyOf('s'.repeat(MOST_MEASUREMENTS + 5));
    expect(tally?.recent).toHaveLength(MOST_MEASUREMENTS);
    expect(tally?.recent[0]?.detail).toBe('success 5');
    expect(tally?.counts.success).toBe(MOST_MEASUREMENTS + 5);
  });

  test('counts a measurement that is seen twice once', () => {
    const once = countMeasurement(undefined, { at: 1, kind: 'failure', detail: 'bad' });
    expect(countMeasurement(once, { at: 1, kind: 'failure', detail: 'bad' })).toBe(once);
  });

  test('S102: counts an answer that was put off for nothing, and asks again when it says, but not before its interval', () => {
    const later = (at: number, retryAfterMs: number) =>
      ({ at, kind: 'inconclusive', detail: '409', retryAfterMs }) as const;
    let tally = countMeasurement(tallyOf('se'), later(12_000, 30_000));
    expect([judgeTally(check, tally).kind, dueAt(check, tally)]).toEqual(['running', 42_000]);
    expect([tally.counts, tally.errorsInRow]).toEqual([tallyOf('se')?.counts, 1]);
    tally = countMeasurement(undefined, later(1000, 10));
    expect(dueAt(check, tally)).toBe(2000);
    expect(tallyText(check, tally)).toBe('0 of 3 measured; last: 409');
    expect(storedTally.parse(JSON.parse(JSON.stringify(tally)))).toEqual(tally);
  });

  test('cuts a detail that is too long', () => {
    const tally = countMeasurement(undefined, { at: 1, kind: 'failure', detail: 'x'.repeat(5000) });
    expect(tally.lastDetail).toHaveLength(LONGEST_DETAIL);
    expect(tally.recent[0]?.detail).toHaveLength(LONGEST_DETAIL);
  });
});

describe('each source', () => {
  const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const sources: readonly Check['source'][] = [
    { kind: 'http', url: 'http://{target}/', statuses: [{ from: 200, to: 299 }], host: undefined, bodyIncludes: 'ok' },
    { kind: 'tcp', port: 80 },
    { kind: 'webhook', url: 'https://a', secret: { env: 'S' }, headers: { a: 'b' }, on4xx: 'failure', on5xx: 'error' },
    {
      kind: 'webhook',
      url: 'https://a',
      secret: { keyVault: { vault: 'https://shop.vault.azure.net', secret: 'gate' } },
      headers: {},
      on4xx: 'failure',
      on5xx: 'error',
      laterMs: 1,
      waitMs: 2,
    },
    { kind: 'prometheus', url: 'https://p', query: 'up', secret: undefined, audience: 'https://a', headers: {} },
    {
      kind: 'azureMetrics',
      resourceId: '/subscriptions/s',
      namespace: 'n',
      metrics: ['m'],
      aggregation: 'total',
      windowMs: 1,
      endpoint: 'https://e',
      audience: 'https://a',
    },
    { kind: 'azureLogs', workspaceId: 'w', query: 'q', windowMs: 1, endpoint: 'https://e', audience: 'https://a' },
    { kind: 'job', image: 'i', container: 'c', command: ['x'], cpu: 1, memoryGb: 1, deadlineMs: 1 },
  ];

  test('is asked, but for a job, which is run', () => {
    const asked = sources.filter((source) => isAsked({ ...check, source })).map(({ kind }) => kind);
    expect(asked).toEqual(['http', 'tcp', 'webhook', 'webhook', 'prometheus', 'azureMetrics', 'azureLogs']);
  });

  test.each(sources.map((source) => [source.kind, source] as const))(
    'S97: a check of kind %s and its tally come back whole',
    (_, source) => {
      const whole: Check = { ...check, source, successWhen: { op: '<', value: 0.01 } };
      const checks = { before: [whole], after: [] };
      expect(storedChecks.parse(stored(checks))).toEqual(checks);
      const tally = countMeasurement(tallyOf('sfei'), { at: 20_000, kind: 'success', detail: '0.5', value: 0.5 });
      expect(storedTally.parse(stored(tally))).toEqual(tally);
    },
  );
});
