/** When a group of a single writer that is not there may be taken for gone: by two looks, far enough apart. */
import { expect, test } from 'vitest';
import type { Observation } from '../../src/rollout/observation.ts';
import { noteUnsettled, settledAt } from '../../src/rollout/unsettled.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { SECOND } from '../../src/model/time.ts';
import { Story } from './strategies/story.ts';
import { START } from './world.ts';

const story = new Story({ live: { west: 1 }, settings: { strategy: { kind: 'recreate', order: 'oldFirst' } } });
const groups = story.rollout.candidate?.groups ?? [];
const [name = ''] = groups.map((group) => group.name);
const asked: Rollout = { ...story.rollout, unsettled: { [name]: { askedAt: START } } };

/** The answer to a request that was sent so many seconds after the group was asked for. */
function notThere(rollout: Rollout, second: number): Rollout {
  const seen = { known: true, at: START + second * SECOND, value: undefined } as const;
  const observation: Observation = { ...story.observe(rollout), groups: new Map([[name, seen]]) };
  return noteUnsettled(rollout, observation);
}

test('one look that does not find it is not enough, however long ago it was', () => {
  const once = notThere(asked, 6);
  expect(settledAt(once, groups, START + 7 * SECOND)).toBe(START + 36 * SECOND);
  expect(settledAt(once, groups, START + 50 * SECOND)).toBe(START + 51 * SECOND);
});

test('a second one is, half a minute after the first', () => {
  expect(settledAt(notThere(notThere(asked, 6), 35), groups, START + 50 * SECOND)).toBeDefined();
  expect(settledAt(notThere(notThere(asked, 6), 36), groups, START + 50 * SECOND)).toBeUndefined();
});
