/**
 * Looks at the world for a rollout and decides, with as few requests to Azure as that takes. While a step only waits, what
 * was last seen stands in for a look, and the groups' own answers go on; where that would lead to anything, Azure is looked
 * at, and it is decided anew. A look also serves what follows from it within seconds: the next step, or the next of a row
 * of endpoints, whose answers are added to it. In memory only: after a restart all is looked at.
 */
import type { Instant } from '../model/time.ts';
import type { Decision } from '../rollout/decide.ts';
import { watching } from '../rollout/watching.ts';
import type { Effect, EffectOutcome } from '../rollout/effect.ts';
import type { Observation } from '../rollout/observation.ts';
import { LONGEST_TTL_LOOK_MS, longestUnseenMs, onlineLookMs, paceOf } from '../rollout/pace.ts';
import { currentStep } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import { lookAnew } from './look-anew.ts';
import type { Turn } from './look-anew.ts';
import { agesOf, isAlarmed, isLookDue, isNextOfRow, isRegistered, rowMs, wokenEarly } from './look-due.ts';
import type { Ages, Want } from './look-due.ts';
import { addAnswers, enterStep, memoryOf } from './look-memory.ts';
import type { AroundLook, Memory } from './look-memory.ts';
import type { Machine } from './machine.ts';
import { NameWatch } from './name-watch.ts';
import { lookFreely } from './observe.ts';
import type { ObserveGiven } from './observe.ts';

export interface Sight {
  readonly observation: Observation;
  readonly decision: Decision;
}

interface Given extends ObserveGiven {
  readonly machine: Machine;
}

type Sighting = Turn & { readonly given: Given };

export class Lookout {
  #memory: Memory | undefined;
  #names: NameWatch | undefined;

  forget(): void {
    this.#names = undefined;
    this.#memory = undefined;
  }

  /** The look that led to the start of a rollout serves as its first. */
  begin(rollout: Rollout, around: AroundLook): void {
    this.#memory = memoryOf(rollout, around);
  }

  /** What became of what was decided, in the order of the effects. */
  acted(effects: readonly Effect[], outcomes: readonly EffectOutcome[], now: Instant): void {
    if (this.#memory !== undefined) addAnswers(this.#memory, { effects, outcomes, now });
  }

  async decide(rollout: Rollout, given: Given): Promise<Sight> {
    const memory = enterStep(this.#memory, rollout);
    this.#memory = memory;
    const { next } = memory;
    memory.next = 'wait';
    const turn = await this.#begin(rollout, memory, given);
    if (next === 'row') return this.#goOnWithRow(turn);
    if (next === 'step' && paceOf(rollout) !== undefined) return this.#look(turn, 'fresh');
    const isQuiet = this.#names?.isQuietSince(memory.profile?.askedAt ?? 0) === true;
    const isDue = next !== 'wait' || isLookDue(rollout, memory, { isQuiet, now: given.clock.now() });
    return isDue ? this.#look(turn, 'all') : this.#wait(turn);
  }

  /** Name servers are asked first: what they answer decides whether the profile is looked at. */
  async #begin(rollout: Rollout, memory: Memory, given: Given): Promise<Sighting> {
    const watch = watching(rollout);
    const names = (this.#names ??= new NameWatch(given));
    const isDraining = currentStep(rollout)?.kind === 'drain' && paceOf(rollout) !== undefined;
    const askNames: Turn['askNames'] = async (seen) => {
      if (seen?.known !== true || seen.value === undefined || (!isDraining && watch.nameAsks === 0)) return undefined;
      return names.ask({ rollout, profile: seen.value, confirmAsks: watch.nameAsks, isWatched: isDraining });
    };
    const seenNames = await askNames(memory.profile?.seen);
    const free = lookFreely(rollout, watch, given);
    return { rollout, watch, memory, given, free, names: seenNames, askNames };
  }

  /** What was last seen stands in for a look, unless that leads to something. */
  async #wait(turn: Sighting): Promise<Sight> {
    const { rollout, memory, given } = turn;
    const glance = await this.#glance(turn);
    const { decision, observation } = glance;
    const now = given.clock.now();
    const isAlarm =
      isAlarmed(decision.rollout, memory, observation.probes) && now >= (memory.lookedAt ?? 0) + memory.alarmMs;
    const leadsToSomething = decision.change !== undefined || decision.effects.length > 0;
    if (!leadsToSomething && !isAlarm) return this.#woken(glance, now);
    if (isAlarm) memory.alarmMs = Math.min(memory.alarmMs * 2, longestUnseenMs(rollout));
    return this.#look({ ...turn, asDecided: decision.rollout }, isAlarm ? 'alarm' : 'all');
  }

  /** The next endpoint follows from the answer to the one before, as long as the look that led to them is fresh. */
  async #goOnWithRow(turn: Sighting): Promise<Sight> {
    const { rollout, memory, given } = turn;
    const ageMs = given.clock.now() - (memory.profile?.askedAt ?? 0);
    if (ageMs > LONGEST_TTL_LOOK_MS) return this.#look(turn, 'rowEnd');
    const glance = await this.#glance(turn);
    const onlineAt = memory.writtenAt + onlineLookMs(rollout);
    if (isRegistered(glance.decision) && given.clock.now() < onlineAt) return waitForOnline(turn, glance, onlineAt);
    return isNextOfRow(glance.decision) && ageMs <= rowMs(rollout) ? glance : this.#look(turn, 'rowEnd');
  }

  async #glance(turn: Sighting): Promise<Sight> {
    return decideBy(turn, agesOf(turn.rollout, 'nothing'));
  }

  async #look(turn: Sighting, want: Want): Promise<Sight> {
    const { rollout, watch, memory, given } = turn;
    let sight = await decideBy(turn, agesOf(rollout, want));
    const { effects, change } = sight.decision;
    const { asBefore } = sight.observation;
    // What is deleted is deleted by a look at the profile, also where that was not needed until now.
    const isDeleting = effects.some(({ kind }) => kind === 'deleteGroup') && watch.profile;
    if (isDeleting && asBefore?.profile === true) sight = await decideBy(turn, agesOf(rollout, 'rowEnd'));
    // One that does not answer may be gone, which is not the release's doing.
    if (change?.kind === 'turnedBack' && asBefore?.groups === true)
      sight = await decideBy(turn, agesOf(rollout, 'alarm'));
    const now = given.clock.now();
    const pace = paceOf(rollout);
    if (pace !== undefined)
      memory.gapMs = memory.gapMs === 0 ? pace.firstMs : Math.min(memory.gapMs * pace.factor, pace.longestMs);
    memory.lookedAt = now;
    if (sight.decision.change !== undefined) memory.next = 'step';
    return this.#woken(sight, now);
  }

  #woken({ observation, decision }: Sight, now: Instant): Sight {
    return { observation, decision: wokenEarly(decision, { askAt: this.#names?.nextAt, now }) };
  }
}

async function decideBy(turn: Sighting, ages: Ages): Promise<Sight> {
  const observation = await lookAnew(turn, ages);
  const { machine, clock } = turn.given;
  return { observation, decision: machine.decide(turn.rollout, observation, clock.now()) };
}

/** All are written by what was answered. That is looked at together with what Traffic Manager makes of them. */
function waitForOnline({ rollout, memory }: Turn, { observation, decision }: Sight, wakeAt: Instant): Sight {
  memory.next = 'row';
  const waitingOn = 'waiting for Traffic Manager to look at the new endpoints';
  return { observation, decision: { ...decision, rollout, change: undefined, waitingOn, wakeAt } };
}
