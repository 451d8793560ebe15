/**
 * What a rollout's last looks at Azure showed, with when they were asked for, and what may stand in for the next: the answers
 * to what was written since. In memory only.
 */
import type { Instant } from '../model/time.ts';
import type { Effect, EffectOutcome } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile, Seen } from '../rollout/observation.ts';
import { groupsOf } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import { withAnswer } from './answered.ts';

export interface Look<T> {
  readonly askedAt: Instant;
  readonly seen: Seen<T>;
}

export interface Memory {
  /** Tells one stay in one step. */
  readonly key: string;
  readonly groups: Map<string, Look<ObservedGroup | undefined>>;
  profile: Look<ObservedProfile | undefined> | undefined;
  /** When all that the step needs was last looked at; undefined: not since it was entered. */
  lookedAt: Instant | undefined;
  gapMs: number;
  /** When the last endpoint of a row was answered. */
  writtenAt: Instant;
  /** What is remembered was not noted in the rollout yet. */
  isNews: boolean;
  /** After a look that something was wrong led to, so long to the next one for that. */
  alarmMs: number;
  /** What the last look led to: a change (`step`), an endpoint that was written (`row`), or it has to be looked anew (`doubt`). */
  next: 'wait' | 'step' | 'row' | 'doubt';
}

/** All that is there of an app, as it was seen just before a rollout was started. */
export interface AroundLook {
  readonly askedAt: Instant;
  readonly groups: Extract<Seen<readonly ObservedGroup[]>, { known: true }>;
  readonly profile: Seen<ObservedProfile | undefined> | undefined;
}

/** What is remembered goes on into the next step only where that follows at once. */
export function enterStep(last: Memory | undefined, rollout: Rollout): Memory {
  const key = `${rollout.id} ${rollout.cursor} ${rollout.enteredAt} ${rollout.backPlan === undefined}`;
  if (last?.key === key) return last;
  const before = last?.next === 'step' && last.key.startsWith(`${rollout.id} `) ? last : undefined;
  return {
    key,
    groups: before?.groups ?? new Map(),
    profile: before?.profile,
    lookedAt: undefined,
    gapMs: 0,
    writtenAt: 0,
    isNews: false,
    alarmMs: rollout.settings.observeIntervalMs,
    next: before === undefined ? 'wait' : 'step',
  };
}

/** The look that led to the start of a rollout is its first one: what it lacks of a stack of new names is not there. */
export function memoryOf(rollout: Rollout, { askedAt, groups, profile }: AroundLook): Memory {
  const memory = enterStep(undefined, rollout);
  const listed = new Map(groups.value.map((group) => [group.name.toLowerCase(), group]));
  const newNames = rollout.candidate?.id === rollout.id ? groupsOf(rollout, 'candidate').map(({ name }) => name) : [];
  for (const name of [...groupsOf(rollout, 'live').map((group) => group.name), ...newNames]) {
    const value = listed.get(name.toLowerCase());
    if (value === undefined && !newNames.includes(name)) continue;
    memory.groups.set(name, { askedAt, seen: { known: true, at: groups.at, value } });
  }
  memory.profile = profile === undefined ? undefined : { askedAt, seen: profile };
  memory.next = 'step';
  memory.isNews = true;
  return memory;
}

/** `outcomes` in the order of the effects. */
export function addAnswers(
  memory: Memory,
  { effects, outcomes, now }: { effects: readonly Effect[]; outcomes: readonly EffectOutcome[]; now: Instant },
): void {
  if (effects.length === 0) return;
  for (const outcome of outcomes) {
    if (outcome.kind !== 'accepted' || outcome.created === undefined) continue;
    const { created } = outcome;
    memory.groups.set(created.name, { askedAt: now, seen: { known: true, at: now, value: created } });
    memory.isNews = true;
  }
  const isAccepted = outcomes.every(({ kind }) => kind === 'accepted');
  const profile = memory.profile === undefined ? undefined : withAnswer(memory.profile.seen, effects);
  if (isAccepted && memory.profile !== undefined && profile !== undefined) {
    memory.profile = { askedAt: memory.profile.askedAt, seen: profile };
    memory.next = 'row';
    memory.writtenAt = now;
  } else if (!isAccepted || effects.some(({ kind }) => kind.endsWith('Endpoint'))) {
    memory.next = 'doubt';
    memory.gapMs = 0;
  }
}
