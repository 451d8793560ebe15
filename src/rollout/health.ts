/**
 * What an observed group says of its release. Only the containers' own states tell the truth: a crash-looping group
 * says that it is provisioned and Running.
 */
import type { ObservedContainer, ObservedGroup } from './observation.ts';

export type Health =
  | { readonly kind: 'running'; readonly restarts: number }
  | { readonly kind: 'starting'; readonly detail: string }
  /** Provisioning failed: no capacity, quota, a time-out of the platform. The group stays and bills. */
  | { readonly kind: 'failed'; readonly detail: string }
  /** On request: it is there, and runs nothing until it is started. */
  | { readonly kind: 'stopped'; readonly detail: string }
  /** The release's own doing: it exits or crash-loops. */
  | { readonly kind: 'crashed'; readonly detail: string };

/** Restarts of one container that make a crash loop, also where the platform does not call it one. */
const CRASH_LOOP_RESTARTS = 3;

/** Provisioning states in which a group is on its way to another state. */
const IN_MOTION = new Set(['Pending', 'Creating', 'Updating', 'Repairing', 'Deleting']);
/** Of those, the ones of a group that was asked for and is not there as a whole yet. */
const BEING_MADE = new Set(['Accepted', 'Pending', 'Creating']);
/** States of a group whose containers have all ended, of themselves or since it was stopped: nothing of it is billed. */
const AT_REST = new Set(['Stopped', 'Succeeded', 'Failed']);

/** True where nothing of it runs, nor will by itself; unknown, so false, in lists, which carry no such state. */
export function isAtRest({ provisioningState, state }: ObservedGroup): boolean {
  return state !== undefined && AT_REST.has(state) && !IN_MOTION.has(provisioningState);
}

export function isBeingMade({ provisioningState }: ObservedGroup): boolean {
  return BEING_MADE.has(provisioningState);
}

export function isStopped(group: ObservedGroup): boolean {
  return group.state === 'Stopped' && isAtRest(group);
}

/**
 * `isOld`: not made by this rollout. It may have restarted now and then in its life, so that only what it does now counts,
 * and every further restart that is seen.
 */
export function healthOf(group: ObservedGroup, { isOld = false } = {}): Health {
  if (isStopped(group)) return { kind: 'stopped', detail: 'is stopped' };
  if (group.provisioningState === 'Failed') {
    return { kind: 'failed', detail: `provisioning failed: ${group.warnings.at(-1) ?? 'no reason given'}` };
  }
  const crashed = group.containers.find((container) => isCrashed(container, isOld));
  if (crashed !== undefined) return { kind: 'crashed', detail: describe(crashed) };
  // None of none that runs proves nothing.
  if (group.containers.length === 0) return { kind: 'starting', detail: 'no container is shown' };
  const waiting = group.containers.find((container) => container.state !== 'Running');
  if (group.provisioningState !== 'Succeeded' || group.state !== 'Running' || waiting !== undefined) {
    const at = waiting?.detail || waiting?.state;
    const what = `${group.provisioningState}${group.state === undefined ? '' : `, ${group.state}`}`;
    return { kind: 'starting', detail: at === undefined ? what : `${what}, container ${waiting?.name} ${at}` };
  }
  return { kind: 'running', restarts: group.containers.reduce((sum, container) => sum + container.restarts, 0) };
}

function isCrashed(container: ObservedContainer, isOld: boolean): boolean {
  if (container.restarts >= CRASH_LOOP_RESTARTS && !isOld) return true;
  if (container.state === 'Terminated') return !isStoppedOnRequest(container);
  return container.restarts >= 2 && (container.detail ?? '').startsWith('CrashLoopBackOff');
}

function isStoppedOnRequest(container: ObservedContainer): boolean {
  return (container.detail ?? '').includes('stopped per client request');
}

function describe(container: ObservedContainer): string {
  const parts = [
    `container ${container.name} ${container.state === 'Terminated' ? 'exited' : 'keeps crashing'}`,
    container.exitCode === undefined ? undefined : `exit code ${container.exitCode}`,
    container.restarts === 0 ? undefined : `${container.restarts} restarts`,
    container.detail,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
