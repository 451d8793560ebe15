/**
 * How many groups of an app a location has to hold at the peak: those that run, those that are kept, and those that a
 * rollout brings up beside them. Pure.
 */
import type { App } from '../model/app.ts';
import { isJob } from '../model/check.ts';

export interface Peak {
  /** Running while nothing rolls out. */
  readonly rest: number;
  /** Running at once in an upgrade, in all. */
  readonly upgrade: number;
  /** A repair and a rollback replace all at once, whatever the strategy. */
  readonly repair: number;
  /** Beside those, stopped: they count as groups, and hold no cores. */
  readonly stopped: number;
  /** Cores of jobs beside them. */
  readonly jobCores: number;
  readonly jobs: number;
}

/** All figures are of the one location. */
export function peakOf(app: App, location: string): Peak {
  const { replicas, rollout, mode, locations } = app;
  const { retain, checks, keepFailedMs } = rollout;
  if (mode === 'notify')
    return { rest: replicas, upgrade: replicas, repair: replicas, stopped: 0, jobCores: 0, jobs: 0 };
  const kept = retain === undefined || retain.as === 'gone' ? 0 : retain.count * replicas;
  const warm = retain?.as === 'stopped' ? 0 : kept;
  const failed = keepFailedMs === undefined ? 0 : replicas;
  const jobs = (['before', 'after'] as const).map((phase) => (checks?.[phase] ?? []).filter(isJob));
  // They run in the first location of what they check.
  const most = locations[0] === location ? jobs : [];
  const cores = most.map((ones) => ones.reduce((sum, { source }) => sum + source.cpu, 0));
  return {
    rest: replicas + warm,
    upgrade: replicas + surgeOf(app) + warm + failed,
    repair: 2 * replicas + warm + failed,
    stopped: kept - warm,
    jobCores: Math.max(0, ...cores),
    jobs: Math.max(0, ...most.map(({ length }) => length)),
  };
}

/** Groups that come up before those that they replace have gone. */
function surgeOf({ replicas, rollout: { strategy } }: App): number {
  switch (strategy.kind) {
    case 'blueGreen':
    case 'canary':
    case 'waves':
      return replicas;
    case 'rolling':
      return Math.min(replicas, strategy.maxSurge);
    case 'recreate':
      return strategy.order === 'newFirst' ? replicas : 0;
  }
}
