/**
 * Which endpoints the two stacks of a rollout have, by the profile as it is when the rollout starts. Beside: each group has
 * one of its own. In place: those that are there are led from live groups to candidate ones, in pairs.
 */
import type { App, TrafficMapping } from '../model/app.ts';
import { endpointName, placeEndpointName } from '../model/ownership.ts';
import { isMapped, readRoutingMethod, switchFor } from '../model/routing.ts';
import type { RoutingMethod } from '../model/routing.ts';
import type { Stack, StackGroup } from './effect.ts';
import type { ObservedProfile } from './observation.ts';
import { endpointNamed } from './rotation.ts';

/** Names of two groups: the endpoint of the first is led to the second. */
export interface Pair {
  readonly live: string;
  readonly candidate: string;
}

export interface Arranged {
  readonly live: Stack | undefined;
  readonly candidate: Stack;
  /** Undefined: new endpoints join beside the old ones. */
  readonly pairs: readonly Pair[] | undefined;
  readonly routing: RoutingMethod | undefined;
}

export interface ArrangeGiven {
  readonly app: Pick<App, 'name' | 'traffic'>;
  readonly owner: string;
  readonly profile: ObservedProfile;
  readonly live: Stack | undefined;
  readonly candidate: Stack;
}

export function arrange(given: ArrangeGiven): Arranged {
  const { app, owner, profile, live, candidate } = given;
  const routing = readRoutingMethod(profile.routingMethod);
  const isInPlace = app.traffic !== undefined && routing !== undefined && switchFor(app.traffic, routing) === 'inPlace';
  if (!isInPlace) return { live, candidate: withEndpoints(candidate, ownEndpoint(owner)), pairs: undefined, routing };
  return inPlace(given, routing);
}

/** Also where the config or the profile wants it otherwise. */
export function inPlace(
  { app, owner, profile, live, candidate }: ArrangeGiven,
  routing: RoutingMethod | undefined,
): Arranged {
  const groups = candidate.groups.map((group) => atPlace(group, owner, app.name));
  if (live === undefined) return { live, candidate: { ...candidate, groups }, pairs: [], routing };
  const pairs = pairUp(live.groups, groups, (old, group) => canTakeOver(old, group, { app, profile, routing }));
  const named = withEndpoints({ ...candidate, groups }, (group) => {
    const old = pairs.find((pair) => pair.candidate === group.name)?.live;
    const endpoint = live.groups.find(({ name }) => name === old)?.endpoint;
    return endpoint === undefined ? group : { ...group, endpoint };
  });
  const told = withEndpoints(live, (group) =>
    pairs.some((pair) => pair.live === group.name) ? { ...group, byTarget: true } : group,
  );
  return { live: told, candidate: named, pairs, routing };
}

/** The same place first, then another of the same location, then where else the mapping is the same. */
function pairUp(
  live: readonly StackGroup[],
  candidate: readonly StackGroup[],
  canBe: (old: StackGroup, group: StackGroup) => boolean,
): readonly Pair[] {
  const rules = [
    (old: StackGroup, group: StackGroup) => old.location === group.location && old.replica === group.replica,
    (old: StackGroup, group: StackGroup) => old.location === group.location,
    canBe,
  ];
  const pairs: Pair[] = [];
  for (const fits of rules) {
    for (const group of candidate) {
      if (pairs.some((pair) => pair.candidate === group.name)) continue;
      const old = live.find((one) => !pairs.some((pair) => pair.live === one.name) && fits(one, group));
      if (old !== undefined) pairs.push({ live: old.name, candidate: group.name });
    }
  }
  return pairs;
}

/** Of another location: where the config maps to it what the endpoint has, which no second one can have meanwhile. */
function canTakeOver(
  old: StackGroup,
  { location }: StackGroup,
  { app, profile, routing }: Pick<ArrangeGiven, 'app' | 'profile'> & { routing: RoutingMethod | undefined },
): boolean {
  const endpoint = endpointNamed(profile, old.endpoint);
  const mapping = app.traffic?.mappings?.[location];
  return isMapped(routing) && endpoint !== undefined && mapping !== undefined && share(endpoint, mapping);
}

function share(a: TrafficMapping, b: TrafficMapping): boolean {
  const keysOf = ({ geoMapping = [], subnets = [] }: TrafficMapping) => [
    ...geoMapping,
    ...subnets.map(({ first, last, scope }) => `${first} ${last ?? ''} ${scope ?? ''}`),
  ];
  const known = new Set(keysOf(a));
  return keysOf(b).some((key) => known.has(key));
}

function atPlace(group: StackGroup, owner: string, app: string): StackGroup {
  return { ...group, endpoint: placeEndpointName(owner, app, group), byTarget: true };
}

/** One that was switched in place before has given its endpoint away. */
function ownEndpoint(owner: string): (group: StackGroup) => StackGroup {
  return ({ byTarget, ...group }) =>
    byTarget === true ? { ...group, endpoint: endpointName(owner, group.name) } : group;
}

function withEndpoints(stack: Stack, change: (group: StackGroup) => StackGroup): Stack {
  return { ...stack, groups: stack.groups.map(change) };
}
