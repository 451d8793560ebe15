/** What repeats is let through once in a while, with how often it came; of more keys than it has room for, all as one. */
import { expect, test } from 'vitest';
import { Folding } from '../../src/server/folding.ts';
import { Refusals } from '../../src/server/refusals.ts';

const once = { more: 0, isOther: false };

test('the same is let through again once its time is over, with how often it came meanwhile', () => {
  let now = 0;
  const folding = new Folding({ now: () => now }, { eachMs: 1000, mostKeys: 10 });
  expect([folding.add('a'), folding.add('a'), folding.add('b')]).toEqual([once, undefined, once]);
  now = 999;
  expect(folding.add('a')).toBeUndefined();
  now = 1000;
  expect(folding.add('a')).toEqual({ more: 2, isOther: false });
  expect(folding.add('a')).toBeUndefined();
});

test('more keys than there is room for are one, until the oldest is over', () => {
  let now = 0;
  const folding = new Folding({ now: () => now }, { eachMs: 1000, mostKeys: 2 });
  expect([folding.add('a'), folding.add('b')]).toEqual([once, once]);
  now = 500;
  expect([folding.add('c'), folding.add('d')]).toEqual([{ more: 0, isOther: true }, undefined]);
  expect(folding.add('a')).toBeUndefined();
  now = 1000;
  expect(folding.add('e')).toEqual(once);
});

test('refusals of each address are told, and of a thousand at once no more than a hundred and one', () => {
  const told: unknown[] = [];
  const refusals = new Refusals({ now: () => 0 }, (reason, { from }) => told.push([reason, from]));
  for (let host = 0; host < 1000; host += 1) refusals.add('no secret, or a wrong one', `192.0.2.${host}`);
  expect(told).toHaveLength(101);
  expect(told[0]).toEqual(['no secret, or a wrong one', '192.0.2.0']);
  expect(told.at(-1)).toEqual(['no secret, or a wrong one', undefined]);
});
