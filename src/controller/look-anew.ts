/**
 * One look at the world for a rollout: what is too old is asked of Azure, the rest is as it was remembered, and both go into
 * one observation that says which is which.
 */
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { Watch } from '../rollout/watching.ts';
import type { Observation, ObservedGroup, ObservedProfile, Seen } from '../rollout/observation.ts';
import type { Rollout } from '../rollout/state.ts';
import type { Ages } from './look-due.ts';
import type { Look, Memory } from './look-memory.ts';
import { lookAtGroups, lookAtWorld } from './observe.ts';
import type { FreeLooks, ObserveGiven } from './observe.ts';

export type SeenNames = Seen<NameAnswers> | undefined;

/** One turn of a rollout: what it is to see, and what it saw without Azure Resource Manager, which counts once. */
export interface Turn {
  readonly rollout: Rollout;
  readonly watch: Watch;
  readonly memory: Memory;
  readonly given: ObserveGiven;
  readonly free: Promise<FreeLooks>;
  /** Undefined where they were not asked. */
  readonly names: SeenNames;
  readonly askNames: (profile: Seen<ObservedProfile | undefined> | undefined) => Promise<SeenNames>;
  /** As it would be by what was measured already. */
  readonly asDecided?: Rollout;
}

export async function lookAnew(turn: Turn, { groupsMs, profileMs }: Ages): Promise<Observation> {
  const { rollout, watch, memory, given } = turn;
  const askedAt = given.clock.now();
  const isOld = (look: Look<unknown> | undefined, mostMs: number) =>
    look === undefined || !look.seen.known || askedAt - look.askedAt > mostMs || mostMs === 0;
  const asked = watch.groups.filter((name) => isOld(memory.groups.get(name), groupsMs));
  const asksProfile = watch.profile && isOld(memory.profile, profileMs);
  const [{ probes, checks }, groups, world] = await Promise.all([
    turn.free,
    lookAtGroups(turn.asDecided ?? rollout, asked, { ...given, known: memory.groups }),
    lookAtWorld(rollout, { ...watch, profile: asksProfile }, given),
  ]);
  for (const [name, seen] of groups) memory.groups.set(name, { askedAt, seen });
  if (world.profile !== undefined) memory.profile = { askedAt, seen: world.profile };
  const { isNews } = memory;
  memory.isNews = false;
  const profile = watch.profile ? memory.profile?.seen : undefined;
  return {
    ...world,
    probes,
    checks,
    groups: remembered(memory, watch.groups),
    profile,
    // Where no profile was known before, its name is known only now.
    names: turn.names ?? (world.profile === undefined ? undefined : await turn.askNames(profile)),
    asBefore: { groups: asked.length === 0 && !isNews, profile: !asksProfile && !isNews },
    refusals: given.refusals,
    votes: given.votes,
  };
}

function remembered(memory: Memory, names: readonly string[]): Observation['groups'] {
  const known = names.flatMap((name): [string, Seen<ObservedGroup | undefined>][] => {
    const look = memory.groups.get(name);
    return look === undefined ? [] : [[name, look.seen]];
  });
  return new Map(known);
}
