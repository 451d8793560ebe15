import { describe, expect, test } from 'vitest';
import { conditionText, holds, parseCondition } from '../../src/model/condition.ts';

describe('a condition', () => {
  test.each([
    ['< 0.01', { op: '<', value: 0.01 }],
    ['<=5', { op: '<=', value: 5 }],
    [' >= -1.5e3 ', { op: '>=', value: -1500 }],
    ['==0', { op: '==', value: 0 }],
    ['!= .5', { op: '!=', value: 0.5 }],
    ['> 1.', { op: '>', value: 1 }],
  ])('is read from "%s"', (text, expected) => {
    expect(parseCondition(text)).toEqual(expected);
  });

  test.each([
    '',
    '<',
    '0.01',
    '= 1',
    '=> 1',
    '< one',
    '< 1 2',
    '< 1e999',
    '< 1,5',
    'result < 1',
    '< NaN',
    '<< 1',
    '< .',
  ])('is not read from "%s"', (text) => {
    expect(parseCondition(text)).toBeUndefined();
  });

  test.each([
    ['< 1', [0, -Infinity], [1, 2, Infinity]],
    ['<= 1', [0, 1], [1.1]],
    ['> 1', [2, Infinity], [1, 0]],
    ['>= 1', [1, 2], [0]],
    ['== 1', [1], [0, Infinity]],
    ['!= 1', [0], [1]],
  ])('%s holds for %j and not for %j', (text, fulfilling, others) => {
    const condition = parseCondition(text);
    expect(condition && conditionText(condition)).toBe(text);
    if (condition === undefined) return;
    expect(fulfilling.map((number) => holds(condition, number))).not.toContain(false);
    expect(others.map((number) => holds(condition, number))).not.toContain(true);
  });
});
