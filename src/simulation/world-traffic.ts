/** What somebody else does to an app's Traffic Manager profile, and what Traffic Manager does by itself. */
import type { Endpoint, Profile } from '../simulator/profile.ts';
import type { Event } from './options.ts';
import { OWNER } from './settings.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import { FORGOTTEN_TTL_MS, LONGEST_TTL_SECONDS, SEEN_BY_THEN_MS } from './world-stage.ts';
import type { Happening } from './world-stage.ts';
import { pickGroup } from './world-groups.ts';

/** Endpoints of others that are there for a while only. */
const PASSING = new Set(['mine', 'elsewhere']);

export const TRAFFIC_EVENTS = {
  /** Up or down: what was handed out before is held by the TTL of then. */
  changeTtl({ app, which }, { azure, truth, time, ttlChangedAt, isPaused }) {
    const profile = azure.profile(app);
    truth.scan();
    if (profile === undefined) return;
    // Two changes in a row may come between two looks.
    const isTooSoon = time.now() < (ttlChangedAt.get(app) ?? 0) + SEEN_BY_THEN_MS;
    if (isTooSoon || isPaused(app)) truth.forgetTtl(app, FORGOTTEN_TTL_MS);
    const ttl = 1 + Math.floor(which * LONGEST_TTL_SECONDS);
    azure.profiles.patch(profile, { properties: { dnsConfig: { ttl } } });
    ttlChangedAt.set(app, time.now());
  },

  toggleEndpoint(event, { azure, truth }) {
    const found = pickEndpoint(event, azure);
    if (found === undefined) return;
    truth.worldBroke(event.app);
    const endpointStatus = found.endpoint.enabled ? 'Disabled' : 'Enabled';
    azure.profiles.putEndpoint(found.profile, found.endpoint.name, { properties: { endpointStatus } });
  },

  /** Its weight, or where it leads. */
  editEndpoint(event, { azure, truth }) {
    const found = pickEndpoint(event, azure);
    if (found === undefined) return;
    const { profile, endpoint } = found;
    truth.worldBroke(event.app);
    const elsewhere = nowhere(profile, 'old');
    truth.worldBroke(truth.groupOf(elsewhere));
    const properties = event.which * 7 - Math.floor(event.which * 7) < 0.5 ? { weight: 7 } : { target: elsewhere };
    if (![...profile.endpoints.values()].some(({ target }) => target === elsewhere))
      azure.profiles.putEndpoint(profile, endpoint.name, { properties });
  },

  deleteEndpoint(event, { azure, truth }) {
    const found = pickEndpoint(event, azure);
    if (found === undefined) return;
    truth.worldBroke(event.app);
    azure.profiles.removeEndpoint(found.profile, found.endpoint.name);
  },

  /** Of somebody else's, to a place that does not answer. */
  addEndpoint({ app }, { azure, truth, later }) {
    const profile = azure.profile(app);
    if (profile === undefined) return;
    truth.worldBroke(app);
    truth.worldBroke(truth.groupOf(nowhere(profile, 'elsewhere')));
    if (profile.endpoints.has('elsewhere')) return;
    const properties = foreignProperties(profile, 'elsewhere');
    azure.profiles.putEndpoint(profile, 'elsewhere', { properties: { ...properties, weight: 1 } });
    later(() => {
      truth.worldBroke(app);
      removeFrom(azure, app, 'elsewhere');
    });
  },

  /** Somebody puts an endpoint of their own in the place of ours, to the same group. */
  takeOverEndpoint(event, { azure, truth, later }) {
    const found = pickEndpoint(event, azure);
    if (found === undefined) return;
    const { profile, endpoint } = found;
    truth.worldBroke(event.app);
    if (profile.endpoints.has('mine')) return;
    const { target, location, geoMapping, subnets } = endpoint;
    azure.profiles.removeEndpoint(profile, endpoint.name);
    const mapped = { geoMapping, subnets, ...(location === undefined ? {} : { endpointLocation: location }) };
    azure.profiles.putEndpoint(profile, 'mine', { properties: { target, weight: 100, ...mapped } });
    later(() => {
      truth.worldBroke(event.app);
      removeFrom(azure, event.app, 'mine');
    });
  },

  dropProfile({ app }, { azure, truth, later }) {
    const profile = azure.profile(app);
    if (profile === undefined) return;
    truth.worldBroke(app);
    azure.profiles.remove(profile);
    later(() => {
      truth.worldBroke(app);
      if (azure.profile(app) === undefined) restore(azure, app, profile);
    });
  },

  /** Traffic Manager finds healthy endpoints Degraded for a while. */
  degradeMonitor(event, { azure, truth, later }) {
    const fqdn = pickGroup(event, azure)?.fqdn;
    if (fqdn === undefined) return;
    truth.worldBroke(event.app);
    azure.deaf.add(fqdn);
    later(() => {
      truth.worldBroke(event.app);
      azure.deaf.delete(fqdn);
    });
  },

  degradeNewest({ app }, { azure, atTheEnd }) {
    const known = new Set(azure.groups.all().map(({ key }) => key.name));
    azure.isDeafTo = (name) => name.startsWith(`${app}-`) && !known.has(name);
    atTheEnd(() => (azure.isDeafTo = () => false));
  },

  /** Somebody enables what was taken out of rotation. */
  enableRemoved({ app }, { azure, truth }) {
    const profile = azure.profile(app);
    truth.worldBroke(app);
    for (const endpoint of profile === undefined ? [] : ownEndpoints(profile)) {
      if (profile !== undefined && !endpoint.enabled)
        azure.profiles.putEndpoint(profile, endpoint.name, { properties: { endpointStatus: 'Enabled' } });
    }
  },
} satisfies Partial<Record<Event['kind'], Happening>>;

function pickEndpoint(
  { app, which }: Event,
  azure: VirtualAzure,
): { profile: Profile; endpoint: Endpoint } | undefined {
  const profile = azure.profile(app);
  if (profile === undefined) return undefined;
  const own = ownEndpoints(profile);
  const endpoint = own[Math.floor(which * own.length)];
  return endpoint === undefined ? undefined : { profile, endpoint };
}

function ownEndpoints(profile: Profile): readonly Endpoint[] {
  return [...profile.endpoints.values()].filter(({ name }) => name.startsWith(`${OWNER}.`));
}

function removeFrom(azure: VirtualAzure, app: string, endpoint: string): void {
  const profile = azure.profile(app);
  if (profile !== undefined) azure.profiles.removeEndpoint(profile, endpoint);
}

/** As it was, as far as its groups are still there, and without what somebody takes away by and by. */
function restore(azure: VirtualAzure, app: string, lost: Profile): void {
  const { routingMethod: trafficRoutingMethod, maxReturn } = lost;
  azure.createProfile(app, lost.ttl, { trafficRoutingMethod, ...(maxReturn === undefined ? {} : { maxReturn }) });
  const profile = azure.profile(app);
  if (profile === undefined) return;
  for (const endpoint of lost.endpoints.values()) {
    const { name, target, enabled, weight, priority, location, geoMapping, subnets } = endpoint;
    if (azure.groupBehind(target) === undefined || PASSING.has(name)) continue;
    const endpointStatus = enabled ? 'Enabled' : 'Disabled';
    const properties = { target, weight, priority, geoMapping, subnets, endpointStatus };
    const at = location === undefined ? {} : { endpointLocation: location };
    azure.profiles.putEndpoint(profile, name, { properties: { ...properties, ...at } });
  }
}

/** A group and an endpoint that somebody else made, in the very places that the daemon looks at. */
export function addForeigners(azure: VirtualAzure, app: string): void {
  const profile = azure.profile(app);
  if (profile === undefined) return;
  azure.groups.put(
    { subscription: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: `${app}-by-hand` },
    {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        containers: [
          {
            name: 'web',
            properties: { image: 'elsewhere.example/web:1', resources: { requests: { cpu: 1, memoryInGB: 1 } } },
          },
        ],
      },
    },
  );
  const properties = { ...foreignProperties(profile, 'by-hand'), weight: 1, endpointStatus: 'Disabled' };
  azure.profiles.putEndpoint(profile, 'by-hand', { properties });
}

/** What the routing method asks of any endpoint; two of others have nothing in common with ours, nor with each other. */
function foreignProperties(profile: Profile, name: 'by-hand' | 'elsewhere'): Readonly<Record<string, unknown>> {
  const isFirst = name === 'by-hand';
  const target = nowhere(profile, isFirst ? 'cdn' : name);
  const subnet = { first: isFirst ? '10.200.0.0' : '10.201.0.0', scope: 24 };
  return {
    target,
    endpointLocation: isFirst ? 'brazilsouth' : 'brazilsoutheast',
    geoMapping: [isFirst ? 'BR' : 'AR'],
    subnets: profile.routingMethod === 'Subnet' ? [subnet] : [],
  };
}

/** Where nobody answers: an address where endpoints are addresses. */
function nowhere({ routingMethod }: Profile, name: string): string {
  if (routingMethod !== 'MultiValue') return `${name}.example`;
  return { old: '192.0.2.201', cdn: '192.0.2.202' }[name] ?? '192.0.2.203';
}
