/**
 * Verify: each group proves itself by direct requests, N successes in a row with no restart meanwhile, before any
 * traffic is sent to it: Traffic Manager hands out an endpoint from the moment that it is enabled.
 */
import type { StackGroup } from '../effect.ts';
import type { Rollout } from '../state.ts';
import { count, waiting } from '../verdict.ts';
import { groupFault } from './group-fault.ts';
import type { Scene, StepLogic, Verdict } from '../verdict.ts';

export const verify: StepLogic = {
  judge(scene) {
    const { groups } = scene;
    for (const group of groups) {
      const fault = faultOf(scene, group);
      if (fault !== undefined) return fault;
    }
    const open = groups.filter((group) => scene.rollout.proofs[group.name]?.verifiedAt === undefined);
    if (open.length === 0) return { kind: 'done' };
    const details = open.map((group) => `${group.name}: ${progress(scene.rollout, group)}`);
    const verified = groups.length - open.length;
    const what = `verifying ${count(groups.length, 'group')} directly, ${verified} verified`;
    return { ...waiting(`${what} (${details.join('; ')})`), progress: verified };
  },
  deadlineMs: (rollout) => rollout.settings.deadlines.verifyMs,
  undo: () => [],
  overdueFault(scene) {
    const proofs = scene.groups.map((group) => scene.rollout.proofs[group.name]);
    return proofs.some((proof) => proof !== undefined && proof.failures > 0) ? 'release' : 'world';
  },
};

function faultOf(scene: Scene, group: StackGroup): Verdict | undefined {
  return groupFault(scene, group) ?? probeFault(scene, group);
}

/** A group that fails its probe as often in a row as condemns its release. */
export function probeFault(scene: Scene, group: StackGroup): Extract<Verdict, { kind: 'broken' }> | undefined {
  const { probe, proofs } = scene.rollout;
  const proof = proofs[group.name];
  if (probe === undefined || proof === undefined || proof.failures < probe.failures) return undefined;
  const path = probe.scheme === 'tcp' ? '' : probe.path;
  const request = `${probe.scheme}://${scene.rollout.targets[group.name] ?? group.name}:${probe.port}${path}`;
  const reason = `${group.name} fails its probe ${proof.failures} times in a row: ${request}: ${proof.lastDetail}`;
  return { kind: 'broken', fault: 'release', reason };
}

function progress(rollout: Rollout, group: StackGroup): string {
  const proof = rollout.proofs[group.name];
  if (proof === undefined) return 'not running';
  if (rollout.probe === undefined) return 'running, watched for restarts';
  if (proof.failures > 0) return `probe failed ${proof.failures} times in a row, ${proof.lastDetail}`;
  const last = proof.successes === 0 && proof.lastDetail !== '' ? `, last probe: ${proof.lastDetail}` : '';
  return `${proof.successes} of ${rollout.probe.successes} successes in a row${last}`;
}
