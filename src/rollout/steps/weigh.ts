/**
 * Weigh: the endpoints of both stacks get weights by which the candidate is handed out as often as wanted, one endpoint at
 * a time, the live ones first, so that it never gets more on the way there. With no share: alone in rotation, the candidate
 * gets the app's own weight. Done when all are written and Traffic Manager finds the candidate's healthy.
 */
import { due } from '../attempt.ts';
import type { Effect, StackGroup } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { judgeOnline } from '../online-streak.ts';
import { endpointOf, isServing, statusSummary } from '../rotation.ts';
import { groupsOf } from '../state.ts';
import type { Rollout } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, StepLogic } from '../verdict.ts';
import { weightsFor } from '../weights.ts';
import type { Weights } from '../weights.ts';
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
    const { share } = step;
    const effects = share === undefined ? toBeWritten(scene, profile, { groups }) : writesFor(share, scene, profile);
    if (effects.length > 0) {
      const left = `${count(effects.length, 'endpoint')} of ${profile.fqdn}`;
      const percent = share === undefined ? 'all' : `${round(weightsIn(rollout, share).share)} %`;
      const waitingOn = `weighing ${left} so that ${percent} of new answers lead to the candidate`;
      return { ...waiting(waitingOn, due(rollout, effects, scene).slice(0, 1)), progress: -effects.length };
    }
    if (groups.every((group) => isServing(endpointOf(profile, group)))) return judgeOnline(scene, profile.fqdn, groups);
    return waiting(
      `waiting for ${count(groups.length, 'endpoint')} of ${profile.fqdn} to be Online (${statusSummary(profile, groups)})`,
    );
  },
  deadlineMs: ({ settings }) => settings.deadlines.registerMs + settings.deadlines.onlineMs,
  /** A candidate beside the live stack leaves at once; the live weights would raise its share as long as it is there. */
  undo: ({ side, share }) =>
    share === undefined
      ? []
      : [
          { kind: 'deregister', side },
          { kind: 'drain', side },
          { kind: 'register', side: 'live' },
          { kind: 'online', side: 'live' },
        ],
  overdueFault: () => 'world',
};

function writesFor(share: number, scene: Scene, profile: ObservedProfile): readonly Effect[] {
  const { rollout, groups } = scene;
  const live = groupsOf(rollout, 'live');
  const weights = weightsIn(rollout, share);
  return [
    ...toBeWritten({ ...scene, side: 'live', groups: live }, profile, { groups: live, weight: weights.live }),
    ...toBeWritten(scene, profile, { groups, weight: weights.candidate }),
  ];
}

function weightsIn(rollout: Rollout, share: number): Weights {
  return weightsFor(share, {
    live: groupsOf(rollout, 'live').length,
    candidate: groupsOf(rollout, 'candidate').length,
  });
}

function toBeWritten(
  scene: Scene,
  profile: ObservedProfile,
  { groups, weight }: { groups: readonly StackGroup[]; weight?: number },
): readonly Effect[] {
  const open = groups.filter((group) => !isAsWritten(scene, profile, { group, weight }));
  return open.flatMap((group): Effect[] => {
    const target = scene.rollout.targets[group.name] ?? endpointOf(profile, group)?.target;
    return target === undefined
      ? []
      : [{ kind: 'enableEndpoint', group, target, ...(weight === undefined ? {} : { weight }) }];
  });
}

function round(share: number): number {
  return Math.round(share * 10) / 10;
}
