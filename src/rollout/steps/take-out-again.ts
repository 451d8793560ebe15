/** Endpoints that somebody enabled while they were to stay out: taken out once more, after which the TTL starts anew. */
import { due } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { enabledTowards, endpointOf } from '../rotation.ts';
import { maySendAway } from '../rules.ts';
import { count, waiting } from '../verdict.ts';
import type { Scene, Verdict } from '../verdict.ts';
import { goneOfCandidate } from './gone-of-candidate.ts';

/** Undefined where none is in rotation. One that is not ours is only waited for. */
export function takeOutAgain(scene: Scene, profile: ObservedProfile): Verdict | undefined {
  const { rollout, groups } = scene;
  const back = groups.filter((group) => enabledTowards(profile, group, rollout.targets[group.name]));
  if (back.length === 0) return undefined;
  const ours = back.filter((group) => endpointOf(profile, group)?.enabled === true);
  const isSafe = maySendAway(rollout, scene.step, profile);
  const gone = isSafe ? undefined : goneOfCandidate(scene);
  if (gone !== undefined) return gone;
  const effects = isSafe ? ours.map((group): Effect => ({ kind: 'disableEndpoint', group })) : [];
  return waiting(
    `${count(back.length, 'endpoint')} of ${profile.fqdn}, enabled again by somebody else, to be taken out; then the TTL starts anew`,
    due(rollout, effects, scene).slice(0, 1),
  );
}
