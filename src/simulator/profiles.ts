/**
 * Traffic Manager of the local Azure: profiles, their endpoints and how these are monitored, and what a DNS question is
 * answered with. No ETags, last writer wins, and a new endpoint is handed out before its first probe, as the real one.
 */
import { ArmError, asArray, asRecord, asText } from './http.ts';
import type { SimClock } from './http.ts';
import { kindOfType, newEndpoint, readEndpoint } from './endpoint-body.ts';
import { checkProfile } from './endpoint-checks.ts';
import type { FindProfile } from './endpoint-status.ts';
import { readMonitor } from './monitor-config.ts';
import { Monitoring } from './monitoring.ts';
import type { MonitorProbe } from './monitoring.ts';
import { childOf } from './nesting.ts';
import { DEFAULT_PLACES, placeOf } from './places.ts';
import type { Place } from './places.ts';
import { fqdnOf, keyOf, keyOfId } from './profile.ts';
import type { Endpoint, Profile, ProfileKey } from './profile.ts';
import { Propagation } from './propagation.ts';
import { route } from './routing.ts';

export interface ProfileOptions {
  /** In place of every profile's own interval, in milliseconds. */
  readonly probeIntervalMs: number | undefined;
  /** How long after a change the last of the name servers answers the old way; 0 where absent. */
  readonly propagationMs?: number;
  /** 1 where absent. */
  readonly nameServers?: number;
  readonly places?: readonly Place[];
  /** Performance: a second endpoint in a location is refused, as it is for web apps; by default it is taken. */
  readonly refuseSameLocation?: boolean;
  /** Whose TTL an answer from a nested profile has: that of the profile asked for, by default, or of its own. */
  readonly nestedTtl?: 'parent' | 'child';
}

export interface NameAnswer {
  readonly profile: Profile;
  /** Several under MultiValue. Without any, there is no record. */
  readonly endpoints: readonly Endpoint[];
  /** The first of them. */
  readonly endpoint: Endpoint | undefined;
  readonly ttlSeconds: number;
  /** False: the name itself is answered not to exist (NXDOMAIN). */
  readonly exists: boolean;
}

export interface NameQuestion {
  /** Of the client, as far as it is known. */
  readonly address?: string;
  /** The name server that is asked, from 0. */
  readonly server?: number;
  /** What endpoints are drawn by; the model's own chance where absent. */
  readonly random?: () => number;
}

export class Profiles {
  readonly #profiles = new Map<string, Profile>();
  readonly #random: () => number;
  readonly #monitoring: Monitoring;
  readonly #propagation: Propagation;
  #options: ProfileOptions;

  constructor(given: { clock: SimClock; random: () => number; probe: MonitorProbe; options: ProfileOptions }) {
    this.#random = given.random;
    this.#options = given.options;
    this.#monitoring = new Monitoring({ ...given, onChange: () => this.#changed() });
    this.#propagation = new Propagation({ now: () => given.clock.now(), servers: given.options.nameServers ?? 1 });
    this.delayPropagation(given.options.propagationMs ?? 0);
  }

  /** What is not given stays as it is. */
  setRules(rules: Partial<Pick<ProfileOptions, 'refuseSameLocation' | 'nestedTtl'>>): ProfileOptions {
    this.#options = { ...this.#options, ...rules };
    return this.#options;
  }

  /** How many there are, and how long the last of them takes to learn of a change. */
  get nameServers(): { readonly count: number; readonly delayMs: number } {
    return { count: this.#propagation.servers, delayMs: this.#propagation.delayMs };
  }

  /** For changes from now on. */
  delayPropagation(delayMs: number): void {
    this.#propagation.setDelay(delayMs, this.#profiles);
  }

  /** Whole-object PUT: endpoints that are not in it are gone. */
  put(key: ProfileKey, body: Record<string, unknown>): { profile: Profile; isNew: boolean } {
    const before = this.get(key);
    const profile = this.#readProfile(key, body, before);
    for (const given of asArray(asRecord(body['properties'])?.['endpoints'])) {
      const endpoint = asRecord(given) ?? {};
      const fresh = newEndpoint(asText(endpoint['name']), kindOfType(asText(endpoint['type'], 'externalEndpoints')));
      const read = this.#complete(profile, readEndpoint(fresh, endpoint));
      profile.endpoints.set(read.name.toLowerCase(), read);
    }
    checkProfile(profile, [...profile.endpoints.values()], this.#options);
    for (const endpoint of before?.endpoints.values() ?? []) endpoint.cancel();
    this.#profiles.set(keyOf(key), profile);
    for (const endpoint of profile.endpoints.values()) this.#monitoring.watch(profile, endpoint);
    this.#changed();
    return { profile, isNew: before === undefined };
  }

  /** Merges what is given, as a PATCH of a profile does. */
  patch(profile: Profile, body: Record<string, unknown>): void {
    const properties = asRecord(body['properties']) ?? {};
    const ttl = asRecord(properties['dnsConfig'])?.['ttl'];
    const draft = {
      ttl: ttl === undefined ? profile.ttl : Number(ttl),
      routingMethod: asText(properties['trafficRoutingMethod'], profile.routingMethod),
      maxReturn: typeof properties['maxReturn'] === 'number' ? properties['maxReturn'] : profile.maxReturn,
    };
    checkProfile(draft, [...profile.endpoints.values()], this.#options);
    Object.assign(profile, draft);
    if (properties['profileStatus'] !== undefined) profile.enabled = properties['profileStatus'] !== 'Disabled';
    if (body['tags'] !== undefined) profile.tags = asRecord(body['tags']) ?? {};
    const monitor = asRecord(properties['monitorConfig']);
    if (monitor !== undefined) profile.monitor = readMonitor({ ...profile.monitor, ...monitor });
    this.#changed();
  }

  get(key: ProfileKey): Profile | undefined {
    return this.#profiles.get(keyOf(key));
  }

  /** By the id of the resource, as nested endpoints have it. */
  readonly byId: FindProfile = (id) => this.#profiles.get(keyOfId(id));

  list(subscription: string, resourceGroup?: string): readonly Profile[] {
    return [...this.#profiles.values()].filter(
      (profile) =>
        profile.subscription === subscription.toLowerCase() &&
        (resourceGroup === undefined || profile.resourceGroup === resourceGroup.toLowerCase()),
    );
  }

  isNameFree(name: string): boolean {
    return ![...this.#profiles.values()].some(({ relativeName }) => relativeName === name.toLowerCase());
  }

  remove(profile: Profile): void {
    for (const endpoint of profile.endpoints.values()) endpoint.cancel();
    this.#profiles.delete(keyOf(profile));
    this.#changed();
  }

  /** Creates an endpoint, or changes what the body names, as a PATCH does. */
  putEndpoint(profile: Profile, name: string, body: Record<string, unknown>): Endpoint {
    const before = profile.endpoints.get(name.toLowerCase());
    return this.#write(profile, readEndpoint(before ?? newEndpoint(name, 'external'), body), before);
  }

  /** Creates an endpoint or puts another in its place: what the body leaves out is lost, as by a PUT. */
  replaceEndpoint(profile: Profile, name: string, given: { body: Record<string, unknown>; kind: string }): Endpoint {
    const before = profile.endpoints.get(name.toLowerCase());
    const fresh = newEndpoint(before?.name ?? name, kindOfType(given.kind));
    return this.#write(
      profile,
      readEndpoint(before === undefined ? fresh : inPlaceOf(before, fresh), given.body),
      before,
    );
  }

  removeEndpoint(profile: Profile, name: string): boolean {
    profile.endpoints.get(name.toLowerCase())?.cancel();
    const wasThere = profile.endpoints.delete(name.toLowerCase());
    this.#changed();
    return wasThere;
  }

  /** What a name such as `web.trafficmanager.net` is answered with this once; undefined: there is no such profile. */
  answer(fqdn: string, { address, server = 0, random = this.#random }: NameQuestion = {}): NameAnswer | undefined {
    const relative = fqdn.toLowerCase().replace(/\.trafficmanager\.net$/, '');
    const known = this.#propagation.seenBy(server, this.#profiles);
    const profile = [...known.values()].find(({ relativeName }) => relativeName === relative);
    if (profile === undefined || relative === fqdn.toLowerCase()) return undefined;
    const asker = { address, place: placeOf(address, this.#options.places ?? DEFAULT_PLACES) };
    const routed = route(profile, { find: (id) => known.get(keyOfId(id)), random, asker });
    const [endpoints, from] = routed.kind === 'endpoints' ? [routed.endpoints, routed.from] : [[], profile];
    const ttlSeconds = this.#options.nestedTtl === 'child' ? from.ttl : profile.ttl;
    return { profile, endpoints, endpoint: endpoints[0], ttlSeconds, exists: routed.kind !== 'noName' };
  }

  close(): void {
    for (const profile of this.#profiles.values()) for (const endpoint of profile.endpoints.values()) endpoint.cancel();
  }

  #readProfile(key: ProfileKey, body: Record<string, unknown>, before: Profile | undefined): Profile {
    const properties = asRecord(body['properties']) ?? {};
    const dns = asRecord(properties['dnsConfig']) ?? {};
    const relativeName = asText(dns['relativeName'], key.name).toLowerCase();
    const taken = [...this.#profiles.values()].find((other) => other.relativeName === relativeName && other !== before);
    if (taken !== undefined) {
      const message = `Domain name ${fqdnOf(taken)} already exists. Please choose a different DNS prefix.`;
      throw new ArmError(409, 'Conflict', message);
    }
    return {
      subscription: key.subscription.toLowerCase(),
      resourceGroup: key.resourceGroup.toLowerCase(),
      name: before?.name ?? key.name,
      location: asText(body['location'], 'global'),
      tags: asRecord(body['tags']) ?? {},
      enabled: properties['profileStatus'] !== 'Disabled',
      routingMethod: asText(properties['trafficRoutingMethod'], 'Performance'),
      relativeName,
      ttl: Number(dns['ttl'] ?? 0),
      maxReturn: typeof properties['maxReturn'] === 'number' ? properties['maxReturn'] : undefined,
      monitor: readMonitor(asRecord(properties['monitorConfig'])),
      endpoints: new Map(),
    };
  }

  /** What only the whole model can tell: a free priority, and the name of a child. */
  #complete(profile: Profile, draft: Endpoint): Endpoint {
    // Unique within the profile, also where the routing method does not use it.
    if (draft.priority === 0) draft.priority = freePriority(profile);
    if (draft.kind === 'nested') draft.target = fqdnOf(childOf(profile, draft, this.byId));
    return draft;
  }

  #write(profile: Profile, draft: Endpoint, before: Endpoint | undefined): Endpoint {
    const read = this.#complete(profile, draft);
    const others = [...profile.endpoints.values()].filter((endpoint) => endpoint !== before);
    checkProfile(profile, [...others, read], this.#options);
    const wasEnabled = before?.enabled === true && before.target === read.target;
    const endpoint = before === undefined ? read : Object.assign(before, read);
    profile.endpoints.set(endpoint.name.toLowerCase(), endpoint);
    if (!wasEnabled || !endpoint.enabled) this.#monitoring.watch(profile, endpoint);
    this.#changed();
    return endpoint;
  }

  #changed(): void {
    this.#propagation.record(this.#profiles);
  }
}

/** What a PUT does not change of an endpoint that is there: its priority, where none is given, and its health. */
function inPlaceOf({ kind, priority, monitor, failures, cancel, target }: Endpoint, fresh: Endpoint): Endpoint {
  if (kind === fresh.kind) return { ...fresh, priority, monitor, failures, cancel };
  const message = `There are duplicates in the list of endpoints. The following endpoint(s) appear more than once: ${target}.`;
  throw new ArmError(400, 'BadRequest', message);
}

function freePriority(profile: Profile): number {
  const used = new Set([...profile.endpoints.values()].map(({ priority }) => priority));
  let priority = 1;
  while (used.has(priority)) priority += 1;
  return priority;
}
