/**
 * Bake: the candidate is watched for a set time under traffic, by its containers' states and direct probes. The live
 * stack is still there, so that a failure walks back without making anything.
 */
import { waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { isoTime } from './drain.ts';
import { isPromotedInFull } from './gate.ts';
import { stillProven } from './still-proven.ts';

export const bake: StepLogic = {
  judge(scene) {
    const unproven = stillProven(scene);
    if (unproven?.kind === 'broken') return unproven;
    if (isPromotedInFull(scene)) return unproven ?? { kind: 'done' };
    const until = scene.rollout.enteredAt + (scene.step.forMs ?? 0) + (scene.rollout.pausedMs ?? 0);
    if (scene.now < until) return waiting(`watching the candidate under traffic until ${isoTime(until)}`, [], until);
    const unseen = scene.groups.filter(({ name }) => scene.observation.groups.get(name)?.known !== true);
    if (unseen.length > 0)
      return waiting(`${unseen.map(({ name }) => name).join(', ')} cannot be seen at the end of the bake`);
    return unproven ?? { kind: 'done' };
  },
  /** What is not proven when its time is over is given as long as a verification. */
  deadlineMs: ({ settings }, { forMs = 0 }) => forMs + settings.deadlines.verifyMs,
  undo: () => [],
  overdueFault: () => 'world',
};
