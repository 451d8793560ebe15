/**
 * Rolling: a few groups are replaced while the others stay. Never more than `maxSurge` groups beyond the larger of the two
 * stacks, never fewer than the smaller less `maxUnavailable` that serve. What has gone is made again on the way back.
 */
import type { StackGroup } from '../effect.ts';
import type { Step } from '../state.ts';
import { askFirst, bake, check } from './blue-green.ts';
import { bringUp, intoRotation, outOfRotation, retire, tag } from './phases.ts';
import type { PlanGiven } from './plan.ts';

interface Limits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

interface Batch {
  readonly part: string;
  readonly candidate: readonly string[];
  /** Leave before the batch's new groups come. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export function planRolling(limits: Limits, given: PlanGiven): readonly Step[] {
  const { live, candidate, hasTraffic, settings } = given;
  // Without traffic nobody notices where none runs for a while, as a single writer has to have it.
  const keeps = Math.max(hasTraffic ? 1 : 0, Math.min(live.length, candidate.length) - limits.maxUnavailable);
  const batches = makeBatches({ ...limits, keeps }, given);
  return batches.flatMap((batch, index) => {
    const { part, candidate, before, after } = batch;
    const leave = (only: readonly string[], place: { part: string; isLast: boolean }) =>
      only.length === 0 ? [] : planLeaving({ part: place.part, only }, { hasTraffic, keeps, mayReturn: !place.isLast });
    const comes: Step[] =
      candidate.length === 0
        ? []
        : [
            ...bringUp({ part, only: candidate }),
            ...check('before', settings, { part, only: candidate }),
            ...(index === 0 ? askFirst(settings, { part, only: candidate }) : []),
            ...(hasTraffic ? intoRotation({ part, only: candidate }) : []),
            ...tag('live', settings.tags, { part, only: candidate }),
            ...bake(settings.bakeMs, { part, only: candidate }),
            ...check('after', settings, { part, only: candidate }),
          ];
    const isSplit = before.length > 0 && after.length > 0;
    return [
      ...leave(before, { part: isSplit ? `${part}, first` : part, isLast: false }),
      ...comes,
      ...leave(after, { part, isLast: index === batches.length - 1 }),
    ];
  });
}

/**
 * As many new groups at a time as the limits allow; what has to make room for them leaves first, the rest of what they
 * replace once they serve. They take the places of the old ones in the same location and of the same number.
 */
function makeBatches(
  { maxSurge, maxUnavailable, keeps }: Limits & { readonly keeps: number },
  { live, candidate }: PlanGiven,
): readonly Batch[] {
  const most = Math.max(live.length, candidate.length) + maxSurge;
  const batches: Batch[] = [];
  let staying = live;
  for (let come = 0; come < candidate.length;) {
    const here = staying.length + come;
    const [room, spare] = [most - here, Math.min(staying.length, here - keeps)];
    // Where nothing may come and nothing may leave, one comes: the one that serves is worth more than the limit.
    const size = Math.max(1, Math.min(maxSurge + maxUnavailable, room + spare));
    const chunk = candidate.slice(come, come + size);
    const leaving = leaversFor(chunk, staying, candidate);
    const first = Math.min(spare, Math.max(0, chunk.length - room));
    const before = [...leaving, ...staying.filter((group) => !leaving.includes(group))].slice(0, first);
    const after = leaving.filter((group) => !before.includes(group));
    staying = staying.filter((group) => !before.includes(group) && !after.includes(group));
    come += chunk.length;
    batches.push({
      part: `batch ${batches.length + 1}`,
      candidate: namesOf(chunk),
      before: namesOf(before),
      after: namesOf(after),
    });
  }
  // Of a larger stack than the new one: they leave at the end.
  if (staying.length === 0) return batches;
  return [...batches, { part: 'the rest', candidate: [], before: [], after: namesOf(staying) }];
}

/** Those whose places the chunk takes, then those whose places nobody takes; at most as many as come. */
function leaversFor(
  chunk: readonly StackGroup[],
  staying: readonly StackGroup[],
  candidate: readonly StackGroup[],
): readonly StackGroup[] {
  const replaced = staying.filter((old) => chunk.some((group) => isSamePlace(group, old)));
  const homeless = staying.filter((old) => !candidate.some((group) => isSamePlace(group, old)));
  return [...replaced, ...homeless].slice(0, chunk.length);
}

function namesOf(groups: readonly StackGroup[]): readonly string[] {
  return groups.map(({ name }) => name);
}

function isSamePlace(a: StackGroup, b: StackGroup): boolean {
  return a.location === b.location && a.replica === b.replica;
}

function planLeaving(
  part: { readonly part: string; readonly only: readonly string[] },
  { hasTraffic, keeps, mayReturn }: { hasTraffic: boolean; keeps: number; mayReturn: boolean },
): readonly Step[] {
  return [...(hasTraffic ? outOfRotation(part, keeps) : []), retire(part, { keeps, mayReturn })];
}
