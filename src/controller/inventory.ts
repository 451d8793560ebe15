/**
 * What of ours is there, read from tags and endpoint names alone: the way back to the truth when the state is lost, and
 * how strays are found. Pure. What is not ours is only named, never touched.
 */
import type { App } from '../model/app.ts';
import { endpointName, isJobStack, isOurEndpoint, readOwnership } from '../model/ownership.ts';
import { makeRelease } from '../model/release.ts';
import type { Release } from '../model/release.ts';
import type { Stack, StackGroup } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedProfile } from '../rollout/observation.ts';
import { endpointOf, isServing } from '../rollout/rotation.ts';

export interface Inventory {
  /** Stacks of ours, those that serve most first. */
  readonly stacks: readonly Stack[];
  /** Names of groups in the resource group that are not ours and look like this app's. */
  readonly foreignGroups: readonly string[];
  readonly foreignEndpoints: readonly string[];
}

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
  for (const group of groups) {
    const ownership = readOwnership(group.tags);
    if (ownership === undefined || ownership.owner !== owner) {
      foreignGroups.push(group.name);
      continue;
    }
    if (ownership.app !== app.name) continue;
    const entry = byStack.get(ownership.stackId) ?? { release: readRelease(app, group, ownership), groups: [] };
    entry.groups.push(toStackGroup(owner, group));
    byStack.set(ownership.stackId, entry);
  }
  const endpoints = profile?.endpoints ?? [];
  for (const endpoint of endpoints) addDangling(byStack, { ...given, name: endpoint.name });
  const stacks = [...byStack].map(([id, entry]): Stack => ({ id, ...entry }));
  return {
    stacks: stacks.sort((a, b) => rank(b, given) - rank(a, given) || (a.id < b.id ? -1 : 1)),
    foreignGroups: foreignGroups.filter((name) => name.startsWith(`${app.name}-`) || name === app.name),
    foreignEndpoints: endpoints.map(({ name }) => name).filter((name) => !isOurEndpoint(owner, app.name, name)),
  };
}

/** An endpoint of ours whose group is gone: known by its name alone, and to be taken away. */
function addDangling(
  byStack: Map<string, { release: Release; groups: StackGroup[] }>,
  given: { app: App; owner: string; name: string },
): void {
  const { app, owner, name } = given;
  if (!isOurEndpoint(owner, app.name, name)) return;
  const groupName = name.slice(owner.length + 1).toLowerCase();
  for (const { groups } of byStack.values()) if (groups.some((group) => group.name === groupName)) return;
  const match = /-([0-9a-f]{8})-(.+)-(\d+)$/.exec(groupName);
  const [, id, location, replica] = match ?? [];
  if (id === undefined || location === undefined) return;
  const entry = byStack.get(id) ?? { release: makeRelease([], 'unknown'), groups: [] };
  entry.groups.push({ name: groupName, location, replica: Number(replica), endpoint: name });
  byStack.set(id, entry);
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

function toStackGroup(owner: string, group: ObservedGroup): StackGroup {
  const replica = Number(/-(\d+)$/.exec(group.name)?.[1] ?? 0);
  return { name: group.name, location: group.location, replica, endpoint: endpointName(owner, group.name) };
}

function readRelease(
  app: App,
  group: ObservedGroup,
  ownership: { readonly templateHash: string; readonly tags: ReadonlyMap<string, string> },
): Release {
  const images = app.images.flatMap((source) => {
    const reference = group.containers.find(({ name }) => name === source.container)?.image ?? '';
    const [repository, digest] = reference.split('@');
    if (repository !== `${source.registry}/${source.repository}` || digest === undefined) return [];
    const tag = ownership.tags.get(source.container) ?? 'unknown';
    return [{ container: source.container, registry: source.registry, repository: source.repository, tag, digest }];
  });
  return makeRelease(images, ownership.templateHash);
}
