/** Questions about a profile: which of a stack's endpoints are in rotation, and which of them serve. */
import { groupOfTarget } from '../model/ownership.ts';
import type { StackGroup } from './effect.ts';
import type { ObservedEndpoint, ObservedProfile } from './observation.ts';

/**
 * By its name, without regard to case, as Traffic Manager has it. Never a nested one or that of an Azure resource: those
 * are not ours, whatever they are called.
 */
export function endpointNamed(profile: ObservedProfile, name: string): ObservedEndpoint | undefined {
  const wanted = name.toLowerCase();
  return profile.endpoints.find(
    (endpoint) => endpoint.name.toLowerCase() === wanted && (endpoint.kind ?? 'external') === 'external',
  );
}

/** The group's own. One that is switched in place is so only while it leads there. */
export function endpointOf(profile: ObservedProfile, group: StackGroup): ObservedEndpoint | undefined {
  const endpoint = endpointNamed(profile, group.endpoint);
  return endpoint !== undefined && isOf(endpoint, group) ? endpoint : undefined;
}

function isOf(endpoint: ObservedEndpoint, group: StackGroup): boolean {
  if (endpoint.name.toLowerCase() !== group.endpoint.toLowerCase()) return false;
  return group.byTarget !== true || leadsTo(endpoint, group);
}

export function leadsTo(
  { target }: ObservedEndpoint,
  { name, adopted }: Pick<StackGroup, 'name' | 'adopted'>,
): boolean {
  if (target === undefined) return false;
  return groupOfTarget(target) === name.toLowerCase() || target.toLowerCase() === adopted?.target?.toLowerCase();
}

/** Any enabled endpoint, also a foreign one, that sends traffic to the group. */
export function enabledTowards(
  profile: ObservedProfile,
  group: StackGroup,
  target: string | undefined,
): ObservedEndpoint | undefined {
  return profile.endpoints.find(
    (endpoint) =>
      endpoint.enabled &&
      (isOf(endpoint, group) ||
        (target === undefined ? leadsTo(endpoint, group) : endpoint.target?.toLowerCase() === target.toLowerCase())),
  );
}

/** Enabled and seen healthy by Traffic Manager (or exempt from its probes). */
export function isServing(endpoint: ObservedEndpoint | undefined): boolean {
  if (endpoint === undefined || !endpoint.enabled) return false;
  return endpoint.monitorStatus === 'Online' || endpoint.monitorStatus === 'Unmonitored';
}

/** Given to clients as one that may be healthy: also while it is still being checked. */
export function isEligible(endpoint: ObservedEndpoint | undefined): boolean {
  return isServing(endpoint) || (endpoint?.enabled === true && endpoint.monitorStatus === 'CheckingEndpoint');
}

/** Given to clients: with none eligible, Traffic Manager answers with every enabled one. */
export function isHandedOut(profile: ObservedProfile, endpoint: ObservedEndpoint | undefined): boolean {
  if (endpoint?.enabled !== true) return false;
  return isEligible(endpoint) || !profile.endpoints.some((one) => isEligible(one));
}

export function servingCount(profile: ObservedProfile, groups: readonly StackGroup[]): number {
  return groups.filter((group) => isServing(endpointOf(profile, group))).length;
}

/** Statuses of a stack's endpoints for people: `2 Online, 1 CheckingEndpoint`. */
export function statusSummary(profile: ObservedProfile, groups: readonly StackGroup[]): string {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const status = endpointOf(profile, group)?.monitorStatus ?? 'missing';
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, n]) => `${n} ${status}`).join(', ');
}
