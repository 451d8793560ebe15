/**
 * Whether a candidate that was verified still is, in the steps that only wait or send it traffic: one that restarts or
 * fails its probes there is no better than one that never passed.
 */
import { isProven } from '../state.ts';
import { waiting } from '../verdict.ts';
import type { Scene, Verdict } from '../verdict.ts';
import { groupFault } from './group-fault.ts';
import { probeFault } from './verify.ts';

/** Undefined where every group of the step stands by its proof. */
export function stillProven(scene: Scene): Verdict | undefined {
  for (const group of scene.groups) {
    const fault = groupFault(scene, group) ?? probeFault(scene, group);
    if (fault !== undefined) return fault;
  }
  const open = scene.groups.filter((group) => !isProven(scene.rollout, group.name));
  if (open.length === 0) return undefined;
  return waiting(`${open.map(({ name }) => name).join(', ')} must prove itself again: restarted, or its probe failed`);
}
