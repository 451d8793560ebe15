/**
 * Groups of a single writer that cannot be taken for gone yet: one that was just asked for may not be found, and one that is
 * deleted before it was seen made may come back.
 */
import { SECOND } from '../model/time.ts';
import type { Instant } from '../model/time.ts';
import type { Effect, StackGroup } from './effect.ts';
import { isBeingMade } from './health.ts';
import type { Observation, ObservedGroup } from './observation.ts';
import { groupsOf } from './state.ts';
import type { Rollout, Unsettled } from './state.ts';

/** Longer than anything was seen to come back, or not to be found. */
export const SETTLE_MS = 30 * SECOND;

/** Two stacks of it may never run at a time. */
export function isSingleWriter({ strategy }: Rollout['settings']): boolean {
  return strategy.kind === 'recreate' && strategy.order === 'oldFirst';
}

/** What is about to be made may be there from now on. */
export function withAskedFor(rollout: Rollout, effects: readonly Effect[], now: Instant): Rollout {
  if (!isSingleWriter(rollout.settings)) return rollout;
  const asked = effects.flatMap(({ kind, group }): [string, Unsettled][] =>
    kind === 'createGroup' ? [[group.name, { askedAt: now }]] : [],
  );
  if (asked.length === 0) return rollout;
  return { ...rollout, unsettled: { ...rollout.unsettled, ...Object.fromEntries(asked) } };
}

export function noteUnsettled(rollout: Rollout, { groups }: Observation): Rollout {
  if (!isSingleWriter(rollout.settings)) return rollout;
  const unsettled = { ...rollout.unsettled };
  for (const { name } of [...groupsOf(rollout, 'live'), ...groupsOf(rollout, 'candidate')]) {
    const seen = groups.get(name);
    if (seen?.known !== true) continue;
    const next = lookAt(unsettled[name], seen.value, seen.at);
    if (next === undefined) delete unsettled[name];
    else unsettled[name] = next;
  }
  return { ...rollout, unsettled };
}

function lookAt(before: Unsettled | undefined, group: ObservedGroup | undefined, at: Instant): Unsettled | undefined {
  const { askedAt, goneAt, isMade } = before ?? {};
  if (group === undefined) {
    if (before === undefined || isMade === true) return before;
    // Not there at two looks, so far apart: one may have been answered by what does not know of it yet.
    return goneAt !== undefined && at >= goneAt + SETTLE_MS ? undefined : { askedAt, goneAt: goneAt ?? at };
  }
  if (isBeingMade(group)) return { askedAt };
  // What is on its way out was made before, or was not.
  if (group.provisioningState === 'Deleting') return before === undefined ? undefined : { askedAt, isMade };
  return askedAt !== undefined && at < askedAt + SETTLE_MS ? { askedAt, isMade: true } : undefined;
}

/** When those of the groups that are not there may be taken for gone; undefined where all of them may now. */
export function settledAt(
  { unsettled = {} }: Rollout,
  groups: readonly StackGroup[],
  now: Instant,
): Instant | undefined {
  const ends = groups.flatMap(({ name }) => {
    const one = unsettled[name];
    if (one === undefined) return [];
    const { askedAt = now, goneAt = now, isMade } = one;
    // It has to be looked for once more then.
    return [isMade === true ? askedAt + SETTLE_MS : Math.max(goneAt + SETTLE_MS, now + SECOND)];
  });
  const latest = Math.max(...ends);
  return latest > now ? latest : undefined;
}
