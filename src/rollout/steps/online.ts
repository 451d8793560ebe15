/**
 * Online: Traffic Manager's own probes have found every endpoint of the stack healthy. A candidate's groups are still
 * looked at themselves: one that is gone or crashes is not waited for.
 */
import { due } from '../attempt.ts';
import { enabling } from '../enabling.ts';
import { groupsOf, otherSide } from '../state.ts';
import { isServing, endpointOf, statusSummary } from '../rotation.ts';
import { judgeOnline } from '../online-streak.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { groupFault } from './group-fault.ts';
import { isAsWritten } from './as-written.ts';
import { profileOf } from './profile.ts';

export const online: StepLogic = {
  judge(scene) {
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return waiting(profile.waitingOn);
    const { groups } = scene;
    const broken = scene.rollout.backPlan === undefined ? groups.map((group) => groupFault(scene, group)) : [];
    const fault = broken.find((one) => one !== undefined);
    if (fault !== undefined) return fault;
    const open = groups.filter((group) => !isServing(endpointOf(profile, group)));
    if (open.length === 0) {
      const verdict = judgeOnline(scene, profile.fqdn, groups);
      return verdict.kind === 'waiting' ? { ...verdict, progress: groups.length } : verdict;
    }
    const lost = open.filter((group) => !isAsWritten(scene, profile, { group }));
    const effects = lost.flatMap((group) => enabling(scene.rollout, profile, group) ?? []);
    const waitingOn = `waiting for ${count(groups.length, 'endpoint')} of ${profile.fqdn} to be Online (${statusSummary(profile, groups)})`;
    const next = due(scene.rollout, effects, scene).slice(0, 1);
    return { ...waiting(waitingOn, next), progress: groups.length - open.length };
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.onlineMs,
  undo: () => [],
  /**
   * Its groups run and have passed direct probes: that Traffic Manager does not find them healthy is no proof against the
   * release. With no live stack to compare, its monitor is most likely set wrongly.
   */
  overdueFault: (scene) =>
    'waitingOn' in profileOf(scene) || groupsOf(scene.rollout, otherSide(scene.side)).length > 0 ? 'world' : 'operator',
};
