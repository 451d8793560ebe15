/**
 * Tag: the groups of a stack carry the tags of what it is from now on, and no longer those of what it was; written one group
 * at a time. Nobody is served by a tag: what cannot be written in time is told, and left out.
 */
import { readStackId } from '../../model/ownership.ts';
import { due, refusalOf } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import { retagged } from '../role-tags.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic } from '../verdict.ts';

export const tag: StepLogic = {
  judge(scene) {
    const { rollout, groups, observation, step } = scene;
    const unseen = groups.filter(({ name }) => observation.groups.get(name)?.known !== true).length;
    const effects = writesFor(scene);
    if (unseen === 0 && effects.length === 0) return { kind: 'done' };
    const refusal = effects.map((effect) => refusalOf(rollout, effect, observation)).find(Boolean);
    const why = refusal === undefined ? '' : ` (refused: ${refusal.code}: ${refusal.message})`;
    const hidden = unseen === 0 ? '' : `, ${unseen} cannot be seen`;
    const waitingOn = `tagging ${count(effects.length, 'group')} of ${groups.length} as ${step.as}${hidden}${why}`;
    const next = due(rollout, effects, scene).slice(0, 1);
    return { ...waiting(waitingOn, next), progress: groups.length - effects.length - unseen };
  },
  deadlineMs: ({ settings }) => settings.deadlines.registerMs,
  /** A live stack is live again, and a candidate no more than that. */
  undo: ({ side, part, only }) => [{ kind: 'tag', side, part, only, as: side }],
  overdueFault: () => 'world',
  isOptional: true,
};

/** What is gone, or is somebody else's, is left alone. */
function writesFor({ rollout, groups, side, step, observation }: Scene): readonly Effect[] {
  const { tags } = rollout.settings;
  const role = step.as;
  if (tags === undefined || role === undefined) return [];
  return groups.flatMap((group): Effect[] => {
    const seen = observation.groups.get(group.name);
    if (seen?.known !== true || seen.value === undefined) return [];
    if (readStackId(seen.value.tags) !== rollout[side]?.id) return [];
    const wanted = retagged(seen.value.tags, role, tags);
    return wanted === undefined ? [] : [{ kind: 'tagGroup', group, tags: wanted }];
  });
}
