/** Traffic Manager through the SDK: a profile is only read; endpoints are written one by one. */
import type { Endpoint, Profile, TrafficManagerManagementClient } from '@azure/arm-trafficmanager';
import type { Clock } from '../model/time.ts';
import type { EffectOutcome } from '../rollout/effect.ts';
import type { ObservedEndpoint, ObservedProfile, Seen } from '../rollout/observation.ts';
import type { EndpointAddress } from './azure.ts';
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

  async enable(
    address: EndpointAddress,
    endpoint: { target: string; weight: number; location: string },
  ): Promise<EffectOutcome> {
    const { target, weight, location } = endpoint;
    const body: Endpoint = { target, weight, endpointLocation: location, endpointStatus: 'Enabled' };
    return this.#write(() =>
      this.#client.endpoints.createOrUpdate(address.resourceGroup, address.profile, EXTERNAL, address.name, body),
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

  async #write(call: () => Promise<unknown>): Promise<EffectOutcome> {
    try {
      await call();
      return { kind: 'accepted' };
    } catch (error) {
      return this.#diagnosis.outcome(error);
    }
  }
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
    endpoints: endpoints.map(observeEndpoint),
  };
}

function observeEndpoint(endpoint: Endpoint): ObservedEndpoint {
  return {
    name: endpoint.name ?? '',
    target: endpoint.target,
    enabled: endpoint.endpointStatus !== 'Disabled',
    weight: endpoint.weight,
    monitorStatus: endpoint.endpointMonitorStatus ?? 'CheckingEndpoint',
  };
}
