/**
 * What Traffic Manager's own name servers have shown of removed endpoints: the clock of the TTL starts once all of them
 * were seen without an old target. Where they cannot tell, nothing is counted here, and the margin of time counts.
 */
import { answersNeeded, MOST_ASKS_EACH } from '../model/confirmed-gone.ts';
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { StackGroup } from './effect.ts';
import type { Observation, ObservedEndpoint, ObservedProfile } from './observation.ts';
import { isEligible } from './rotation.ts';
import type { Confirmation, HandedOut, Rollout } from './state.ts';

/** How many there are is not known before the first answer: as many as the real ones have. */
const USUAL_SERVERS = 4;
/** Where what is answered depends on who asks, and from where. */
const BY_ASKER: ReadonlySet<string> = new Set(['geographic', 'subnet']);

/**
 * The part of new answers that name this endpoint, 0 to 1, to those who are led there; never more than it is. 0: it is not known to be handed out, so
 * that answers without it prove nothing. Endpoints that are out by now may be among the answers of who lags.
 */
export function shareOf(profile: ObservedProfile, endpoint: ObservedEndpoint): number {
  if (!isEligible(endpoint)) return 0;
  const { endpoints, maxReturn = 1 } = profile;
  switch (profile.routingMethod.toLowerCase()) {
    case 'weighted': {
      const total = endpoints.reduce((sum, one) => sum + (one.weight ?? 1), 0);
      return (endpoint.weight ?? 1) / total;
    }
    case 'multivalue':
      return Math.min(1, maxReturn / endpoints.length);
    case 'priority': {
      const { priority } = endpoint;
      const isFirst = endpoints.every((one) => one === endpoint || (one.priority ?? 0) > (priority ?? 0));
      return priority !== undefined && isFirst ? 1 : 0;
    }
    case 'geographic':
    case 'subnet':
      return 1;
    // Who is led where changes with the health of other places: that a target is not shown here proves nothing.
    default:
      return 0;
  }
}

/** The same endpoint at another look; undefined while it is not handed out. */
export function seenHandedOut(before: HandedOut | undefined, share: number, at: number): HandedOut | undefined {
  if (share <= 0) return undefined;
  return { share: Math.min(share, before?.share ?? 1), since: before?.since ?? at, seenAt: at };
}

/**
 * What was handed out for less than the margin, some of the name servers may still have to learn of: that they do not show it
 * does not mean that they never will.
 */
export function isKnownToAll(rollout: Rollout, { since, seenAt }: HandedOut): boolean {
  return seenAt - since >= rollout.settings.propagationMarginMs;
}

function provenShare(rollout: Rollout, name: string): number {
  const handedOut = rollout.handedOut?.[name];
  return handedOut !== undefined && isKnownToAll(rollout, handedOut) ? handedOut.share : 0;
}

/** Counts an answer of the name servers for each group that is out of rotation; one that is unknown counts for none. */
export function noteNames(rollout: Rollout, { names, profile: seen }: Observation): Rollout {
  if (names?.known !== true || seen?.known !== true || seen.value === undefined) return rollout;
  const isByAsker = BY_ASKER.has(seen.value.routingMethod.toLowerCase());
  const confirmations = { ...rollout.confirmations };
  for (const [name, removedAt] of Object.entries(rollout.removedAt)) {
    const target = rollout.targets[name];
    const before = confirmations[name];
    // What was asked before the removal was seen may have been answered before it was done.
    const isNews = (names.askedAt ?? names.at) >= removedAt && names.at > (before?.at ?? 0);
    if (target === undefined || !isNews) continue;
    const wasShown = before?.shownAt !== undefined;
    const share = isByAsker && !wasShown ? 0 : provenShare(rollout, name);
    const next = countAnswers(before, names.value, { target, share, at: names.at });
    if (next !== undefined) confirmations[name] = next;
  }
  return { ...rollout, confirmations };
}

function countAnswers(
  before: Confirmation | undefined,
  { targets, answersEach, servers: asked }: NameAnswers,
  { target, share, at }: { target: string; share: number; at: number },
): Confirmation | undefined {
  const servers = Math.max(asked, before?.servers ?? 0);
  if (targets.includes(target.toLowerCase())) return { answers: 0, servers, at, shownAt: at };
  if (share <= 0) return before;
  const answers = (before?.answers ?? 0) + answersEach;
  const goneAt = before?.goneAt ?? (answers >= answersNeeded(share, servers) ? at : undefined);
  return { answers, servers, at, shownAt: before?.shownAt, goneAt };
}

/** Groups whose removal the name servers have still to show. */
export function unconfirmed(rollout: Rollout, groups: readonly StackGroup[]): readonly StackGroup[] {
  if (rollout.traffic === undefined || rollout.traffic.confirmRemoval === false) return [];
  return groups.filter(
    ({ name }) => rollout.removedAt[name] !== undefined && rollout.confirmations?.[name]?.goneAt === undefined,
  );
}

/** How often each server is to be asked at the next look; 0: there is nothing to ask. */
export function asksEach(rollout: Rollout, groups: readonly StackGroup[]): number {
  const left = unconfirmed(rollout, groups).map(({ name }) => {
    const { answers = 0, servers = USUAL_SERVERS } = rollout.confirmations?.[name] ?? {};
    const share = provenShare(rollout, name);
    return share > 0 ? Math.max(1, answersNeeded(share, servers) - answers) : 1;
  });
  return Math.min(MOST_ASKS_EACH, Math.max(0, ...left));
}
