/**
 * Deregister: the endpoints of the stack are disabled, one at a time, and only while enough others serve. It is done
 * when the removal has been seen, which is when the TTL starts to run. Where too few others serve, what somebody has taken out of
 * rotation of them is written again.
 */
import { due } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import { lostEndpoints } from '../lost-endpoints.ts';
import { enabledTowards, endpointOf, statusSummary } from '../rotation.ts';
import { maySendAway } from '../rules.ts';
import { groupsOf, otherSide } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { goneOfCandidate } from './gone-of-candidate.ts';
import { profileOf } from './profile.ts';

export const deregister: StepLogic = {
  judge(scene) {
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return waiting(profile.waitingOn);
    const { groups } = scene;
    const inRotation = groups.filter((group) => enabledTowards(profile, group, scene.rollout.targets[group.name]));
    if (inRotation.length === 0) return { kind: 'done' };
    const ours = inRotation.filter((group) => endpointOf(profile, group)?.enabled === true);
    if (ours.length === 0) {
      return waiting(`an endpoint of ${profile.fqdn} that is not ours targets ${inRotation[0]?.name}; remove it`);
    }
    if (!maySendAway(scene.rollout, scene.step, profile)) {
      const { rollout, side } = scene;
      const gone = goneOfCandidate(scene);
      if (gone !== undefined) return gone;
      const staying = groupsOf(rollout, side).filter((group) => !groups.includes(group));
      const others = statusSummary(profile, [...staying, ...groupsOf(rollout, otherSide(side))]);
      return waiting(
        `not removing ${count(ours.length, 'endpoint')} from ${profile.fqdn}: the others do not serve (${others})`,
        due(rollout, lostEndpoints(rollout, profile), scene).slice(0, 1),
      );
    }
    const effects = ours.map((group): Effect => ({ kind: 'disableEndpoint', group }));
    const waitingOn = `taking ${count(ours.length, 'endpoint')} of ${groups.length} out of ${profile.fqdn}`;
    const next = due(scene.rollout, effects, scene).slice(0, 1);
    return { ...waiting(waitingOn, next), progress: groups.length - inRotation.length };
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.deregisterMs,
  undo: ({ side, part, only }) => [
    { kind: 'register', side, part, only },
    { kind: 'online', side, part, only },
  ],
  overdueFault: () => 'world',
};
