/** Traffic Manager through the SDK: a profile is only read; endpoints are written one by one. */
import type {
  Endpoint,
  EndpointPropertiesSubnetsItem,
  Profile,
  TrafficManagerManagementClient,
} from '@azure/arm-trafficmanager';
import type { SubnetRange } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedEndpoint, ObservedProfile, Seen } from '../rollout/observation.ts';
import type { EndpointAddress, EndpointSettings } from './azure.ts';
import type { Diagnosis } from './failure.ts';
import { isNotFound } from './groups.ts';

const EXTERNAL = 'ExternalEndpoints';

export class Traffic {
  readonly #client: TrafficManagerManagementClient;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #diagnosis: Diagnosis;

  constructor(
    client: TrafficManagerManagementClient,
    { clock, diagnosis }: { clock: Pick<Clock, 'now'>; diagnosis: Diagnosis },
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#diagnosis = diagnosis;
  }

  async profile(resourceGroup: string, name: string): Promise<Seen<ObservedProfile | undefined>> {
    const askedAt = this.#clock.now();
    try {
      const profile = await this.#client.profiles.get(resourceGroup, name);
      return { known: true, at: this.#clock.now(), askedAt, value: observeProfile(name, profile) };
    } catch (error) {
      const { status, code, message } = this.#diagnosis.failure(error);
      const at = this.#clock.now();
      if (status === 404 && (code === 'ResourceNotFound' || code === 'NotFound'))
        return { known: true, at, value: undefined };
      return { known: false, at, reason: `${code}: ${message}` };
    }
  }

  async enable(address: EndpointAddress, { isNew, ...settings }: EndpointSettings): Promise<EffectOutcome> {
    const body = bodyOf(settings);
    try {
      const mayExist = isNew === undefined ? await this.#exists(address) : !isNew;
      if (mayExist && (await this.#patch(address, body))) return { kind: 'accepted' };
      const { resourceGroup, profile, name } = address;
      await this.#client.endpoints.createOrUpdate(resourceGroup, profile, EXTERNAL, name, body);
      return { kind: 'accepted' };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }

  async retarget(address: EndpointAddress, { target }: { readonly target: string }): Promise<EffectOutcome> {
    return this.#write(() =>
      this.#client.endpoints.update(address.resourceGroup, address.profile, EXTERNAL, address.name, { target }),
    );
  }

  async disable(address: EndpointAddress): Promise<EffectOutcome> {
    return this.#write(() =>
      this.#client.endpoints.update(address.resourceGroup, address.profile, EXTERNAL, address.name, {
        endpointStatus: 'Disabled',
      }),
    );
  }

  async remove(address: EndpointAddress): Promise<EffectOutcome> {
    try {
      await this.#client.endpoints.delete(address.resourceGroup, address.profile, EXTERNAL, address.name);
      return { kind: 'accepted' };
    } catch (error) {
      return isNotFound(error) ? { kind: 'accepted' } : this.#diagnosis.outcome(error);
    }
  }

  async #exists({ resourceGroup, profile, name }: EndpointAddress): Promise<boolean> {
    try {
      await this.#client.endpoints.get(resourceGroup, profile, EXTERNAL, name);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** False where it is not there. */
  async #patch({ resourceGroup, profile, name }: EndpointAddress, body: Endpoint): Promise<boolean> {
    try {
      await this.#client.endpoints.update(resourceGroup, profile, EXTERNAL, name, body);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #write(call: () => Promise<unknown>): Promise<EffectOutcome> {
    try {
      await call();
      return { kind: 'accepted' };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }
}

/** Only what is given: the rest is others' to set. */
function bodyOf({ target, weight, priority, location, geoMapping, subnets }: EndpointSettings): Endpoint {
  return {
    target,
    endpointStatus: 'Enabled',
    ...(weight === undefined ? {} : { weight }),
    ...(priority === undefined ? {} : { priority }),
    ...(location === undefined ? {} : { endpointLocation: location }),
    ...(geoMapping === undefined ? {} : { geoMapping: [...geoMapping] }),
    ...(subnets === undefined ? {} : { subnets: subnets.map((subnet) => ({ ...subnet })) }),
  };
}

/** Throws where TTL or endpoints are missing: taken for 0 and none, they would let a group go that is still asked for. */
function observeProfile(name: string, profile: Profile): ObservedProfile {
  const ttlSeconds: unknown = profile.dnsConfig?.ttl;
  const { endpoints } = profile;
  if (typeof ttlSeconds !== 'number' || !Array.isArray(endpoints) || endpoints.some((one) => one?.name === undefined))
    throw new TypeError('the answer is no profile: expected {properties: {dnsConfig: {ttl}, endpoints: [{name}…]}}');
  return {
    name: profile.name ?? name,
    fqdn: profile.dnsConfig?.fqdn ?? `${name}.trafficmanager.net`,
    ttlSeconds,
    routingMethod: profile.trafficRoutingMethod ?? '',
    enabled: profile.profileStatus !== 'Disabled',
    ...(typeof profile.maxReturn === 'number' ? { maxReturn: profile.maxReturn } : {}),
    ...observeMonitor(profile.monitorConfig),
    endpoints: endpoints.map(observeEndpoint),
  };
}

function observeMonitor(monitor: Profile['monitorConfig']): Pick<ObservedProfile, 'monitor'> {
  const { protocol = '', port, path, expectedStatusCodeRanges } = monitor ?? {};
  if (typeof port !== 'number') return {};
  const ranges = Array.isArray(expectedStatusCodeRanges) ? expectedStatusCodeRanges : [];
  const statuses = ranges.flatMap(({ min, max }) =>
    min === undefined || max === undefined ? [] : [{ from: min, to: max }],
  );
  return {
    monitor: {
      protocol,
      port,
      ...(typeof path === 'string' && path !== '' ? { path } : {}),
      ...(statuses.length > 0 ? { statuses } : {}),
    },
  };
}

/** The last part of the type, without regard to its letter case; external where there is none. */
function kindOf(type: string | undefined): NonNullable<ObservedEndpoint['kind']> {
  if (/\/nestedEndpoints$/i.test(type ?? '')) return 'nested';
  return /\/azureEndpoints$/i.test(type ?? '') ? 'azure' : 'external';
}

function observeEndpoint(endpoint: Endpoint): ObservedEndpoint {
  const { geoMapping = [], subnets = [], targetResourceId: resourceId } = endpoint;
  return {
    name: endpoint.name ?? '',
    kind: kindOf(endpoint.type),
    target: endpoint.target,
    enabled: endpoint.endpointStatus !== 'Disabled',
    weight: endpoint.weight,
    priority: endpoint.priority,
    location: endpoint.endpointLocation ?? undefined,
    ...(geoMapping.length > 0 ? { geoMapping } : {}),
    ...(subnets.length > 0 ? { subnets: subnets.map(observeSubnet) } : {}),
    ...(typeof resourceId === 'string' ? { resourceId } : {}),
    monitorStatus: endpoint.endpointMonitorStatus ?? 'CheckingEndpoint',
  };
}

function observeSubnet({ first, last, scope }: EndpointPropertiesSubnetsItem): SubnetRange {
  return {
    first: first ?? '',
    ...(typeof last === 'string' ? { last } : {}),
    ...(typeof scope === 'number' ? { scope } : {}),
  };
}
