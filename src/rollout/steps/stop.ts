/**
 * Stop: the groups of a stack that is kept, and has drained, are stopped and stay. Nobody is served by them, so what cannot
 * be stopped in time is told, and left running.
 */
import { readStackId } from '../../model/ownership.ts';
import { due, refusalOf } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import { isAtRest } from '../health.ts';
import { drainedAt } from '../drained.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';
import { profileOf } from './profile.ts';
import { takeOutAgain } from './take-out-again.ts';

export const stop: StepLogic = {
  judge(scene) {
    return notYet(scene) ?? stopGroups(scene);
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.retireMs,
  /** Of the live stack there is no way back from here. */
  undo: () => [],
  overdueFault: () => 'world',
  isOptional: true,
};

/** Undefined once all have left rotation and have drained. */
function notYet(scene: Scene): Verdict | undefined {
  const { rollout, groups, now } = scene;
  if (rollout.traffic === undefined) return undefined;
  const profile = profileOf(scene);
  if ('waitingOn' in profile) return waiting(profile.waitingOn);
  const back = takeOutAgain(scene, profile);
  if (back !== undefined) return back;
  const until = drainedAt(rollout, groups);
  if (until !== undefined && now >= until) return undefined;
  return waiting('a group is not drained yet: it is not stopped', [], until);
}

/** What is gone, or is somebody else's, is left alone. */
function stopGroups({ rollout, groups, side, observation, now }: Scene): Verdict {
  const unseen = groups.filter(({ name }) => observation.groups.get(name)?.known !== true).length;
  const left = groups.filter(({ name }) => {
    const seen = observation.groups.get(name);
    if (seen?.known !== true || seen.value === undefined) return false;
    return readStackId(seen.value.tags) === rollout[side]?.id && !isAtRest(seen.value);
  });
  if (unseen === 0 && left.length === 0) return { kind: 'done' };
  const effects = left.map((group): Effect => ({ kind: 'stopGroup', group }));
  const refusal = effects.map((effect) => refusalOf(rollout, effect, observation)).find(Boolean);
  const why = refusal === undefined ? '' : ` (refused: ${refusal.code}: ${refusal.message})`;
  const hidden = unseen === 0 ? '' : `, ${unseen} cannot be seen`;
  const waitingOn = `stopping ${count(left.length, 'group')} of ${groups.length}${hidden}${why}`;
  const progress = groups.length - left.length - unseen;
  return { ...waiting(waitingOn, due(rollout, effects, { observation, now })), progress };
}
