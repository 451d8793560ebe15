/** Profiles and endpoints as Traffic Manager shows them, with the nulls and spellings that the real one has. */
import type { Endpoint, Profile } from './profiles.ts';

/** A list shows no health: profileMonitorStatus is null in it. */
export function showProfile(profile: Profile, options: { readonly inList: boolean }): Record<string, unknown> {
  return {
    id: profileId(profile),
    name: profile.name,
    type: 'Microsoft.Network/trafficManagerProfiles',
    tags: profile.tags,
    location: profile.location,
    properties: {
      profileStatus: profile.enabled ? 'Enabled' : 'Disabled',
      trafficRoutingMethod: profile.routingMethod,
      dnsConfig: {
        relativeName: profile.relativeName,
        fqdn: `${profile.relativeName}.trafficmanager.net`,
        ttl: profile.ttl,
      },
      monitorConfig: {
        // oxlint-disable-next-line unicorn/no-null -- as recorded
        profileMonitorStatus: options.inList ? null : monitorStatus(profile),
        ...profile.monitor,
      },
      endpoints: [...profile.endpoints.values()].map((endpoint) => showEndpoint(profile, endpoint)),
      trafficViewEnrollmentStatus: 'Disabled',
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      maxReturn: null,
    },
  };
}

export function showEndpoint(profile: Profile, endpoint: Endpoint): Record<string, unknown> {
  return {
    id: `${profileId(profile)}/externalEndpoints/${endpoint.name}`,
    name: endpoint.name,
    type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints',
    properties: {
      endpointStatus: endpoint.enabled ? 'Enabled' : 'Disabled',
      endpointMonitorStatus: endpointStatus(profile, endpoint),
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      targetResourceId: null,
      target: endpoint.target,
      weight: endpoint.weight,
      priority: endpoint.priority,
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      endpointLocation: endpoint.location ?? null,
      alwaysServe: endpoint.alwaysServe ? 'Enabled' : 'Disabled',
    },
  };
}

function endpointStatus(profile: Profile, endpoint: Endpoint): string {
  if (!endpoint.enabled) return 'Disabled';
  if (!profile.enabled) return 'Inactive';
  return endpoint.alwaysServe ? 'Unmonitored' : endpoint.monitor;
}

function monitorStatus(profile: Profile): string {
  if (!profile.enabled) return 'Disabled';
  const statuses = [...profile.endpoints.values()]
    .filter(({ enabled }) => enabled)
    .map((endpoint) => endpointStatus(profile, endpoint));
  if (statuses.length === 0) return 'Inactive';
  if (statuses.includes('Degraded')) return 'Degraded';
  return statuses.includes('CheckingEndpoint') ? 'CheckingEndpoints' : 'Online';
}

function profileId(profile: Profile): string {
  return `/subscriptions/${profile.subscription}/resourceGroups/${profile.resourceGroup}/providers/Microsoft.Network/trafficManagerProfiles/${profile.name}`;
}
