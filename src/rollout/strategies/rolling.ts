/**
 * Rolling: a few groups are replaced while the others stay. Never more than `maxSurge` groups beyond the live stack's
 * number, never fewer than that number less `maxUnavailable` that serve. What has gone is made again on the way back.
 */
import type { StackGroup } from '../effect.ts';
import type { Step } from '../state.ts';
import { askFirst, bake, check } from './blue-green.ts';
import { bringUp, intoRotation, outOfRotation, retire } from './phases.ts';
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
  const { live, hasTraffic, settings } = given;
  const keeps = Math.max(1, live.length - limits.maxUnavailable);
  // A live stack may be smaller than it shall be, as one that was found after a loss of state.
  const batches = makeBatches(
    { ...limits, maxUnavailable: Math.min(limits.maxUnavailable, Math.max(0, live.length - keeps)) },
    given,
  );
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

/** New groups take the places of the old ones in the same location and of the same number. */
function makeBatches({ maxSurge, maxUnavailable }: Limits, { live, candidate }: PlanGiven): readonly Batch[] {
  const size = Math.max(1, maxSurge + maxUnavailable);
  const chunks = Array.from({ length: Math.ceil(candidate.length / size) }, (_, index) =>
    candidate.slice(index * size, (index + 1) * size),
  );
  const placed = new Set<string>();
  const batches = chunks.map((chunk, index): Batch => {
    const leaving = live.filter((old) => chunk.some((group) => isSamePlace(group, old)));
    for (const { name } of leaving) placed.add(name);
    const names = leaving.map(({ name }) => name);
    return {
      part: `batch ${index + 1}`,
      candidate: chunk.map(({ name }) => name),
      before: names.slice(0, maxUnavailable),
      after: names.slice(maxUnavailable),
    };
  });
  // Of a larger stack than the new one: they leave at the end.
  const rest = live.filter(({ name }) => !placed.has(name)).map(({ name }) => name);
  if (rest.length === 0) return batches;
  return [...batches, { part: 'the rest', candidate: [], before: [], after: rest }];
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
