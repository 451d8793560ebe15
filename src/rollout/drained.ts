/** When what has left rotation has no clients any more: TTL, margin and drain time, by what was seen of the removal. */
import { SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { StackGroup } from './effect.ts';
import type { Confirmation, Rollout } from './state.ts';

/** So long nothing has to be heard of name servers that did answer before, until the margin counts in their place. */
const SILENT_MS = 30 * SECOND;
/** A small share of the answers takes long to be missed for sure: not shown for so long, it is for the margin to say. */
const ASKED_MS = 120 * SECOND;

/** TTL, propagation margin and drain time together: how long a removed group is kept where nobody confirms the removal. */
export function drainWaitMs(rollout: Rollout): number {
  return rollout.settings.propagationMarginMs + heldMs(rollout);
}

/** TTL and drain time: how long after the last name server has stopped to hand a target out it may still be asked. */
function heldMs({ maxTtlSeconds, settings }: Rollout): number {
  return maxTtlSeconds * 1000 + settings.drainMs;
}

/**
 * When the drain of these groups ends; undefined while a removal has not been observed. A removal that the name servers have
 * confirmed counts from then; else the margin counts from when it was seen, or from when a name server last showed the target.
 */
export function drainedAt(rollout: Rollout, groups: readonly StackGroup[]): Instant | undefined {
  let latest = 0;
  for (const group of groups) {
    if (!rollout.exposed.includes(group.name)) continue;
    const removedAt = rollout.removedAt[group.name];
    if (removedAt === undefined) return undefined;
    latest = Math.max(latest, endOf(rollout, removedAt, rollout.confirmations?.[group.name]));
  }
  return latest;
}

function endOf(rollout: Rollout, removedAt: Instant, confirmation: Confirmation | undefined): Instant {
  if (confirmation === undefined) return removedAt + drainWaitMs(rollout);
  const { at, shownAt = 0, goneAt } = confirmation;
  if (goneAt !== undefined) return goneAt + heldMs(rollout);
  const { propagationMarginMs } = rollout.settings;
  const lastAt = Math.max(removedAt, shownAt);
  const silentAt = at + Math.max(SILENT_MS, propagationMarginMs);
  const askedEnoughAt = lastAt + Math.max(ASKED_MS, propagationMarginMs);
  return Math.max(Math.min(silentAt, askedEnoughAt), lastAt + drainWaitMs(rollout));
}
