/** Preview: which groups of the candidate come first, so many in each location, and which are made only then. */
import type { StackGroup } from '../effect.ts';

export interface Preview {
  /** Names of groups, as `rest`. */
  readonly first: readonly string[];
  readonly rest: readonly string[];
}

/** Undefined where there is nothing to wait with: none is asked for, or it would be the whole stack. */
export function previewOf(
  candidate: readonly StackGroup[],
  settings: { readonly replicas: number } | undefined,
): Preview | undefined {
  if (settings === undefined) return undefined;
  const isFirst = (group: StackGroup) => countBefore(group, candidate) < settings.replicas;
  const rest = namesOf(candidate.filter((group) => !isFirst(group)));
  return rest.length === 0 ? undefined : { first: namesOf(candidate.filter(isFirst)), rest };
}

/** Of the same location. */
function countBefore({ location, replica }: StackGroup, groups: readonly StackGroup[]): number {
  return groups.filter((other) => other.location === location && other.replica < replica).length;
}

function namesOf(groups: readonly StackGroup[]): readonly string[] {
  return groups.map(({ name }) => name);
}
