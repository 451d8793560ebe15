/**
 * Looks at the world for a rollout and decides, with as few requests to Azure as that takes. While a step only waits, what
 * was last seen stands in for a look, and the groups' own answers go on; where that would lead to anything, Azure is looked
 * at, and it is decided anew. A look also serves what follows from it within seconds: the next step, or the next of a row
 * of endpoints, whose answers are added to it. In memory only: after a restart all is looked at.
 */
import { SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import { watching } from '../rollout/decide.ts';
import type { Decision, Watch } from '../rollout/decide.ts';
import type { Effect, EffectOutcome } from '../rollout/effect.ts';
import type { Observation, ObservedGroup, Seen } from '../rollout/observation.ts';
import {
  isAddingNew,
  LONGEST_TTL_LOOK_MS,
  longestUnseenMs,
  needsProfile,
  onlineLookMs,
  paceOf,
} from '../rollout/pace.ts';
import { currentStep, drainWaitMs, groupsIn } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import { addAnswers, enterStep, memoryOf } from './look-memory.ts';
import type { AroundLook, Look, Memory } from './look-memory.ts';
import type { Machine } from './machine.ts';
import { lookAtGroups, lookAtWorld, lookFreely } from './observe.ts';
import type { FreeLooks, ObserveGiven } from './observe.ts';
import { NameWatch } from './name-watch.ts';

/** Less than half of what an endpoint may go unseen before its deletion, which is one of a row as well. */
export const FRESH_MS = 4 * SECOND;
/** What drains for less is over before the profile is looked at in between. */
const WATCHED_DRAIN_MS = 10 * SECOND;
const DRAIN_TURN_MS = 5 * SECOND;

export interface Sight {
  readonly observation: Observation;
  readonly decision: Decision;
}

interface Given extends ObserveGiven {
  readonly machine: Machine;
}

interface LookGiven {
  /** Where they were taken already. */
  readonly free?: FreeLooks;
  /** What was seen longer ago than this is looked at anew. */
  readonly oldestMs: number;
  /** Of groups, where it differs. */
  readonly oldestGroupsMs?: number;
  readonly withProfile?: boolean;
  /** As it would be by what was measured already. */
  readonly asDecided?: Rollout;
}

export class Lookout {
  #memory: Memory | undefined;
  #names = new NameWatch();

  forget(): void {
    this.#names = new NameWatch();
    this.#memory = undefined;
  }

  async decide(rollout: Rollout, given: Given): Promise<Sight> {
    const { clock } = given;
    const watch = watching(rollout);
    const memory = this.#enter(rollout);
    const pace = paceOf(rollout);
    const before = memory.next;
    memory.next = 'wait';
    const isDue = pace === undefined || before === 'doubt' || (await this.#isDue(rollout, memory, given));
    if (before === 'step' && pace !== undefined) return this.#look(rollout, watch, { ...given, oldestMs: FRESH_MS });
    if (isDue && before !== 'row') return this.#look(rollout, watch, { ...given, oldestMs: 0 });
    if (before === 'row' && clock.now() > (memory.profile?.askedAt ?? 0) + LONGEST_TTL_LOOK_MS)
      return this.#look(rollout, watch, { ...given, oldestMs: 0, oldestGroupsMs: FRESH_MS });
    const free = await lookFreely(rollout, watch, given);
    const glance = await this.#observe(rollout, watch, { ...given, free, oldestMs: Number.POSITIVE_INFINITY });
    const decision = given.machine.decide(rollout, glance, clock.now());
    if (before === 'row' && isRegistered(decision) && clock.now() < memory.writtenAt + onlineLookMs(rollout))
      return this.#waitForOnline(rollout, memory, { glance, decision });
    const oldestMs = isAddingNew(rollout) ? LONGEST_TTL_LOOK_MS : FRESH_MS;
    if (before === 'row' && isNextOfRow(decision) && clock.now() <= (memory.profile?.askedAt ?? 0) + oldestMs)
      return { observation: glance, decision };
    const isAlarmed = this.#isAlarmed(decision.rollout, free) && clock.now() >= memory.lookedAt + memory.alarmMs;
    const leadsToSomething = decision.change !== undefined || decision.effects.length > 0;
    if (!leadsToSomething && !isAlarmed && before !== 'row')
      return { observation: glance, decision: this.#wokenEarly(decision, clock.now()) };
    if (isAlarmed) memory.alarmMs = Math.min(memory.alarmMs * 2, longestUnseenMs(rollout));
    const oldestGroupsMs = before === 'row' ? FRESH_MS : 0;
    return this.#look(rollout, watch, { ...given, free, oldestMs: 0, oldestGroupsMs, asDecided: decision.rollout });
  }

  /** The look that led to the start of a rollout serves as its first. */
  begin(rollout: Rollout, around: AroundLook): void {
    this.#memory = memoryOf(rollout, around);
  }

  /** What became of what was decided, in the order of the effects. */
  acted(effects: readonly Effect[], outcomes: readonly EffectOutcome[], now: Instant): void {
    if (this.#memory !== undefined) addAnswers(this.#memory, { effects, outcomes, now });
  }

  #enter(rollout: Rollout): Memory {
    this.#memory = enterStep(this.#memory, rollout);
    return this.#memory;
  }

  async #isDue(rollout: Rollout, memory: Memory, given: Given): Promise<boolean> {
    const now = given.clock.now();
    const step = currentStep(rollout);
    const profile = memory.profile?.seen.known === true ? memory.profile.seen.value : undefined;
    const isFirst = memory.lookedAt === Number.NEGATIVE_INFINITY;
    if (step?.kind === 'drain' && profile !== undefined && !isFirst && drainWaitMs(rollout) > WATCHED_DRAIN_MS) {
      const isQuiet = await this.#names.isQuiet(rollout, profile, given);
      if (isQuiet) return now >= (memory.profile?.askedAt ?? 0) + LONGEST_TTL_LOOK_MS - DRAIN_TURN_MS;
    }
    if (step?.kind === 'provision' && !isFirst && rollout.traffic !== undefined && rollout.probe !== undefined) {
      const names = groupsIn(rollout, step).map(({ name }) => name);
      // They answer, so they will be looked at soon.
      if (names.every((name) => rollout.proofs[name] !== undefined))
        return now >= memory.lookedAt + longestUnseenMs(rollout);
      // That they answer shows sooner than any look when they do.
      if (names.every((name) => rollout.targets[name] !== undefined))
        return now >= memory.lookedAt + Math.max(memory.gapMs, longestUnseenMs(rollout));
    }
    return now >= memory.lookedAt + memory.gapMs;
  }

  /** Name servers and groups that begin to answer are asked at a pace of their own. */
  #wokenEarly(decision: Decision, now: Instant): Decision {
    const { rollout, change, wakeAt } = decision;
    const step = currentStep(rollout);
    if (step === undefined || change !== undefined || rollout.backPlan !== undefined) return decision;
    const { nextAt } = this.#names;
    if (step.kind === 'drain' && nextAt !== undefined) return { ...decision, wakeAt: Math.min(wakeAt, nextAt) };
    const isAnswering = groupsIn(rollout, step).some(
      ({ name }) => rollout.proofs[name]?.verifiedAt === undefined && rollout.proofs[name] !== undefined,
    );
    if (step.kind !== 'provision' || !isAnswering || rollout.probe === undefined) return decision;
    return { ...decision, wakeAt: Math.min(wakeAt, now + rollout.probe.intervalMs) };
  }

  /** All are written by what was answered. That is looked at together with what Traffic Manager makes of them. */
  #waitForOnline(
    rollout: Rollout,
    memory: Memory,
    { glance, decision }: { glance: Observation; decision: Decision },
  ): Sight {
    memory.next = 'row';
    const waitingOn = 'waiting for Traffic Manager to look at the new endpoints';
    const wakeAt = memory.writtenAt + onlineLookMs(rollout);
    return { observation: glance, decision: { ...decision, rollout, change: undefined, waitingOn, wakeAt } };
  }

  async #look(rollout: Rollout, watch: Watch, given: Given & LookGiven): Promise<Sight> {
    const { clock, machine } = given;
    const observation = await this.#observe(rollout, watch, given);
    const memory = this.#enter(rollout);
    const pace = paceOf(rollout);
    const isFirst = memory.gapMs === 0;
    memory.lookedAt = clock.now();
    if (pace !== undefined) {
      const next = isFirst ? pace.firstMs : memory.gapMs * pace.factor;
      memory.gapMs = Math.min(next, Math.max(pace.firstMs, pace.longestMs));
    }
    const decision = machine.decide(rollout, observation, clock.now());
    if (decision.change !== undefined) memory.next = 'step';
    const deletes = decision.effects.some(({ kind }) => kind === 'deleteGroup');
    if (deletes && watch.profile && observation.asBefore?.profile === true && given.withProfile !== true)
      return this.#look(rollout, watch, { ...given, free: NO_LOOKS, withProfile: true });
    return { observation, decision: this.#wokenEarly(decision, clock.now()) };
  }

  async #observe(rollout: Rollout, watch: Watch, given: Given & LookGiven): Promise<Observation> {
    const { clock, oldestMs } = given;
    const memory = this.#enter(rollout);
    const askedAt = clock.now();
    const isOld = (look: Look<unknown> | undefined, mostMs: number) =>
      look === undefined || !look.seen.known || askedAt - look.askedAt > mostMs || mostMs === 0;
    const groupsMs =
      currentStep(rollout)?.kind === 'online' ? longestUnseenMs(rollout) : (given.oldestGroupsMs ?? oldestMs);
    const isGoing = oldestMs === 0 && paceOf(rollout) === undefined;
    const names = watch.groups.filter((name) => isGoing || isOld(memory.groups.get(name), groupsMs));
    const isPatient = !needsProfile(rollout) || (isAddingNew(rollout) && oldestMs > 0);
    const profileMs = !isGoing && isPatient ? LONGEST_TTL_LOOK_MS : oldestMs;
    const mostMs = given.withProfile === true ? 0 : Math.min(profileMs, LONGEST_TTL_LOOK_MS);
    const asksProfile = watch.profile && isOld(memory.profile, mostMs);
    const [free, groups, world] = await Promise.all([
      given.free ?? lookFreely(rollout, watch, given),
      lookAtGroups(given.asDecided ?? rollout, names, { ...given, known: memory.groups }),
      lookAtWorld(rollout, { ...watch, profile: asksProfile }, given),
    ]);
    for (const [name, seen] of groups) memory.groups.set(name, { askedAt, seen });
    if (world.profile !== undefined) memory.profile = { askedAt, seen: world.profile };
    const { isNews } = memory;
    memory.isNews = false;
    const known = watch.groups.flatMap((name): [string, Seen<ObservedGroup | undefined>][] => {
      const look = memory.groups.get(name);
      return look === undefined ? [] : [[name, look.seen]];
    });
    return {
      ...free,
      ...world,
      groups: new Map(known),
      profile: watch.profile ? memory.profile?.seen : undefined,
      asBefore: { groups: names.length === 0 && !isNews, profile: !asksProfile && !isNews },
      refusals: given.refusals,
      votes: given.votes,
    };
  }

  /**
   * A group that does not answer any more, or not though it was made, may have crashed; where all have answered often enough,
   * all may be seen to run.
   */
  #isAlarmed(rollout: Rollout, { probes }: FreeLooks): boolean {
    const step = currentStep(rollout);
    if (step?.kind !== 'provision') return [...probes.values()].some(({ ok }) => !ok);
    const names = groupsIn(rollout, step).map(({ name }) => name);
    const isMade = (name: string) => {
      const seen = this.#memory?.groups.get(name)?.seen;
      return seen?.known === true && seen.value?.provisioningState === 'Succeeded';
    };
    return (
      names.every((name) => rollout.proofs[name]?.verifiedAt !== undefined) ||
      names.some((name) => isMade(name) && rollout.proofs[name] === undefined)
    );
  }
}

/** Endpoints are written one at a time, by the same look as long as it is fresh. */
function isNextOfRow({ change, effects }: Decision): boolean {
  return change === undefined && effects.length > 0 && effects.every(({ kind }) => kind.endsWith('Endpoint'));
}

function isRegistered({ change }: Decision): boolean {
  return change?.kind === 'stepDone' && change.step.kind === 'register';
}

const NO_LOOKS: FreeLooks = { probes: new Map(), checks: new Map() };
