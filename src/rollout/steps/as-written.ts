/** Whether an endpoint is as Viridian writes it: enabled, with its target and weight. Somebody may have changed it since. */
import type { StackGroup } from '../effect.ts';
import type { ObservedProfile } from '../observation.ts';
import { endpointOf } from '../rotation.ts';
import { isWeighted, otherSide, weightOf } from '../state.ts';
import type { Scene } from '../verdict.ts';

/** Undo of the other side's removal counts a live endpoint as there when it is enabled, whatever its target says. */
export function isAsWritten(
  scene: Scene,
  profile: ObservedProfile,
  { group, weight = weightOf(scene.rollout, group) }: { group: StackGroup; weight?: number | undefined },
): boolean {
  const endpoint = endpointOf(profile, group);
  if (endpoint === undefined || !endpoint.enabled) return false;
  const target = scene.rollout.targets[group.name];
  const isWeighed = isWeighted(scene.rollout) && endpoint.weight !== undefined && weight !== undefined;
  if (isWeighed && endpoint.weight !== weight) return false;
  if (scene.side === otherSide('candidate') && target === undefined) return true;
  return endpoint.target?.toLowerCase() === target?.toLowerCase();
}
