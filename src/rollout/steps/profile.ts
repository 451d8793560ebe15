/** The profile of a scene, or the reason why it cannot be judged: unknown is not empty. */
import type { ObservedProfile } from '../observation.ts';
import type { Scene } from '../verdict.ts';

export function profileOf(scene: Scene): ObservedProfile | { readonly waitingOn: string } {
  const name = scene.rollout.traffic?.profile ?? 'none';
  const seen = scene.observation.profile;
  if (seen === undefined) return { waitingOn: `waiting for a look at Traffic Manager profile ${name}` };
  if (!seen.known) return { waitingOn: `Traffic Manager profile ${name} cannot be read: ${seen.reason}` };
  if (seen.value === undefined) {
    return { waitingOn: `Traffic Manager profile ${name} does not exist any more; restore it` };
  }
  return seen.value;
}
