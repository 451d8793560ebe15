/** Chains of nested profiles as they are in the model: how they are made, and by which TTL an answer may be held. */
import type { Profile } from '../simulator/profile.ts';
import { parentNames } from './draw-parents.ts';
import type { AppOptions } from './options.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';
import type { VirtualAzure } from './virtual-azure.ts';

interface Parent {
  readonly name: string;
  /** The id of the resource. */
  readonly child: string;
  readonly ttlSeconds: number;
  readonly method: string;
}

const PROFILES = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Network/trafficManagerProfiles`;

/** Those above the app's own profile, which is there. */
export function makeParents(azure: VirtualAzure, app: Pick<AppOptions, 'name' | 'parents'>): void {
  const names = parentNames(app);
  for (const [level, { ttlSeconds, method }] of (app.parents ?? []).entries()) {
    const child = `${PROFILES}/${names[level - 1] ?? app.name}`;
    makeParent(azure, { name: names[level] ?? '', child, ttlSeconds, method });
  }
}

function makeParent(azure: VirtualAzure, given: Parent): void {
  const { name, child: targetResourceId, ttlSeconds, method: trafficRoutingMethod } = given;
  const type = 'Microsoft.Network/trafficManagerProfiles/nestedEndpoints';
  const properties = { targetResourceId, minChildEndpoints: 1, weight: 1 };
  azure.createProfile(name, ttlSeconds, { trafficRoutingMethod, endpoints: [{ name: 'child', type, properties }] });
}

/** One of those above the app's own that are there. */
export function pickParent(azure: VirtualAzure, app: string, which: number): Profile | undefined {
  const above = azure.profiles.list(SUBSCRIPTION).filter(({ name }) => name.startsWith(`${app}-parent`));
  return above[Math.floor(which * above.length)];
}

/** As it was; false where its child is not there, without which it cannot be. */
export function remakeParent(azure: VirtualAzure, lost: Profile): boolean {
  const [child] = [...lost.endpoints.values()].flatMap(({ resourceId }) => resourceId ?? []);
  if (child === undefined || azure.profiles.byId(child) === undefined) return false;
  makeParent(azure, { name: lost.name, child, ttlSeconds: lost.ttl, method: lost.routingMethod });
  return true;
}

/** Whose TTL an answer from a nested profile has is not documented: the longest of its own and of all above it. */
export function chainTtl(azure: Pick<VirtualAzure, 'profiles'>, profile: Profile): number {
  const above = azure.profiles.list(SUBSCRIPTION).filter((parent) => isAbove(azure, parent, profile));
  return Math.max(profile.ttl, ...above.map((parent) => chainTtl(azure, parent)));
}

function isAbove({ profiles }: Pick<VirtualAzure, 'profiles'>, parent: Profile, child: Profile): boolean {
  return [...parent.endpoints.values()].some(
    ({ kind, resourceId }) => kind === 'nested' && resourceId !== undefined && profiles.byId(resourceId) === child,
  );
}
