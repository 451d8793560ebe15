/**
 * When an effect may be tried (again): at once the first time, then after a pause that doubles up to five minutes, and
 * never before the moment that Azure asked for. What was never sent, as its turn did not come, was no try.
 */
import { MINUTE } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { effectKey, NOT_SENT_CODE } from './effect.ts';
import type { Effect, Refusal } from './effect.ts';
import type { Observation } from './observation.ts';
import type { Attempts, Rollout } from './state.ts';

const LONGEST_PAUSE_MS = 5 * MINUTE;

export function mayTryAt(rollout: Rollout, effect: Effect, observation: Observation): Instant {
  const key = effectKey(effect);
  const attempts = rollout.attempts[key];
  if (attempts === undefined) return 0;
  const refusal = observation.refusals.get(key);
  const askedAt = (refusal?.at ?? 0) + (refusal?.retryAfterMs ?? 0);
  if (refusal !== undefined && wasNotSent(refusal, attempts)) return askedAt;
  const base = Math.max(1000, rollout.settings.observeIntervalMs * 2);
  const pauseMs = Math.min(LONGEST_PAUSE_MS, base * 2 ** Math.min(attempts.count - 1, 20));
  return Math.max(attempts.lastAt + pauseMs, askedAt);
}

function wasNotSent({ code, at }: Refusal, { lastAt }: Attempts): boolean {
  return code === NOT_SENT_CODE && at >= lastAt;
}

/** Those of the effects whose time has come. */
export function due(rollout: Rollout, effects: readonly Effect[], scene: { observation: Observation; now: Instant }) {
  return effects.filter((effect) => mayTryAt(rollout, effect, scene.observation) <= scene.now);
}

/** The refusal of this effect, if its last try (within this step) was refused. */
export function refusalOf(rollout: Rollout, effect: Effect, observation: Observation): Refusal | undefined {
  const refusal = observation.refusals.get(effectKey(effect));
  return refusal !== undefined && refusal.at >= rollout.enteredAt ? refusal : undefined;
}

export function countAttempts(
  rollout: Rollout,
  effects: readonly Effect[],
  { observation, now }: { observation: Observation; now: Instant },
): Rollout {
  if (effects.length === 0) return rollout;
  const attempts = { ...rollout.attempts };
  for (const effect of effects) {
    const key = effectKey(effect);
    const before = attempts[key];
    const refusal = observation.refusals.get(key);
    const isAgain = before !== undefined && refusal !== undefined && wasNotSent(refusal, before);
    attempts[key] = { count: (before?.count ?? 0) + (isAgain ? 0 : 1), lastAt: now };
  }
  return { ...rollout, attempts };
}
