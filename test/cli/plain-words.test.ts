import { describe, expect, test } from 'vitest';
import { aligned, moment, relative, span } from '../../src/cli/plain-words.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';

const NOW = '2026-01-01T12:00:00.000Z';

test.each([
  [400, '0 s'],
  [90_000, '90 s'],
  [3 * MINUTE, '3 min'],
  [150 * MINUTE, '3 h'],
  [72 * HOUR, '3 d'],
  [-5, '0 s'],
])('%i ms is %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

describe('a moment', () => {
  test.each([
    ['2026-01-01T12:00:40.000Z', 'in 40 s', '12:00:40Z (in 40 s)'],
    ['2026-01-01T11:57:00.000Z', '3 min ago', '11:57:00Z (3 min ago)'],
    ['2026-01-02T12:00:00.000Z', 'in 24 h', '2026-01-02 12:00:00Z (in 24 h)'],
  ])('%s is %s', (at, ago, text) => {
    expect([relative(at, NOW), moment(at, NOW)]).toEqual([ago, text]);
  });
});

test('columns are as wide as their widest cell, and show no control characters', () => {
  expect(
    aligned([
      ['a', 'b', 'c'],
      ['long', '', '\u001b[2Jx'],
    ]),
  ).toBe('a     b  c\nlong     ?[2Jx');
});
