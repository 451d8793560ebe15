/**
 * Retire: endpoints are deleted first (a dangling DNS name can be taken over), then the groups. Done when none of them
 * is there any more.
 */
import { readStackId } from '../../model/ownership.ts';
import { due } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import { endpointOf } from '../rotation.ts';
import { drainedAt } from '../drained.ts';
import { settledAt } from '../unsettled.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';
import { profileOf } from './profile.ts';
import { takeOutAgain } from './take-out-again.ts';

export const retire: StepLogic = {
  judge(scene) {
    const back = takenOutAgain(scene);
    if (back !== undefined) return back;
    const verdict = retireEndpoints(scene) ?? retireGroups(scene);
    // To turn back for a deletion that takes long would make all of it anew.
    return verdict.kind === 'waiting' && scene.step.mayReturn === true ? { ...verdict, isPatient: true } : verdict;
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.retireMs,
  undo: ({ side, part, only, mayReturn }) =>
    mayReturn === true
      ? [
          { kind: 'provision', side, part, only },
          { kind: 'verify', side, part, only },
        ]
      : [],
  overdueFault: () => 'world',
};

function takenOutAgain(scene: Scene): Verdict | undefined {
  if (scene.rollout.traffic === undefined) return undefined;
  const profile = profileOf(scene);
  return 'waitingOn' in profile ? undefined : takeOutAgain(scene, profile);
}

function retireEndpoints(scene: Scene): Verdict | undefined {
  const { rollout, groups } = scene;
  if (rollout.traffic === undefined) return undefined;
  const profile = profileOf(scene);
  if ('waitingOn' in profile) return waiting(profile.waitingOn);
  const until = drainedAt(rollout, groups);
  if (until === undefined || scene.now < until) return waiting('a group is not drained yet: it is kept', [], until);
  const left = groups.filter((group) => endpointOf(profile, group) !== undefined);
  if (left.length === 0) return undefined;
  const effects = left.map((group): Effect => ({ kind: 'deleteEndpoint', group }));
  return waiting(
    `deleting ${count(left.length, 'endpoint')} of ${profile.fqdn}`,
    due(rollout, effects, scene).slice(0, 1),
  );
}

/** Of a single writer nothing may come back beside what is made next. */
function settled({ rollout, groups, now }: Scene): Verdict {
  const until = settledAt(rollout, groups, now);
  if (until === undefined) return { kind: 'done' };
  const waitingOn = 'what was being made is gone: waiting whether it comes back';
  return { ...waiting(waitingOn, [], until), progress: groups.length, isPatient: true };
}

function retireGroups(scene: Scene): Verdict {
  const { groups } = scene;
  const unknown = groups.filter((group) => scene.observation.groups.get(group.name)?.known !== true);
  const left = groups.filter((group) => {
    const seen = scene.observation.groups.get(group.name);
    return (
      seen?.known === true && seen.value !== undefined && readStackId(seen.value.tags) === scene.rollout[scene.side]?.id
    );
  });
  if (unknown.length === 0 && left.length === 0) return settled(scene);
  const effects = left.map((group): Effect => ({ kind: 'deleteGroup', group }));
  const unseen = unknown.length === 0 ? '' : `, ${unknown.length} cannot be seen`;
  const waitingOn = `deleting ${count(left.length, 'group')} of ${groups.length}${unseen}`;
  const progress = groups.length - left.length - unknown.length;
  return { ...waiting(waitingOn, due(scene.rollout, effects, scene)), progress };
}
