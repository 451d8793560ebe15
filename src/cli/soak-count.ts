/**
 * What a soak leaves behind, counted by app: of groups and endpoints each those that nothing needs, and those that are missing.
 * A sum of all would let one make up for the other. Pure.
 */

export interface LeftGroup {
  readonly name: string;
  /** By which its stack is told from others; undefined where it has none. */
  readonly stack: string | undefined;
  readonly version: string;
  readonly fqdn: string | undefined;
}

export interface LeftApp {
  readonly groups: readonly LeftGroup[];
  /** Targets of its endpoints, one each. */
  readonly targets: readonly string[];
  /** What it should run, and in how many groups. */
  readonly version: string;
  readonly replicas: number;
}

export interface LeftOver {
  readonly orphans: number;
  readonly missing: number;
}

export function countLeftOver(apps: readonly LeftApp[]): LeftOver {
  const counts = apps.map(countOf);
  return {
    orphans: counts.reduce((sum, { orphans }) => sum + orphans, 0),
    missing: counts.reduce((sum, { missing }) => sum + missing, 0),
  };
}

function countOf({ groups, targets, version, replicas }: LeftApp): LeftOver {
  const live = liveStack(groups.filter((group) => group.version === version));
  const served = new Set(live.flatMap(({ fqdn }) => (targets.includes(fqdn ?? '') ? [fqdn] : [])));
  const orphans = Math.max(0, live.length - replicas) + (groups.length - live.length) + (targets.length - served.size);
  const missing = Math.max(0, replicas - live.length) + Math.max(0, replicas - served.size);
  return { orphans, missing };
}

/** The largest of them: only one can be live. */
function liveStack(groups: readonly LeftGroup[]): readonly LeftGroup[] {
  const stacks = [...new Set(groups.map(({ stack }) => stack))].map((stack) =>
    groups.filter((group) => group.stack === stack),
  );
  return stacks.toSorted((a, b) => b.length - a.length)[0] ?? [];
}
