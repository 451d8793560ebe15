/**
 * What of ours is there, read from tags and endpoint names alone: the way back to the truth when the state is lost, and
 * how strays are found. Pure. What is not ours is only named, never touched.
 */
import type { App } from '../model/app.ts';
import { readAdopted, readEndpointTag, readImageTag } from '../model/adopted-tags.ts';
import { readImageReference } from '../model/image-reference.ts';
import {
  endpointName,
  groupName,
  groupOfTarget,
  isJobStack,
  isOurEndpoint,
  readGroupName,
  readOwnership,
  readPlaceEndpoint,
} from '../model/ownership.ts';
import { makeRelease } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { Stack, StackGroup } from '../rollout/effect.ts';
import type { ObservedEndpoint, ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { endpointOf, isServing, leadsTo } from '../rollout/rotation.ts';
import { halfAdopted, toAdopted } from './adopted-groups.ts';
import type { HalfAdopted } from './adopted-groups.ts';

export interface Inventory {
  /** Stacks of ours, those that serve most first. */
  readonly stacks: readonly Stack[];
  /** Names of groups in the resource group that are not ours and look like this app's. */
  readonly foreignGroups: readonly string[];
  readonly foreignEndpoints: readonly string[];
  /** Of which it is not sure that all groups were tagged: neither live nor to be taken away. */
  readonly halfAdopted: readonly HalfAdopted[];
}

/** In place of a stack's id, where an endpoint of ours leads to none. */
const NO_STACK = '00000000';

export interface InventoryGiven {
  readonly app: App;
  readonly owner: string;
  readonly groups: readonly ObservedGroup[];
  readonly profile: ObservedProfile | undefined;
}

export function takeInventory(given: InventoryGiven): Inventory {
  const { app, owner, groups, profile } = given;
  const byStack = new Map<string, { release: Release; groups: StackGroup[] }>();
  const foreignGroups: string[] = [];
  const half = halfAdopted(given);
  const isHalf = (name: string) => half.some((one) => one.groups.includes(name));
  for (const group of groups) {
    const ownership = readOwnership(group.tags);
    if (ownership === undefined || ownership.owner !== owner) {
      foreignGroups.push(group.name);
      continue;
    }
    if (ownership.app !== app.name || isHalf(group.name)) continue;
    const entry = byStack.get(ownership.stackId) ?? { release: readRelease(app, group, ownership), groups: [] };
    entry.groups.push(toStackGroup(given, group));
    byStack.set(ownership.stackId, entry);
  }
  const endpoints = profile?.endpoints ?? [];
  const tagged = taggedEndpoints(given);
  for (const endpoint of ourEndpoints(given)) addDangling(byStack, { ...given, endpoint });
  const stacks = [...byStack].map(([id, entry]): Stack => ({ id, ...entry }));
  return {
    stacks: stacks.sort((a, b) => rank(b, given) - rank(a, given) || (a.id < b.id ? -1 : 1)),
    foreignGroups: foreignGroups.filter((name) => name.startsWith(`${app.name}-`) || name === app.name),
    foreignEndpoints: endpoints
      .map(({ name }) => name)
      .filter((name) => !isOurEndpoint(owner, app.name, name) && !tagged.has(name.toLowerCase())),
    halfAdopted: half,
  };
}

/** By their names, or by the tags of groups that were taken over, and of those that came in their place. */
export function ourEndpoints({
  app,
  owner,
  groups,
  profile,
}: Omit<InventoryGiven, 'app'> & { readonly app: Pick<App, 'name'> }): readonly ObservedEndpoint[] {
  const tagged = taggedEndpoints({ app, owner, groups });
  return (profile?.endpoints ?? []).filter(
    ({ name, kind = 'external' }) =>
      kind === 'external' && (isOurEndpoint(owner, app.name, name) || tagged.has(name.toLowerCase())),
  );
}

function taggedEndpoints({
  app,
  owner,
  groups,
}: Pick<InventoryGiven, 'owner' | 'groups'> & { readonly app: Pick<App, 'name'> }): ReadonlySet<string> {
  const ours = groups.filter(({ tags }) => {
    const ownership = readOwnership(tags);
    return ownership?.owner === owner && ownership.app === app.name;
  });
  return new Set(ours.flatMap(({ tags }) => readEndpointTag(tags)?.toLowerCase() ?? []));
}

/** An endpoint of ours whose group is gone: known by its target or its name alone, and to be taken away. */
function addDangling(
  byStack: Map<string, { release: Release; groups: StackGroup[] }>,
  given: InventoryGiven & { endpoint: ObservedEndpoint },
): void {
  const { app, owner, endpoint } = given;
  const name = danglingName(given);
  const read = name === undefined ? undefined : readGroupName(app.name, name);
  if (name === undefined || read === undefined) return;
  for (const { groups } of byStack.values()) if (groups.some((group) => group.name === name)) return;
  const { stackId, location, replica } = read;
  const entry = byStack.get(stackId) ?? { release: makeRelease([], 'unknown'), groups: [] };
  const isByTarget =
    leadsTo(endpoint, { name }) && endpoint.name.toLowerCase() !== endpointName(owner, name).toLowerCase();
  const group = { name, location, replica, endpoint: endpoint.name };
  entry.groups.push(isByTarget ? { ...group, byTarget: true } : group);
  byStack.set(stackId, entry);
}

/** The group that the endpoint leads to, or that its name is of; of a place that leads elsewhere: one that never was. */
function danglingName({
  app,
  owner,
  endpoint: { name, target = '' },
}: Parameters<typeof addDangling>[1]): string | undefined {
  const led = groupOfTarget(target);
  if (readGroupName(app.name, led) !== undefined) return led;
  const place = readPlaceEndpoint(owner, app.name, name);
  if (place === undefined) return name.slice(owner.length + 1).toLowerCase();
  return groupName(app.name, NO_STACK, place.location, place.replica);
}

/** Serving endpoints count most, then enabled ones, then groups that are there. */
function rank(stack: Stack, given: InventoryGiven): number {
  let sum = 0;
  for (const group of stack.groups) {
    const endpoint = given.profile === undefined ? undefined : endpointOf(given.profile, group);
    const exists = given.groups.some(({ name }) => name.toLowerCase() === group.name.toLowerCase());
    sum +=
      (isServing(endpoint) && exists ? 10_000 : 0) +
      (endpoint?.enabled === true && exists ? 100 : 0) +
      (exists ? 1 : 0);
  }
  return sum;
}

/** True where the stack is in rotation (or, without a profile, simply there): it may be taken for the live one. A job never. */
export function canBeLive(stack: Stack, given: InventoryGiven): boolean {
  const wanted = given.app.traffic === undefined ? 1 : 100;
  return !isJobStack(stack.id) && rank(stack, given) >= wanted;
}

function toStackGroup(given: InventoryGiven, group: ObservedGroup): StackGroup {
  const { name, location } = group;
  const replica = Number(/-(\d{1,4})$/.exec(name)?.[1] ?? 0);
  if (readAdopted(group.tags) !== undefined) return toAdopted(given, group, replica);
  const own = endpointName(given.owner, name);
  const found = endpointAt(given, { name, location, replica });
  const isOwn = found === undefined || (leadsTo(found, group) && found.name.toLowerCase() === own.toLowerCase());
  if (isOwn) return { name, location, replica, endpoint: own };
  return { name, location, replica, endpoint: found.name, byTarget: true };
}

/**
 * The one that leads there; else the one of its place that is led from release to release, wherever it leads now; else the
 * one that was to follow when others of its stack were given to it.
 */
function endpointAt(given: InventoryGiven, group: Placed): ObservedEndpoint | undefined {
  const { app, owner } = given;
  const ours = ourEndpoints(given);
  const isHere = (place: { location: string; replica: number } | undefined) =>
    place?.location === group.location && place.replica === group.replica;
  const isOfPlace = ({ name, target = '' }: ObservedEndpoint) => {
    if (isHere(readPlaceEndpoint(owner, app.name, name))) return true;
    const led = groupOfTarget(target);
    return isHere(readGroupName(app.name, led)) && name.toLowerCase() !== endpointName(owner, led).toLowerCase();
  };
  return (
    ours.find((endpoint) => leadsTo(endpoint, group)) ??
    ours.find((endpoint) => isOfPlace(endpoint)) ??
    nextToFollow(given, ours, group)
  );
}

type Placed = Pick<StackGroup, 'name' | 'location' | 'replica'>;

/**
 * Where an endpoint named for one stack leads to this one, its profile has refused a second one beside it: so would it for the
 * other places, whose endpoints are to be led here as well.
 */
function nextToFollow(
  { app, owner }: InventoryGiven,
  ours: readonly ObservedEndpoint[],
  { name, location, replica }: Placed,
): ObservedEndpoint | undefined {
  const stackOf = (group: string) => readGroupName(app.name, group)?.stackId;
  const stackId = stackOf(name);
  const givers = ours
    .filter(({ target = '' }) => stackId !== undefined && stackOf(groupOfTarget(target)) === stackId)
    .map((endpoint) => stackOf(endpoint.name.slice(owner.length + 1)))
    .filter((giver) => giver !== undefined && giver !== stackId);
  const names = givers.map((giver = '') => endpointName(owner, groupName(app.name, giver, location, replica)));
  return ours.find((endpoint) => names.some((one) => one.toLowerCase() === endpoint.name.toLowerCase()));
}

function readRelease(
  app: App,
  group: ObservedGroup,
  ownership: { readonly templateHash: string; readonly tags: ReadonlyMap<string, string> },
): Release {
  const images = app.images.flatMap((source) => {
    const image = group.containers.find(({ name }) => name === source.container)?.image ?? '';
    const { registry, repository, digest: own } = readImageReference(image);
    const taken = readImageTag(group.tags, source.container);
    const digest = own ?? taken?.digest;
    if (registry !== source.registry || repository !== source.repository || digest === undefined) return [];
    const tag = ownership.tags.get(source.container) ?? taken?.tag ?? 'unknown';
    return [{ container: source.container, registry, repository, tag, digest }];
  });
  return makeRelease(images, ownership.templateHash);
}
