/** Which releases ran before the one that runs, newest first, by the history: what a rollback may go to. */
import type { AppState } from './app-state.ts';

export interface EarlierRelease {
  readonly releaseId: string;
  readonly name: string;
  /** The rollout that made it live. */
  readonly rollout: string;
}

/** Each release once. What an older version wrote down without its id is left out. */
export function earlierReleases({ live, history }: Pick<AppState, 'live' | 'history'>): readonly EarlierRelease[] {
  const found = new Map<string, EarlierRelease>();
  for (const { outcome, reason, release, to, rollout } of history.toReversed()) {
    if (outcome !== 'Succeeded' || reason === 'repair' || release === undefined) continue;
    if (release === live?.release.id || found.has(release)) continue;
    found.set(release, { releaseId: release, name: to ?? release, rollout });
  }
  return [...found.values()];
}

/** By name, id, or the id of the rollout that made it live; the newest of them. */
export function findEarlier(earlier: readonly EarlierRelease[], asked: string): EarlierRelease | undefined {
  return earlier.find(({ releaseId, name, rollout }) => [releaseId, name, rollout].includes(asked));
}
