/**
 * Traffic Manager of the local Azure: profiles, external endpoints, their monitoring, and which endpoint a DNS question
 * is answered with. No ETags, last writer wins, and a new endpoint is handed out before its first probe, as the real one.
 */
import { ArmError, asArray, asRecord, asText } from './http.ts';
import type { SimClock } from './http.ts';

export interface Endpoint {
  readonly name: string;
  target: string;
  enabled: boolean;
  alwaysServe: boolean;
  weight: number;
  priority: number;
  location: string | undefined;
  monitor: 'CheckingEndpoint' | 'Online' | 'Degraded';
  failures: number;
  /** Ends the monitoring of this endpoint. */
  cancel: () => void;
}

export interface MonitorConfig {
  readonly protocol: string;
  readonly port: number;
  readonly path: string;
  readonly intervalInSeconds: number;
  readonly toleratedNumberOfFailures: number;
  readonly timeoutInSeconds: number;
}

export interface Profile {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  location: string;
  tags: Record<string, unknown>;
  enabled: boolean;
  routingMethod: string;
  relativeName: string;
  ttl: number;
  monitor: MonitorConfig;
  readonly endpoints: Map<string, Endpoint>;
}

export interface ProfileOptions {
  /** In place of every profile's own interval, in milliseconds. */
  readonly probeIntervalMs: number | undefined;
}

/** One probe of Traffic Manager's: true where the target answers as it should. */
export type MonitorProbe = (target: string, monitor: MonitorConfig) => Promise<boolean>;

export class Profiles {
  readonly #profiles = new Map<string, Profile>();
  readonly #clock: SimClock;
  readonly #random: () => number;
  readonly #probe: MonitorProbe;
  readonly #options: ProfileOptions;

  constructor(given: { clock: SimClock; random: () => number; probe: MonitorProbe; options: ProfileOptions }) {
    this.#clock = given.clock;
    this.#random = given.random;
    this.#probe = given.probe;
    this.#options = given.options;
  }

  /** Whole-object PUT: endpoints that are not in it are gone. */
  put(
    key: { subscription: string; resourceGroup: string; name: string },
    body: Record<string, unknown>,
  ): { profile: Profile; isNew: boolean } {
    const properties = asRecord(body['properties']) ?? {};
    const dns = asRecord(properties['dnsConfig']) ?? {};
    const relativeName = asText(dns['relativeName'], key.name).toLowerCase();
    const before = this.get(key);
    const taken = [...this.#profiles.values()].find((other) => other.relativeName === relativeName && other !== before);
    if (taken !== undefined) {
      throw new ArmError(
        409,
        'Conflict',
        `Domain name ${relativeName}.trafficmanager.net already exists. Please choose a different DNS prefix.`,
      );
    }
    const profile: Profile = {
      subscription: key.subscription.toLowerCase(),
      resourceGroup: key.resourceGroup.toLowerCase(),
      name: before?.name ?? key.name,
      location: asText(body['location'], 'global'),
      tags: asRecord(body['tags']) ?? {},
      enabled: properties['profileStatus'] !== 'Disabled',
      routingMethod: asText(properties['trafficRoutingMethod'], 'Performance'),
      relativeName,
      ttl: Number(dns['ttl'] ?? 0),
      monitor: readMonitor(asRecord(properties['monitorConfig'])),
      endpoints: new Map(),
    };
    for (const endpoint of before?.endpoints.values() ?? []) endpoint.cancel();
    this.#profiles.set(keyOf(key), profile);
    for (const endpoint of asArray(properties['endpoints'])) {
      const given = asRecord(endpoint) ?? {};
      this.putEndpoint(profile, String(given['name']), given);
    }
    return { profile, isNew: before === undefined };
  }

  /** Merges what is given, as a PATCH of a profile does. */
  patch(profile: Profile, body: Record<string, unknown>): void {
    const properties = asRecord(body['properties']) ?? {};
    const dns = asRecord(properties['dnsConfig']) ?? {};
    if (dns['ttl'] !== undefined) profile.ttl = Number(dns['ttl']);
    if (properties['profileStatus'] !== undefined) profile.enabled = properties['profileStatus'] !== 'Disabled';
    if (properties['trafficRoutingMethod'] !== undefined)
      profile.routingMethod = asText(properties['trafficRoutingMethod']);
    if (body['tags'] !== undefined) profile.tags = asRecord(body['tags']) ?? {};
    const monitor = asRecord(properties['monitorConfig']);
    if (monitor !== undefined) profile.monitor = readMonitor({ ...profile.monitor, ...monitor });
  }

  get(key: { subscription: string; resourceGroup: string; name: string }): Profile | undefined {
    return this.#profiles.get(keyOf(key));
  }

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
  }

  /** Creates or changes an endpoint: only what the body names is changed. */
  putEndpoint(profile: Profile, name: string, body: Record<string, unknown>): Endpoint {
    const properties = asRecord(body['properties']) ?? {};
    if (name.trim() === '' || name.length > 260 || /[<>*%$:\\?+/]/.test(name)) {
      throw new ArmError(
        400,
        'BadRequest',
        `Endpoint name '${name}' is invalid. Endpoint names cannot be empty or all whitespace, and must be up to 260 alphanumeric characters long.`,
      );
    }
    const before = profile.endpoints.get(name.toLowerCase());
    const target = asText(properties['target'], before?.target).toLowerCase();
    checkTarget(profile, target, before);
    const endpoint: Endpoint = before ?? {
      name,
      target,
      enabled: true,
      alwaysServe: false,
      weight: 1,
      priority: this.#nextPriority(profile),
      location: undefined,
      monitor: 'CheckingEndpoint',
      failures: 0,
      cancel: () => undefined,
    };
    const wasEnabled = before?.enabled === true && before.target === target;
    endpoint.target = target;
    if (properties['endpointStatus'] !== undefined) endpoint.enabled = properties['endpointStatus'] !== 'Disabled';
    if (properties['alwaysServe'] !== undefined) endpoint.alwaysServe = properties['alwaysServe'] === 'Enabled';
    if (typeof properties['weight'] === 'number') endpoint.weight = checkRange('weight', properties['weight']);
    if (typeof properties['priority'] === 'number') endpoint.priority = checkRange('priority', properties['priority']);
    if (typeof properties['endpointLocation'] === 'string') endpoint.location = properties['endpointLocation'];
    profile.endpoints.set(name.toLowerCase(), endpoint);
    if (!wasEnabled || !endpoint.enabled) this.#watch(profile, endpoint);
    return endpoint;
  }

  removeEndpoint(profile: Profile, name: string): boolean {
    profile.endpoints.get(name.toLowerCase())?.cancel();
    return profile.endpoints.delete(name.toLowerCase());
  }

  /** The profile behind a name such as `web.trafficmanager.net`, and the endpoint that this one answer names. */
  answer(fqdn: string): { readonly profile: Profile; readonly endpoint: Endpoint | undefined } | undefined {
    const relative = fqdn.toLowerCase().replace(/\.trafficmanager\.net$/, '');
    const profile = [...this.#profiles.values()].find(({ relativeName }) => relativeName === relative);
    if (profile === undefined || relative === fqdn.toLowerCase()) return undefined;
    return { profile, endpoint: this.#pick(profile) };
  }

  close(): void {
    for (const profile of this.#profiles.values()) for (const endpoint of profile.endpoints.values()) endpoint.cancel();
  }

  #pick(profile: Profile): Endpoint | undefined {
    if (!profile.enabled) return undefined;
    const enabled = [...profile.endpoints.values()].filter((endpoint) => endpoint.enabled);
    const healthy = enabled.filter((endpoint) => endpoint.alwaysServe || endpoint.monitor !== 'Degraded');
    const eligible = healthy.length > 0 ? healthy : enabled;
    if (profile.routingMethod.toLowerCase() === 'priority') return eligible.sort((a, b) => a.priority - b.priority)[0];
    const total = eligible.reduce((sum, endpoint) => sum + endpoint.weight, 0);
    let left = this.#random() * total;
    return eligible.find((endpoint) => (left -= endpoint.weight) < 0) ?? eligible.at(-1);
  }

  #watch(profile: Profile, endpoint: Endpoint): void {
    endpoint.cancel();
    endpoint.monitor = 'CheckingEndpoint';
    endpoint.failures = 0;
    if (!endpoint.enabled) return;
    const intervalMs = this.#options.probeIntervalMs ?? profile.monitor.intervalInSeconds * 1000;
    let isEnded = false;
    let cancel: () => void = () => undefined;
    const round = async () => {
      const ok = await this.#probe(endpoint.target, profile.monitor);
      if (isEnded) return;
      endpoint.failures = ok ? 0 : endpoint.failures + 1;
      if (ok) endpoint.monitor = 'Online';
      else if (endpoint.failures > profile.monitor.toleratedNumberOfFailures) endpoint.monitor = 'Degraded';
      cancel = this.#clock.after(intervalMs, () => void round());
    };
    cancel = this.#clock.after(intervalMs, () => void round());
    endpoint.cancel = () => {
      isEnded = true;
      cancel();
    };
  }

  /** Unique within the profile, also where the routing method does not use it. */
  #nextPriority(profile: Profile): number {
    const used = new Set([...profile.endpoints.values()].map(({ priority }) => priority));
    let priority = 1;
    while (used.has(priority)) priority += 1;
    return priority;
  }
}

function checkTarget(profile: Profile, target: string, before: Endpoint | undefined): void {
  if (target === '')
    throw new ArmError(
      400,
      'BadRequest',
      'The target of an external endpoint must be a domain name or an address; it is empty.',
    );
  const twin = [...profile.endpoints.values()].find((endpoint) => endpoint.target === target && endpoint !== before);
  if (twin !== undefined) {
    throw new ArmError(
      400,
      'BadRequest',
      `There are duplicates in the list of endpoints. The following endpoint(s) appear more than once: ${target}.`,
    );
  }
}

function checkRange(name: string, value: number): number {
  if (value >= 1 && value <= 1000) return value;
  throw new ArmError(400, 'BadRequest', `The ${name} of an endpoint must be between 1 and 1000, it is ${value}.`);
}

function readMonitor(given: Record<string, unknown> | undefined): MonitorConfig {
  const interval = Number(given?.['intervalInSeconds'] ?? 30);
  const timeout = Number(given?.['timeoutInSeconds'] ?? (interval === 10 ? 9 : 10));
  if (interval !== 10 && interval !== 30)
    throw new ArmError(400, 'BadRequest', `The probing interval must be 10 or 30 seconds, it is ${interval}.`);
  if (interval === 10 && timeout > 9)
    throw new ArmError(
      400,
      'BadRequest',
      `With an interval of 10 seconds the timeout must be 5 to 9 seconds, it is ${timeout}.`,
    );
  return {
    protocol: asText(given?.['protocol'], 'HTTP'),
    port: Number(given?.['port'] ?? 80),
    path: asText(given?.['path'], '/'),
    intervalInSeconds: interval,
    toleratedNumberOfFailures: Number(given?.['toleratedNumberOfFailures'] ?? 3),
    timeoutInSeconds: timeout,
  };
}

function keyOf(key: { subscription: string; resourceGroup: string; name: string }): string {
  return `${key.subscription}/${key.resourceGroup}/${key.name}`.toLowerCase();
}
