import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { readRetryAfter } from '../../src/azure/retry-after.ts';

const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

test.each<[string, Record<string, string>, number | undefined]>([
  ['nothing', {}, undefined],
  ['seconds', { 'retry-after': '17' }, 17_000],
  ['a fraction of a second', { 'retry-after': '0.5' }, 500],
  ['half an hour', { 'retry-after': '1800' }, 1_800_000],
  ['a day, of which an hour is believed', { 'retry-after': '86400' }, 3_600_000],
  ['milliseconds', { 'retry-after-ms': '9000' }, 9000],
  ['milliseconds of Azure’s own', { 'x-ms-retry-after-ms': '9000' }, 9000],
  ['milliseconds, more exactly than the seconds beside them', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
  ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT', date }, 120_000],
  ['a date of the past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT', date }, 0],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['less than nothing', { 'retry-after': '-5' }, undefined],
  ['an empty text', { 'retry-after': '' }, undefined],
])('an answer that asks for %s', (_, headers, ms) => {
  expect(readRetryAfter(createHttpHeaders(headers))).toBe(ms);
});

test('a date is counted from now where the answer has none', () => {
  const headers = createHttpHeaders({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
  expect(readRetryAfter(headers)).toBeGreaterThan(55_000);
  expect(readRetryAfter(headers)).toBeLessThanOrEqual(60_000);
});
