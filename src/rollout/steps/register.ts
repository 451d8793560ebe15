/**
 * Register: one enabled endpoint per group in the profile, written one at a time. The profile itself is never written.
 */
import { due, refusalOf } from '../attempt.ts';
import { enabling } from '../enabling.ts';
import { inOrderOfRank } from '../free-priority.ts';
import { needsSwap } from '../replan.ts';
import { count, waiting } from '../verdict.ts';
import type { StepLogic } from '../verdict.ts';
import { isAsWritten } from './as-written.ts';
import { profileOf } from './profile.ts';

export const register: StepLogic = {
  judge(scene) {
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return waiting(profile.waitingOn);
    const { groups } = scene;
    const open = groups.filter((group) => !isAsWritten(scene, profile, { group }));
    if (open.length === 0) return { kind: 'done' };
    const { rollout } = scene;
    const ranked = rollout.routing === 'Priority' ? inOrderOfRank(open, { ...rollout, profile }) : open;
    const effects = ranked.flatMap((group) => enabling(rollout, profile, group) ?? []);
    const refusal = effects.map((effect) => refusalOf(scene.rollout, effect, scene.observation)).find(Boolean);
    if (refusal !== undefined && needsSwap(rollout, refusal)) {
      const why = `${profile.fqdn} takes no second one in a location (${refusal.code}: ${refusal.message})`;
      const reason = `endpoints are led to the candidate in their place: ${why}`;
      return { kind: 'replan', reason };
    }
    const why = refusal === undefined ? '' : ` (refused: ${refusal.code}: ${refusal.message})`;
    const waitingOn = `adding ${count(open.length, 'endpoint')} of ${groups.length} to ${profile.fqdn}${why}`;
    const next = due(scene.rollout, effects, scene).slice(0, 1);
    return { ...waiting(waitingOn, next), progress: groups.length - open.length };
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.registerMs,
  undo: ({ side, part, only }) => [
    { kind: 'deregister', side, part, only },
    { kind: 'drain', side, part, only },
  ],
  overdueFault: () => 'operator',
};
