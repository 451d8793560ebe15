/**
 * Which endpoints one question is answered with, by routing method
 * (https://learn.microsoft.com/azure/traffic-manager/traffic-manager-routing-methods). Name servers go down nested
 * profiles by themselves: the answer names endpoints that are not nested.
 */
import type { Endpoint, Profile } from './profile.ts';
import { DEEPEST_NESTING, endpointStatus } from './endpoint-status.ts';
import type { FindProfile } from './endpoint-status.ts';
import type { Place } from './places.ts';
import { isIn } from './subnets.ts';

export interface Asker {
  /** Of the client as far as it is known: of its subnet (RFC 7871), or of its resolver. */
  readonly address: string | undefined;
  readonly place: Omit<Place, 'subnet'>;
}

export interface RoutingGiven {
  readonly find: FindProfile;
  readonly random: () => number;
  readonly asker: Asker;
}

export type Routed =
  /** `from`: the profile that they are endpoints of. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly Endpoint[]; readonly from: Profile }
  /** The name exists, without a record. */
  | { readonly kind: 'noData' }
  | { readonly kind: 'noName' };

const NO_NAME: Routed = { kind: 'noName' };
const NO_DATA: Routed = { kind: 'noData' };

export function route(profile: Profile, given: RoutingGiven, depth = 0): Routed {
  const enabled = enabledOf(profile);
  if (!profile.enabled || enabled.length === 0 || depth > DEEPEST_NESTING) return NO_NAME;
  const serves = (endpoint: Endpoint) => mayServe(profile, endpoint, given.find);
  const eligible = eligibleOf(profile, given.find);
  const follow = (endpoint: Endpoint | undefined) => down(profile, endpoint, { given, depth });
  switch (profile.routingMethod.toLowerCase()) {
    case 'priority':
      return follow(eligible.toSorted((a, b) => a.priority - b.priority)[0]);
    case 'performance':
      return follow(evenly(nearest(eligible, given.asker), given.random));
    case 'multivalue':
      return several(profile, eligible, { given, depth });
    case 'geographic': {
      // Whatever its health: a region has no second endpoint.
      const mapped = mappedTo(enabled, given.asker);
      return mapped === undefined ? NO_DATA : follow(mapped);
    }
    case 'subnet': {
      const mapped = inSubnet(enabled, given.asker);
      return mapped === undefined || !serves(mapped) ? NO_NAME : follow(mapped);
    }
    default:
      return follow(byWeight(eligible, given.random));
  }
}

interface Level {
  readonly given: RoutingGiven;
  readonly depth: number;
}

function down(profile: Profile, endpoint: Endpoint | undefined, { given, depth }: Level): Routed {
  if (endpoint === undefined) return NO_NAME;
  if (endpoint.kind !== 'nested') return { kind: 'endpoints', endpoints: [endpoint], from: profile };
  const child = endpoint.resourceId === undefined ? undefined : given.find(endpoint.resourceId);
  const routed = child === undefined ? NO_NAME : route(child, given, depth + 1);
  return routed.kind === 'endpoints' ? routed : NO_DATA;
}

export function enabledOf({ endpoints }: Profile): readonly Endpoint[] {
  return [...endpoints.values()].filter(({ enabled }) => enabled);
}

function mayServe(profile: Profile, endpoint: Endpoint, find: FindProfile): boolean {
  const status = endpointStatus(profile, endpoint, find);
  return status === 'Online' || status === 'CheckingEndpoint' || status === 'Unmonitored';
}

/** Endpoints that may be handed out at all: with every one Degraded, all that are enabled. */
export function eligibleOf(profile: Profile, find: FindProfile): readonly Endpoint[] {
  const enabled = enabledOf(profile);
  const healthy = enabled.filter((endpoint) => mayServe(profile, endpoint, find));
  return healthy.length > 0 ? healthy : enabled;
}

function byWeight(eligible: readonly Endpoint[], random: () => number): Endpoint | undefined {
  const total = eligible.reduce((sum, endpoint) => sum + endpoint.weight, 0);
  let left = random() * total;
  return eligible.find((endpoint) => (left -= endpoint.weight) < 0) ?? eligible.at(-1);
}

function evenly(eligible: readonly Endpoint[], random: () => number): Endpoint | undefined {
  return eligible[Math.floor(random() * eligible.length)];
}

/** All of the nearest location that has any. */
function nearest(eligible: readonly Endpoint[], { place }: Asker): readonly Endpoint[] {
  const locations = [...new Set(eligible.map(({ location }) => location ?? ''))].sort();
  const first = place.nearest.find((location) => locations.includes(location)) ?? locations[0];
  return eligible.filter(({ location }) => (location ?? '') === first);
}

function several(profile: Profile, eligible: readonly Endpoint[], { given, depth }: Level): Routed {
  const left = [...eligible];
  const found: Endpoint[] = [];
  while (left.length > 0 && found.length < (profile.maxReturn ?? 1)) {
    const [endpoint] = left.splice(Math.floor(given.random() * left.length), 1);
    const routed = down(profile, endpoint, { given, depth });
    if (routed.kind === 'endpoints') found.push(...routed.endpoints);
  }
  return found.length === 0
    ? NO_NAME
    : { kind: 'endpoints', endpoints: found.slice(0, profile.maxReturn), from: profile };
}

function mappedTo(enabled: readonly Endpoint[], { place }: Asker): Endpoint | undefined {
  for (const region of [...place.regions, 'WORLD']) {
    const endpoint = enabled.find(({ geoMapping }) => geoMapping.includes(region));
    if (endpoint !== undefined) return endpoint;
  }
  return undefined;
}

/** One without subnets is for all others. */
function inSubnet(enabled: readonly Endpoint[], { address = '' }: Asker): Endpoint | undefined {
  const own = enabled.find(({ subnets }) => subnets.some((subnet) => isIn(subnet, address)));
  return own ?? enabled.find(({ subnets }) => subnets.length === 0);
}
