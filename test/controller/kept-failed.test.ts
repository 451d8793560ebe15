/** What is kept beside the live stack, and for how long. */
import { expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { noLongerKept } from '../../src/controller/retained.ts';
import type { Retained } from '../../src/controller/retained.ts';
import { app, stack } from '../rollout/world.ts';

const kept = (id: string, until: number, kind?: 'failed'): Retained => ({
  ...(kind === undefined ? {} : { kind }),
  stack: stack(id, '1.0.0'),
  proofs: {},
  until,
});
const settings = { ...app.rollout, retain: { forMs: 1, count: 1 }, keepFailedMs: 1 };
const gone = (retained: readonly Retained[], given: Partial<typeof settings>, now: number) =>
  noLongerKept({ ...EMPTY_STATE, retained }, { ...settings, ...given }, now).map(({ id }) => id);

test.each<[string, readonly Retained[], object, readonly string[]]>([
  ['one of each kind is kept', [kept('live', 9), kept('bad', 9, 'failed')], {}, []],
  ['R8: the time of a failed one is over', [kept('live', 9), kept('bad', 5, 'failed')], {}, ['bad']],
  ['R8: of two failed ones the older goes', [kept('old', 9, 'failed'), kept('new', 9, 'failed')], {}, ['old']],
  ['failed ones do not count as ones to go back to', [kept('a', 9), kept('b', 9), kept('bad', 9, 'failed')], {}, ['a']],
  ['R8: keepFailed is no more', [kept('live', 9), kept('bad', 9, 'failed')], { keepFailedMs: 0 }, ['bad']],
  ['retain is no more', [kept('live', 9), kept('bad', 9, 'failed')], { retain: undefined }, ['live']],
])('%s', (_, retained, given, expected) => {
  expect(gone(retained, given, 5)).toEqual(expected);
});
