/** What of the candidate served already and never will again, while the live stack waits for it to leave. */
import { healthOf } from '../health.ts';
import { groupsOf, isProven } from '../state.ts';
import type { Scene, Verdict } from '../verdict.ts';

/**
 * Of the candidate's groups that serve already, one that will not any more: nobody makes it again while this rollout lasts, so
 * it would wait for ever. They are looked at only where it is late, and waits all the same.
 */
export function goneOfCandidate({ rollout, side, observation }: Scene): Verdict | undefined {
  if (side !== 'live' || rollout.backPlan !== undefined) return undefined;
  const come = groupsOf(rollout, 'candidate').filter(({ name }) => isProven(rollout, name));
  const reasons = come.flatMap(({ name }) => {
    const seen = observation.groups.get(name);
    if (seen?.known !== true) return [];
    if (seen.value === undefined) return [`${name} has vanished, which served already`];
    const { kind } = healthOf(seen.value);
    return kind === 'failed' || kind === 'stopped' ? [`${name} is ${kind}, which served already`] : [];
  });
  const [reason] = reasons;
  return reason === undefined ? undefined : { kind: 'broken', fault: 'world', reason };
}
