/**
 * A strategy compiles to a plan: an ordered list of steps, fixed when the rollout starts. A first deployment has nothing to
 * replace, so it goes straight up; a repair replaces what is broken all at once, and waits for nobody; nor does a rollback,
 * which an operator asked for, but for checks that apply to it. Of the strategy only that a single writer stays one counts
 * for these two.
 */
import type { RolloutSettings } from '../../model/app.ts';
import type { Checks } from '../../model/check.ts';
import type { StackGroup } from '../effect.ts';
import type { Step } from '../state.ts';
import type { Pair } from '../switching.ts';
import { planBlueGreen } from './blue-green.ts';
import { planCanary } from './canary.ts';
import { planInPlace } from './in-place.ts';
import { planRecreate } from './recreate.ts';
import { planRolling } from './rolling.ts';
import { planWaves } from './waves.ts';

export interface PlanGiven {
  /** Empty for a first deployment. */
  readonly live: readonly StackGroup[];
  readonly candidate: readonly StackGroup[];
  readonly hasTraffic: boolean;
  readonly settings: Pick<
    RolloutSettings,
    'strategy' | 'bakeMs' | 'promotion' | 'preview' | 'tags' | 'checks' | 'retain'
  >;
  /** What is broken is replaced by the same release. */
  readonly isRepair: boolean;
  /** The candidate was live before, and may stand there still. */
  readonly isRollback: boolean;
  /** Of the live stack something is broken: it cannot be replaced piece by piece, with the rest serving meanwhile. */
  readonly isLiveBroken: boolean;
  /** Endpoints are led from one stack to the other; absent: new ones join beside the old ones. */
  readonly pairs?: readonly Pair[] | undefined;
}

export function planRollout(given: PlanGiven): readonly Step[] {
  const { live, isRepair, isRollback, isLiveBroken, settings, hasTraffic } = given;
  const { strategy, tags, retain, checks } = settings;
  if (given.pairs !== undefined && live.length > 0) return planInPlace(inPlaceGiven(given), given.pairs);
  if (isRepair) return planAllAtOnce(given, { tags });
  if (live.length === 0) return planBlueGreen({ ...given, settings: { tags, checks: onlyBefore(checks) } });
  if (isRollback) return planAllAtOnce(given, { tags, retain, checks });
  if (isLiveBroken && hasTraffic) return planBlueGreen(given);
  switch (strategy.kind) {
    case 'blueGreen':
      return planBlueGreen(given);
    case 'rolling':
      return planRolling(strategy, given);
    case 'canary':
      // Without traffic there is nothing to share out.
      return hasTraffic ? planCanary(strategy.steps, given) : planBlueGreen(given);
    case 'waves':
      return planWaves(strategy.waves, given);
    case 'recreate':
      return planRecreate(strategy.order, given);
  }
}

/** Beside what runs, but where two may never run at a time. */
function planAllAtOnce(given: PlanGiven, settings: Partial<PlanGiven['settings']>): readonly Step[] {
  const { strategy } = given.settings;
  if (strategy.kind === 'recreate') return planRecreate(strategy.order, { ...given, settings });
  return planBlueGreen({ ...given, settings });
}

/** Neither a repair nor a rollback waits for anybody. */
function inPlaceGiven(given: PlanGiven): Parameters<typeof planInPlace>[0] {
  const { tags, retain, checks } = given.settings;
  if (given.isRepair) return { ...given, settings: { tags } };
  return given.isRollback ? { ...given, settings: { tags, retain, checks } } : given;
}

/** With nothing to go back to, what is measured after the switch could only take the app away. */
function onlyBefore(checks: Checks | undefined): Checks | undefined {
  return checks === undefined ? undefined : { before: checks.before, after: [] };
}
