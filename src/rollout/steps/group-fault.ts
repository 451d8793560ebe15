/** What is broken about a candidate's group, and by whose fault; nothing where it was not seen. */
import type { StackGroup } from '../effect.ts';
import { healthOf } from '../health.ts';
import { isOld } from '../state.ts';
import type { Scene, Verdict } from '../verdict.ts';

export function groupFault(scene: Scene, group: StackGroup): Extract<Verdict, { kind: 'broken' }> | undefined {
  const seen = scene.observation.groups.get(group.name);
  if (seen?.known !== true) return undefined;
  if (seen.value === undefined) {
    return { kind: 'broken', fault: 'world', reason: `container group ${group.name} has vanished` };
  }
  const health = healthOf(seen.value, { isOld: isOld(scene.rollout, group.name) });
  if (health.kind !== 'crashed' && health.kind !== 'failed') return undefined;
  const fault = health.kind === 'crashed' ? 'release' : 'world';
  return { kind: 'broken', fault, reason: `${group.name}: ${health.detail}` };
}
