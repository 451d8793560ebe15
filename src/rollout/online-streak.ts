/**
 * In how many looks in a row every endpoint of a step was found Online: one look may be a lucky one of Traffic Manager's
 * own probes. A look that could not see the profile, or the same look once more, changes nothing.
 */
import type { StackGroup } from './effect.ts';
import type { Observation } from './observation.ts';
import { endpointOf, isServing } from './rotation.ts';
import { currentStep, groupsIn } from './state.ts';
import type { OnlineStreak, Rollout, StepKind } from './state.ts';
import { count, waiting } from './verdict.ts';
import type { Scene, Verdict } from './verdict.ts';

/** Steps that wait for Online. */
const WAITING: ReadonlySet<StepKind> = new Set(['online', 'weigh']);

export function noteOnline(rollout: Rollout, { profile: seen }: Observation): Rollout {
  const step = currentStep(rollout);
  if (step === undefined || !WAITING.has(step.kind)) return rollout;
  if (seen?.known !== true || seen.value === undefined) return rollout;
  const { onlineStreak } = rollout;
  if (onlineStreak !== undefined && seen.at <= onlineStreak.at) return rollout;
  const profile = seen.value;
  const isOnline = groupsIn(rollout, step).every((group) => isServing(endpointOf(profile, group)));
  const streak: OnlineStreak = { looks: isOnline ? (onlineStreak?.looks ?? 0) + 1 : 0, at: seen.at };
  return { ...rollout, onlineStreak: streak };
}

/** For a step whose endpoints are all Online: done, once they were so in as many looks in a row as are asked for. */
export function judgeOnline({ rollout }: Scene, fqdn: string, groups: readonly StackGroup[]): Verdict {
  const wanted = rollout.settings.onlineLooks ?? 1;
  const looks = rollout.onlineStreak?.looks ?? 0;
  if (looks >= wanted) return { kind: 'done' };
  return waiting(`${count(groups.length, 'endpoint')} of ${fqdn} Online in ${looks} of ${wanted} looks in a row`);
}
