/**
 * What Traffic Manager refuses, by routing method. A whole profile is looked at, as it would be after the change. The
 * codes are the real ones; few of the texts are known, so these are in their manner.
 */
import { isIP } from 'node:net';
import type { Endpoint, Profile } from './profile.ts';
import { ArmError } from './http.ts';
import { overlap, rangeOf } from './subnets.ts';

/** Documented: endpoints of a profile, and what MultiValue returns. */
const MOST_ENDPOINTS = 200;
const MOST_RETURNED = 10;
const REGION = /^(WORLD|GEO-[A-Z]{2}|[A-Z]{2}(-[A-Z]{1,3})?)$/;
const METHODS = ['Performance', 'Priority', 'Weighted', 'Geographic', 'MultiValue', 'Subnet'];
/** In seconds. */
const LONGEST_TTL = 2_147_483_647;

type Draft = Pick<Profile, 'routingMethod' | 'ttl' | 'maxReturn'>;

export interface CheckOptions {
  /** Performance: a second endpoint in a location is refused. */
  readonly refuseSameLocation?: boolean;
}

/** Throws ArmError 400. */
export function checkProfile(profile: Draft, endpoints: readonly Endpoint[], options: CheckOptions): void {
  if (!METHODS.some((method) => method.toLowerCase() === profile.routingMethod.toLowerCase()))
    refuse(`The traffic routing method '${profile.routingMethod}' is not one of ${METHODS.join(', ')}.`);
  if (!Number.isInteger(profile.ttl) || profile.ttl < 0 || profile.ttl > LONGEST_TTL)
    refuse(`The TTL must be between 0 and ${LONGEST_TTL} seconds, it is ${profile.ttl}.`);
  if (endpoints.length > MOST_ENDPOINTS) refuse(`A profile can have at most ${MOST_ENDPOINTS} endpoints.`);
  for (const endpoint of endpoints) checkOne(endpoint);
  refuseTwins(endpoints, ({ target }) => target, duplicates);
  refuseTwins(endpoints, ({ priority }) => String(priority), samePriority);
  checkMethod(profile, endpoints, options);
}

function checkOne({ name, kind, target, weight, priority, subnets, ...endpoint }: Endpoint): void {
  if (name.trim() === '' || name.length > 260 || /[<>*%$:\\?+/]/.test(name))
    refuse(
      `Endpoint name '${name}' is invalid. Endpoint names cannot be empty or all whitespace, and must be up to 260 alphanumeric characters long.`,
    );
  if (target === '' && kind === 'external')
    refuse('The target of an external endpoint must be a domain name or an address; it is empty.');
  if (kind !== 'external' && endpoint.resourceId === undefined)
    refuse(`The targetResourceId of endpoint '${name}' must be given, since it is not an external endpoint.`);
  checkRange('weight', weight);
  checkRange('priority', priority);
  if (kind === 'nested') checkRange('minChildEndpoints', endpoint.minChildEndpoints);
  for (const subnet of subnets) rangeOf(subnet);
  for (const code of endpoint.geoMapping)
    if (!REGION.test(code)) refuse(`The geographic region '${code}' of endpoint '${name}' is not known.`);
}

function checkMethod({ routingMethod, maxReturn }: Draft, endpoints: readonly Endpoint[], options: CheckOptions): void {
  const external = endpoints.filter(({ kind }) => kind === 'external');
  switch (routingMethod.toLowerCase()) {
    case 'performance':
      checkLocations(endpoints, options);
      break;
    case 'geographic':
      checkRegions(endpoints);
      break;
    case 'subnet':
      checkSubnets(endpoints);
      break;
    case 'multivalue':
      if (maxReturn === undefined || !Number.isInteger(maxReturn) || maxReturn < 1 || maxReturn > MOST_RETURNED)
        refuse(`The routing method 'MultiValue' needs a maxReturn between 1 and ${MOST_RETURNED}.`);
      if (endpoints.some(({ kind }) => kind === 'azure') || external.some(({ target }) => isIP(target) === 0))
        refuse("The endpoints of a profile with the routing method 'MultiValue' must be IPv4 or IPv6 addresses.");
      return;
    default:
  }
  const addresses = external.filter(({ target }) => isIP(target) !== 0).length;
  if (addresses > 0 && addresses < external.length)
    refuse('The endpoints of a profile must be all domain names or all IP addresses.');
}

function checkLocations(endpoints: readonly Endpoint[], { refuseSameLocation = false }: CheckOptions): void {
  const without = endpoints.find(({ kind, location }) => kind !== 'azure' && location === undefined);
  if (without !== undefined)
    refuse(
      `The location of endpoint '${without.name}' must be specified: its type is external or nested, and the routing method is 'Performance'.`,
    );
  if (refuseSameLocation) refuseTwins(endpoints, ({ location }) => location, sameLocation);
}

function checkRegions(endpoints: readonly Endpoint[]): void {
  const without = endpoints.find(({ geoMapping }) => geoMapping.length === 0);
  if (without !== undefined)
    refuse(`Endpoint '${without.name}' must have a geoMapping, since the routing method is 'Geographic'.`);
  const mapped = new Set<string>();
  for (const code of endpoints.flatMap(({ geoMapping }) => [...new Set(geoMapping)])) {
    if (mapped.has(code)) refuse(`The geographic region '${code}' is mapped to more than one endpoint.`);
    mapped.add(code);
  }
}

function checkSubnets(endpoints: readonly Endpoint[]): void {
  const all = endpoints.flatMap(({ name, subnets }) => subnets.map((subnet) => ({ name, subnet })));
  for (const [index, one] of all.entries()) {
    const other = all.slice(0, index).find(({ subnet }) => overlap(subnet, one.subnet));
    if (other !== undefined)
      refuse(`Subnets of the endpoints '${other.name}' and '${one.name}' overlap at ${one.subnet.first}.`);
  }
  const others = endpoints.filter(({ subnets }) => subnets.length === 0);
  if (others.length > 1)
    refuse(`Only one endpoint can be without subnets: ${others.map(({ name }) => name).join(', ')}.`);
}

function refuseTwins(
  endpoints: readonly Endpoint[],
  keyOf: (endpoint: Endpoint) => string | undefined,
  message: (key: string) => string,
): void {
  const seen = new Set<string>();
  for (const endpoint of endpoints) {
    const key = keyOf(endpoint);
    if (key === undefined) continue;
    if (seen.has(key)) refuse(message(key));
    seen.add(key);
  }
}

const duplicates = (target: string) =>
  `There are duplicates in the list of endpoints. The following endpoint(s) appear more than once: ${target}.`;
const samePriority = (priority: string) => `No two endpoints of a profile can have the same priority: ${priority}.`;
const sameLocation = (location: string) =>
  `One or more conflicts detected in traffic manager configuration. Multiple endpoints point to region '${location}'.`;

function checkRange(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    refuse(`The ${name} of an endpoint must be between 1 and 1000, it is ${value}.`);
}

function refuse(message: string): never {
  throw new ArmError(400, 'BadRequest', message);
}
