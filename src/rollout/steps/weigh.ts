/**
 * Weigh: the endpoints of both stacks get weights by which the candidate is handed out as often as wanted, one endpoint at
 * a time, the candidate's first. Done when all are written and Traffic Manager finds the candidate's healthy.
 */
import { due } from '../attempt.ts';
import type { Effect, StackGroup } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { endpointOf, isServing, statusSummary } from '../rotation.ts';
import { groupsOf } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic } from '../verdict.ts';
import { weightsFor } from '../weights.ts';
import { isAsWritten } from './as-written.ts';
import { profileOf } from './profile.ts';
import { stillProven } from './still-proven.ts';

export const weigh: StepLogic = {
  judge(scene) {
    const unproven = stillProven(scene);
    if (unproven !== undefined) return unproven;
    const profile = profileOf(scene);
    if ('waitingOn' in profile) return waiting(profile.waitingOn);
    const { rollout, groups, step } = scene;
    const live = groupsOf(rollout, 'live');
    const weights = weightsFor(step.share ?? 0, { live: live.length, candidate: groups.length });
    const effects = [
      ...toBeWritten(scene, profile, { groups, weight: weights.candidate }),
      ...toBeWritten({ ...scene, side: 'live', groups: live }, profile, { groups: live, weight: weights.live }),
    ];
    if (effects.length > 0) {
      const left = `${count(effects.length, 'endpoint')} of ${profile.fqdn}`;
      return waiting(
        `weighing ${left} so that ${round(weights.share)} % of new answers lead to the candidate`,
        due(rollout, effects, scene).slice(0, 1),
      );
    }
    if (groups.every((group) => isServing(endpointOf(profile, group)))) return { kind: 'done' };
    return waiting(
      `waiting for ${count(groups.length, 'endpoint')} of ${profile.fqdn} to be Online (${statusSummary(profile, groups)})`,
    );
  },
  deadlineMs: ({ settings }) => settings.deadlines.registerMs + settings.deadlines.onlineMs,
  undo: ({ side }) => [
    { kind: 'register', side: 'live' },
    { kind: 'online', side: 'live' },
    { kind: 'deregister', side },
    { kind: 'drain', side },
  ],
  overdueFault: () => 'world',
};

function toBeWritten(
  scene: Scene,
  profile: ObservedProfile,
  { groups, weight }: { groups: readonly StackGroup[]; weight: number },
): readonly Effect[] {
  const open = groups.filter((group) => !isAsWritten(scene, profile, { group, weight }));
  return open.flatMap((group): Effect[] => {
    const target = scene.rollout.targets[group.name] ?? endpointOf(profile, group)?.target;
    return target === undefined ? [] : [{ kind: 'enableEndpoint', group, target, weight }];
  });
}

function round(share: number): number {
  return Math.round(share * 10) / 10;
}
