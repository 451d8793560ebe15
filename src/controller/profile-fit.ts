/**
 * Whether a profile can serve an app the way that its config wants it: told before anything is made, with what to do.
 * Pure. Only what is new is kept back by it; what serves is tended all the same.
 */
import { asList, asObject, asText } from '../config/json.ts';
import type { App, Strategy, TrafficMapping, TrafficSettings } from '../model/app.ts';
import { isMapped, readRoutingMethod, ROUTING_METHODS, switchFor } from '../model/routing.ts';
import type { RoutingMethod } from '../model/routing.ts';
import type { Stack, StackGroup } from '../rollout/effect.ts';
import { freePriority } from '../rollout/free-priority.ts';
import type { ObservedEndpoint, ObservedProfile } from '../rollout/observation.ts';
import { endpointNamed } from '../rollout/rotation.ts';
import { arrange } from '../rollout/switching.ts';
import { missedShare } from '../rollout/weights.ts';

export interface FitGiven {
  readonly app: App;
  readonly owner: string;
  readonly profile: ObservedProfile | undefined;
  readonly live: Stack | undefined;
  readonly candidate: Stack;
  /** A repair and a rollback replace all at once, whatever the config says. */
  readonly strategy: Strategy;
}

interface Case extends Omit<FitGiven, 'profile'> {
  readonly profile: ObservedProfile;
  readonly traffic: TrafficSettings;
  readonly method: RoutingMethod;
  readonly how: 'beside' | 'inPlace';
  /** Candidate groups that get a new endpoint. */
  readonly fresh: readonly StackGroup[];
}

/** Documented: endpoints of a profile, and addresses of an answer. */
const MOST_ENDPOINTS = 200;
const MOST_RETURNED = 10;

/** For people: what does not fit and what to do; undefined where all does. */
export function misfitOf(given: FitGiven): string | undefined {
  const { app, profile } = given;
  const { traffic } = app;
  if (traffic === undefined || profile === undefined) return undefined;
  const method = readRoutingMethod(profile.routingMethod);
  if (method === undefined) return methodMisfit(profile);
  const { live, candidate, pairs = [] } = arrange({ ...given, app, profile });
  const fresh = candidate.groups.filter(
    (group) =>
      !pairs.some((pair) => pair.candidate === group.name) && endpointNamed(profile, group.endpoint) === undefined,
  );
  const how = switchFor(traffic, method);
  const one: Case = { ...given, live, candidate, profile, traffic, method, how, fresh };
  for (const check of [
    stateMisfit,
    strategyMisfit,
    shareMisfit,
    addressMisfit,
    mappingMisfit,
    roomMisfit,
    priorityMisfit,
  ]) {
    const misfit = check(one);
    if (misfit !== undefined) return `Traffic Manager profile ${profile.name} ${misfit}`;
  }
  return undefined;
}

/** Also where nothing is to be made. */
export function methodMisfit({ name, routingMethod }: ObservedProfile): string | undefined {
  if (readRoutingMethod(routingMethod) !== undefined) return undefined;
  return `Traffic Manager profile ${name} routes by ${routingMethod}; expected one of ${ROUTING_METHODS.join(', ')}`;
}

function stateMisfit({ profile, app }: Case): string | undefined {
  if (!profile.enabled) return 'is disabled: nothing that it leads to is served; enable it';
  const port = profile.monitor?.port;
  const ports = publicPorts(app);
  if (port === undefined || ports.length === 0 || ports.includes(port)) return undefined;
  return `monitors port ${port}, and the template opens ${ports.join(', ')} only, so that no endpoint would ever be Online; correct the monitor, or the template`;
}

function strategyMisfit({ app, method, how, strategy: { kind } }: Case): string | undefined {
  if (kind === 'canary' && method !== 'Weighted')
    return `routes by ${method}, and strategy canary shares out traffic by weights; set its method to Weighted, or another strategy`;
  if (how === 'beside' && isMapped(method))
    return `routes by ${method}, where what is mapped to an endpoint cannot be mapped to a second one beside it; leave traffic.switch out, or set it to inPlace`;
  if (how === 'inPlace' && method === 'MultiValue')
    return 'routes by MultiValue, where endpoints are addresses and new ones join beside the old ones; leave traffic.switch out';
  if (how === 'inPlace' && (kind === 'rolling' || kind === 'waves'))
    return `is switched in place (${method}), and strategy ${kind} needs new endpoints beside the old ones; set strategy blueGreen${isMapped(method) ? '' : ', or traffic.switch beside'}`;
  if (isMapped(method) && app.replicas > 1)
    return `routes by ${method}, where one endpoint has all of a location, and the app has ${app.replicas} replicas in each; set replicas to 1`;
  return undefined;
}

/**
 * Fewer endpoints than the config has now may stand beside the candidate's, and even the smallest weights would be too much. A
 * share that cannot be reached from below does no harm.
 */
function shareMisfit({ strategy, how, live, candidate }: Case): string | undefined {
  if (strategy.kind !== 'canary' || how === 'inPlace' || live === undefined || live.groups.length === 0)
    return undefined;
  const endpoints = { live: live.groups.length, candidate: candidate.groups.length };
  for (const { share } of strategy.steps) {
    const percent = missedShare(share, endpoints)?.percent ?? share;
    if (percent > share)
      return `cannot lead as little as ${share} % to ${endpoints.candidate} new endpoints beside ${endpoints.live}: by weights from 1 to 1000 it would be ${percent} %; ask for larger shares, or change replicas in smaller steps`;
  }
  return undefined;
}

function addressMisfit({ app, method, profile, candidate }: Case): string | undefined {
  if (method !== 'MultiValue') return undefined;
  if (!isPublic(app)) return 'routes by MultiValue, and the template gives groups no public address; give it one';
  const wanted = Math.min(MOST_RETURNED, candidate.groups.length);
  const { maxReturn = 0 } = profile;
  if (maxReturn >= wanted) return undefined;
  return `returns ${maxReturn} addresses at most (maxReturn), and the app has ${candidate.groups.length} groups; raise it to ${wanted}`;
}

/** What a new endpoint is mapped to has to be in the config, and nobody else's. */
function mappingMisfit({ method, traffic, profile, fresh }: Case): string | undefined {
  if (!isMapped(method)) return undefined;
  const key = method === 'Geographic' ? 'geo' : 'subnets';
  for (const { location } of fresh) {
    const mapping = traffic.mappings?.[location];
    const codes = mapping === undefined ? [] : codesOf(mapping, method);
    // Under Subnet one endpoint without any is for all others.
    if (mapping === undefined || (codes.length === 0 && method === 'Geographic'))
      return `routes by ${method}, has no endpoint for ${location} yet, and the config does not say what to map to it; add traffic.mappings: {${location}: {${key}: […]}}`;
    const other = profile.endpoints.find((endpoint) => isTaken(codes, endpoint, method));
    if (other !== undefined)
      return `maps ${codes.join(', ') || 'all other subnets'} to endpoint ${other.name} already, and traffic.mappings has it for ${location}; change one of the two`;
  }
  return undefined;
}

function codesOf(
  { geoMapping = [], subnets = [] }: TrafficMapping,
  method: 'Geographic' | 'Subnet',
): readonly string[] {
  if (method === 'Geographic') return geoMapping;
  return subnets.map(
    ({ first, last, scope }) =>
      `${first}${scope === undefined ? '' : `/${scope}`}${last === undefined ? '' : `-${last}`}`,
  );
}

function isTaken(codes: readonly string[], endpoint: ObservedEndpoint, method: 'Geographic' | 'Subnet'): boolean {
  const theirs = codesOf(endpoint, method);
  if (codes.length === 0) return theirs.length === 0;
  return codes.some((code) => theirs.includes(code));
}

function roomMisfit({ profile, candidate, fresh }: Case): string | undefined {
  const names = new Set(candidate.groups.map(({ endpoint }) => endpoint.toLowerCase()));
  const taken = profile.endpoints.find(
    ({ name, kind = 'external' }) => kind !== 'external' && names.has(name.toLowerCase()),
  );
  if (taken !== undefined)
    return `has an endpoint ${taken.name} that is ${taken.kind}, and ours would have its name; rename it`;
  const all = profile.endpoints.length + fresh.length;
  if (all <= MOST_ENDPOINTS) return undefined;
  return `has ${profile.endpoints.length} endpoints, and with ${fresh.length} more it would have more than ${MOST_ENDPOINTS}; remove some, or set traffic.switch inPlace`;
}

function priorityMisfit({ method, profile, fresh, app, live, traffic }: Case): string | undefined {
  if (method !== 'Priority') return undefined;
  let seen = profile;
  for (const group of fresh) {
    const priority = freePriority(group, { app: app.name, live, traffic, profile: seen });
    if (priority === undefined)
      return `has no free priority for ${group.location} between the endpoints that are not ours; leave room between them, or set traffic.switch inPlace`;
    const endpoint = { name: group.endpoint, target: undefined, enabled: true, priority, monitorStatus: '' };
    seen = { ...seen, endpoints: [...seen.endpoints, endpoint] };
  }
  return undefined;
}

function addressIn({ template }: App) {
  return asObject(asObject(template.document['properties'])?.['ipAddress']);
}

function isPublic(app: App): boolean {
  return asText(addressIn(app)?.['type']).toLowerCase() === 'public';
}

function publicPorts(app: App): readonly number[] {
  return asList(addressIn(app)?.['ports']).flatMap((port) => {
    const number = asObject(port)?.['port'];
    return typeof number === 'number' ? [number] : [];
  });
}
