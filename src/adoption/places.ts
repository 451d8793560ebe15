/**
 * Which groups are meant: those that the named endpoints lead to, or those that are named themselves where the app has no
 * traffic. Pure; what the looks at single groups show is judged in fitness.ts.
 */
import { nearMatch } from '../config/near-match.ts';
import { LONGEST_TAG_VALUE } from '../model/adopted-tags.ts';
import type { App } from '../model/app.ts';
import { readRoutingMethod } from '../model/routing.ts';
import type { ObservedEndpoint, ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { isServing } from '../rollout/rotation.ts';
import type { Obstacle } from './obstacle.ts';

export interface Asked {
  readonly app: App;
  readonly owner: string;
  /** Names, as they were typed. */
  readonly endpoints: readonly string[];
  readonly groups: readonly string[];
}

/** A group and the endpoint that leads there. */
export interface Place {
  readonly group: ObservedGroup;
  readonly endpoint: ObservedEndpoint | undefined;
}

export interface Found {
  readonly places: readonly Place[];
  readonly obstacles: readonly Obstacle[];
}

export interface PlacesSeen {
  readonly profile: ObservedProfile | undefined;
  /** All of the app's resource group. */
  readonly groups: readonly ObservedGroup[];
}

export function findPlaces(asked: Asked, seen: PlacesSeen): Found {
  const wrong = wrongOptions(asked);
  if (wrong !== undefined) return { places: [], obstacles: [wrong] };
  const found =
    asked.app.traffic === undefined
      ? unique(asked.groups).map((name) => groupNamed(name, asked, seen))
      : unique(asked.endpoints).map((name) => placeOf(name, asked, seen));
  const places = found.flatMap((one) => ('group' in one ? [one] : []));
  const obstacles = found.flatMap((one) => ('group' in one ? [] : [one]));
  return { places, obstacles: [...obstacles, ...others(places, asked, seen)] };
}

function wrongOptions({ app, endpoints, groups }: Asked): Obstacle | undefined {
  const where = `app ${app.name}`;
  if (app.traffic === undefined) {
    if (groups.length > 0 && endpoints.length === 0) return undefined;
    const got = endpoints.length > 0 ? `--endpoint ${endpoints.join(', ')}` : 'no --group';
    const todo = 'name its groups by --group, or give the app a traffic.profile';
    return { where, expected: 'the names of its groups, as it has no traffic in the config', got, todo };
  }
  if (endpoints.length > 0 && groups.length === 0) return undefined;
  const got = groups.length > 0 ? `--group ${groups.join(', ')}` : 'no --endpoint';
  const todo = `name all endpoints of profile ${app.traffic.profile} that are to be replaced, by --endpoint; their targets tell the groups`;
  return { where, expected: 'the names of its endpoints, as it has traffic in the config', got, todo };
}

function groupNamed(name: string, { app }: Asked, { groups }: PlacesSeen): Place | Obstacle {
  const group = groups.find((one) => isSame(one.name, name));
  if (group !== undefined) return { group, endpoint: undefined };
  const names = groups.map((one) => one.name);
  return {
    where: `container group ${name}`,
    expected: `a group of resource group ${app.resourceGroup}`,
    got: 'none of that name',
    todo: hint(name, names),
  };
}

function placeOf(name: string, { app }: Asked, { profile, groups }: PlacesSeen): Place | Obstacle {
  const endpoint = profile?.endpoints.find((one) => isSame(one.name, name));
  const where = `endpoint ${endpoint?.name ?? name} of profile ${app.traffic?.profile ?? ''}`;
  if (endpoint === undefined) {
    const names = profile?.endpoints.map((one) => one.name) ?? [];
    return { where, expected: 'an endpoint of that name', got: 'none', todo: hint(name, names) };
  }
  const wrong = endpointFault(endpoint);
  if (wrong !== undefined) return { where, ...wrong };
  const target = endpoint.target?.toLowerCase() ?? '';
  const group = groups.find(({ fqdn, ip }) => [fqdn?.toLowerCase(), ip].includes(target));
  const isMixed = group?.ip === target && readRoutingMethod(profile?.routingMethod ?? '') !== 'MultiValue';
  if (group !== undefined && isMixed) return { where, ...addressFault(group, profile?.routingMethod ?? '') };
  if (group !== undefined) return { group, endpoint };
  return {
    where,
    expected: `a target that is the name or the address of a container group of resource group ${app.resourceGroup}`,
    got: target,
    todo: 'lead it to the group itself, move the group there, or correct resourceGroup of the app',
  };
}

/** Traffic Manager refuses a profile with names and addresses, and what comes in its place is led to by name. */
function addressFault({ name, fqdn, ip }: ObservedGroup, method: string): Omit<Obstacle, 'where'> {
  return {
    expected: `a target that is a name, as profiles that route by ${method} get names and Azure takes no mixture`,
    got: `address ${ip ?? ''} of container group ${name}`,
    todo:
      fqdn === undefined
        ? 'give the group a DNS label and lead the endpoint to its name'
        : `lead it to ${fqdn}, as all endpoints of the profile to names`,
  };
}

function endpointFault({
  name,
  kind = 'external',
  enabled,
  monitorStatus,
}: ObservedEndpoint): Omit<Obstacle, 'where'> | undefined {
  if (kind !== 'external')
    return {
      expected: 'an external endpoint',
      got: `one of kind ${kind}`,
      todo: 'leave it out: what it leads to is no container group',
    };
  if (!enabled)
    return { expected: 'Enabled', got: 'Disabled', todo: 'enable it and wait until it is Online, or leave it out' };
  const status = { name, kind, target: undefined, enabled, monitorStatus };
  if (!isServing(status)) return { expected: 'Online', got: monitorStatus, todo: todoFor(monitorStatus) };
  if (name.length > LONGEST_TAG_VALUE)
    return {
      expected: `a name of ${LONGEST_TAG_VALUE} characters at most, as it is kept in a tag`,
      got: `${name.length}`,
      todo: 'make an endpoint of a shorter name in its place',
    };
  return undefined;
}

/** A group has one endpoint: what else leads there would go on doing so while it is being deleted. */
function others(places: readonly Place[], { app }: Asked, { profile }: PlacesSeen): readonly Obstacle[] {
  return places.flatMap(({ group, endpoint }): Obstacle[] => {
    const other = profile?.endpoints.find(
      (one) => one !== endpoint && [group.fqdn?.toLowerCase(), group.ip].includes(one.target?.toLowerCase() ?? ''),
    );
    if (other === undefined || endpoint === undefined) return [];
    const where = `container group ${group.name}`;
    const expected = `one endpoint of profile ${app.traffic?.profile ?? ''} that leads there`;
    return [{ where, expected, got: `${endpoint.name} and ${other.name}`, todo: 'delete one of the two' }];
  });
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function hint(name: string, known: readonly string[]): string {
  const near = nearMatch(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'there are none at all' : `there are ${known.slice(0, 20).join(', ')}`;
}

function todoFor(status: ObservedEndpoint['monitorStatus']): string {
  return status === 'CheckingEndpoint'
    ? 'wait until Traffic Manager has looked at it, and run this again'
    : 'mend what it leads to, or leave it out';
}
