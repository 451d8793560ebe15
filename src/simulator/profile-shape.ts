/** Profiles and endpoints as Traffic Manager shows them, with the nulls and spellings that the real one has. */
import { TYPES } from './endpoint-body.ts';
import { endpointStatus, profileStatus } from './endpoint-status.ts';
import type { FindProfile } from './endpoint-status.ts';
import { fqdnOf } from './profile.ts';
import type { Endpoint, Profile } from './profile.ts';

/** A list shows no health: profileMonitorStatus is null in it. */
export function showProfile(
  profile: Profile,
  options: { readonly inList: boolean; readonly find: FindProfile },
): Record<string, unknown> {
  return {
    id: profileId(profile),
    name: profile.name,
    type: 'Microsoft.Network/trafficManagerProfiles',
    tags: profile.tags,
    location: profile.location,
    properties: {
      profileStatus: profile.enabled ? 'Enabled' : 'Disabled',
      trafficRoutingMethod: profile.routingMethod,
      dnsConfig: { relativeName: profile.relativeName, fqdn: fqdnOf(profile), ttl: profile.ttl },
      monitorConfig: {
        // oxlint-disable-next-line unicorn/no-null -- as recorded
        profileMonitorStatus: options.inList ? null : profileStatus(profile, options.find),
        ...profile.monitor,
      },
      endpoints: [...profile.endpoints.values()].map((endpoint) => showEndpoint(profile, endpoint, options.find)),
      trafficViewEnrollmentStatus: 'Disabled',
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      maxReturn: profile.maxReturn ?? null,
    },
  };
}

/** What only some routing methods have is shown where it is set. */
export function showEndpoint(profile: Profile, endpoint: Endpoint, find: FindProfile): Record<string, unknown> {
  const { name, kind, geoMapping, subnets, customHeaders, minChildEndpoints } = endpoint;
  return {
    id: `${profileId(profile)}/${TYPES[kind]}/${name}`,
    name,
    type: `Microsoft.Network/trafficManagerProfiles/${TYPES[kind]}`,
    properties: {
      endpointStatus: endpoint.enabled ? 'Enabled' : 'Disabled',
      endpointMonitorStatus: endpointStatus(profile, endpoint, find),
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      targetResourceId: endpoint.resourceId ?? null,
      target: endpoint.target,
      weight: endpoint.weight,
      priority: endpoint.priority,
      // oxlint-disable-next-line unicorn/no-null -- as recorded
      endpointLocation: endpoint.location ?? null,
      alwaysServe: endpoint.alwaysServe ? 'Enabled' : 'Disabled',
      ...(kind === 'nested' ? { minChildEndpoints } : {}),
      ...(geoMapping.length > 0 ? { geoMapping } : {}),
      ...(subnets.length > 0 ? { subnets } : {}),
      ...(customHeaders.length > 0 ? { customHeaders } : {}),
    },
  };
}

function profileId(profile: Profile): string {
  return `/subscriptions/${profile.subscription}/resourceGroups/${profile.resourceGroup}/providers/Microsoft.Network/trafficManagerProfiles/${profile.name}`;
}
