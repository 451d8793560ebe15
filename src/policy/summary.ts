/** What a choice is told in a line of the log: of each kind of reason how many tags, and the nearest tags by name. Pure. */
import type { Explained, ListedTag, Skipped } from './choice.ts';

export interface ChoiceSummary {
  readonly chosen: string | undefined;
  readonly reason: string;
  /** At most 20 that were not chosen: the best of those behind, and the last pushed of those that were left out. */
  readonly nearest: readonly Skipped[];
  /** The reasons with the most tags, at most 10. */
  readonly counts: readonly { readonly reason: string; readonly tags: number }[];
  /** Tags whose reasons are not among `counts`. */
  readonly others: number;
}

const MOST_NEAREST = 20;
const MOST_COUNTS = 10;

export function summarize({ chosen, reason, behind, skipped }: Explained, tags: readonly ListedTag[]): ChoiceSummary {
  const pushedAt = new Map(tags.map((tag) => [tag.name, tag.pushedAt ?? 0]));
  const late = [...skipped].sort((a, b) => (pushedAt.get(b.tag) ?? 0) - (pushedAt.get(a.tag) ?? 0));
  // Half of the room is for either, and what one does not need is for the other.
  const half = MOST_NEAREST / 2;
  const best = behind.slice(0, Math.max(half, MOST_NEAREST - skipped.length));
  const all = [...counted([...behind, ...skipped])].sort((a, b) => b[1] - a[1]);
  const counts = all.slice(0, MOST_COUNTS).map(([why, count]) => ({ reason: why, tags: count }));
  return {
    chosen: chosen?.name,
    reason,
    nearest: [...best, ...late.slice(0, MOST_NEAREST - best.length)],
    counts,
    others: all.slice(MOST_COUNTS).reduce((sum, [, count]) => sum + count, 0),
  };
}

function counted(tags: readonly Skipped[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of tags) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}
