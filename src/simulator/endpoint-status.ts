/**
 * What Traffic Manager says of endpoints and profiles. A nested endpoint is not probed: it is as healthy as so many of its
 * child's endpoints are (https://learn.microsoft.com/azure/traffic-manager/traffic-manager-nested-profiles).
 */
import type { Endpoint, Profile } from './profile.ts';

/** The profile behind the id of a resource. */
export type FindProfile = (resourceId: string) => Profile | undefined;

/** Levels of nested profiles that Traffic Manager takes. */
export const DEEPEST_NESTING = 10;

export type EndpointStatus =
  | 'Disabled'
  | 'Inactive'
  | 'Unmonitored'
  | 'Stopped'
  | 'CheckingEndpoint'
  | 'Online'
  | 'Degraded';

export function endpointStatus(profile: Profile, endpoint: Endpoint, find: FindProfile, depth = 0): EndpointStatus {
  if (!endpoint.enabled) return 'Disabled';
  if (!profile.enabled) return 'Inactive';
  if (endpoint.alwaysServe) return 'Unmonitored';
  return endpoint.kind === 'nested' ? nestedStatus(endpoint, find, depth) : endpoint.monitor;
}

function nestedStatus(endpoint: Endpoint, find: FindProfile, depth: number): EndpointStatus {
  const child = endpoint.resourceId === undefined ? undefined : find(endpoint.resourceId);
  if (child === undefined || !child.enabled || depth >= DEEPEST_NESTING) return 'Stopped';
  const statuses = [...child.endpoints.values()].map((one) => endpointStatus(child, one, find, depth + 1));
  if (statuses.every((status) => status === 'Disabled' || status === 'Stopped')) return 'Stopped';
  const online = statuses.filter((status) => status === 'Online' || status === 'Unmonitored').length;
  const checking = statuses.filter((status) => status === 'CheckingEndpoint').length;
  if (online >= endpoint.minChildEndpoints) return 'Online';
  return online + checking >= endpoint.minChildEndpoints ? 'CheckingEndpoint' : 'Degraded';
}

export function profileStatus(profile: Profile, find: FindProfile): string {
  if (!profile.enabled) return 'Disabled';
  const statuses = [...profile.endpoints.values()]
    .map((endpoint) => endpointStatus(profile, endpoint, find))
    .filter((status) => status !== 'Disabled' && status !== 'Stopped');
  if (statuses.length === 0) return 'Inactive';
  if (statuses.includes('Degraded')) return 'Degraded';
  return statuses.includes('CheckingEndpoint') ? 'CheckingEndpoints' : 'Online';
}
