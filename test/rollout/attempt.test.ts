import { expect, test } from 'vitest';
import { countAttempts, mayTryAt } from '../../src/rollout/attempt.ts';
import type { Effect, Refusal } from '../../src/rollout/effect.ts';
import { effectKey } from '../../src/rollout/effect.ts';
import { startRollout } from '../../src/rollout/start.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { app, stack, START } from './world.ts';

const candidate = stack('22222222', '2.0.0');
const [group] = candidate.groups;
if (group === undefined) throw new Error('a stack has groups');
const effect: Effect = { kind: 'createGroup', group, stack: candidate };
const begun = startRollout({ app, live: undefined, candidate, now: START });

function seen(refusal: Partial<Refusal>) {
  const whole = { at: START, fault: 'world', code: 'Busy', message: '', retryAfterMs: undefined, ...refusal } as const;
  const refusals = new Map([[effectKey(effect), whole]]);
  return { groups: new Map(), profile: undefined, probes: new Map(), refusals };
}

/** Tried again and again, each time refused at once; when it may be tried after that, in seconds from the last. */
function pauseAfter(tries: number, refusal: Partial<Refusal>): number {
  let rollout: Rollout = begun;
  let now = START;
  for (let count = 0; count < tries; count += 1) {
    rollout = countAttempts(rollout, [effect], { observation: seen({ ...refusal, at: now }), now });
    if (count < tries - 1) now = mayTryAt(rollout, effect, seen({ ...refusal, at: now }));
  }
  return (mayTryAt(rollout, effect, seen({ ...refusal, at: now })) - now) / 1000;
}

test('what is refused is tried again after a pause that grows', () => {
  expect([1, 2, 3, 20].map((tries) => pauseAfter(tries, {}))).toEqual([2, 4, 8, 300]);
});

test('S87: not before Azure said, counted from its answer', () => {
  expect(pauseAfter(1, { retryAfterMs: 60_000 })).toBe(60);
});

test('what was never sent was no try: it comes again at once, or when the pause is over, however often', () => {
  expect([1, 2, 20].map((tries) => pauseAfter(tries, { code: 'NOT_SENT', retryAfterMs: 0 }))).toEqual([0, 0, 0]);
  expect(pauseAfter(20, { code: 'NOT_SENT', retryAfterMs: 40_000 })).toBe(40);
});

test('a refusal after what was never sent is the first', () => {
  const observation = seen({ code: 'NOT_SENT', at: START });
  const unsent = countAttempts(begun, [effect], { observation: { ...observation, refusals: new Map() }, now: START });
  const sent = countAttempts(unsent, [effect], { observation, now: START + 1000 });
  expect(sent.attempts[effectKey(effect)]).toEqual({ count: 1, lastAt: START + 1000 });
});
