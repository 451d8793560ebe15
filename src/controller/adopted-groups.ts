/**
 * Groups that were taken over, read from their tags: whether all of a stack were tagged, and which endpoint is whose, since
 * their names say nothing. Pure.
 */
import { readAdopted, readEndpointTag } from '../model/adopted-tags.ts';
import { endpointName, groupOfTarget, readOwnership } from '../model/ownership.ts';
import { readRoutingMethod, targetOf } from '../model/routing.ts';
import type { StackGroup } from '../rollout/effect.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import { endpointNamed } from '../rollout/rotation.ts';
import type { InventoryGiven } from './inventory.ts';

export interface HalfAdopted {
  readonly groups: readonly string[];
  /** How many there were to be. */
  readonly of: number;
}

/** Stacks that were to be taken over, and of which no group says that all of them were tagged. */
export function halfAdopted({ app, owner, groups }: InventoryGiven): readonly HalfAdopted[] {
  const found = new Map<string, { groups: string[]; of: number; isWhole: boolean }>();
  for (const { name, tags } of groups) {
    const ownership = readOwnership(tags);
    const mark = readAdopted(tags);
    if (mark === undefined || ownership?.owner !== owner || ownership.app !== app.name) continue;
    const before = found.get(ownership.stackId) ?? { groups: [], of: mark.groups, isWhole: false };
    const names = [...before.groups, name];
    const isWhole = before.isWhole || !mark.isPending || names.length >= mark.groups;
    found.set(ownership.stackId, { groups: names, of: mark.groups, isWhole });
  }
  return [...found.values()].filter(({ isWhole }) => !isWhole).map(({ groups: names, of }) => ({ groups: names, of }));
}

/** Its endpoint is the one in its tags. Where that leads to another group by now, it was switched in place. */
export function toAdopted(given: InventoryGiven, group: ObservedGroup, replica: number): StackGroup {
  const { name, location, fqdn, ip } = group;
  const endpoint = readEndpointTag(group.tags) ?? endpointName(given.owner, name);
  const found = given.profile === undefined ? undefined : endpointNamed(given.profile, endpoint);
  const target = found?.target?.toLowerCase();
  const isLedHere = target !== undefined && [fqdn?.toLowerCase(), ip?.toLowerCase()].includes(target);
  const own = isLedHere ? target : fqdn;
  const method = readRoutingMethod(given.profile?.routingMethod ?? '');
  const isUsual = own === undefined || (own === targetOf(method, group)?.toLowerCase() && isNamed(own, name));
  const adopted = {
    ...(isUsual || method === 'MultiValue' ? {} : { target: own }),
    ...(found?.weight === undefined || !isLedHere ? {} : { weight: found.weight }),
  };
  const at = { name, location, replica, endpoint, adopted };
  return found === undefined || isLedHere || method === 'MultiValue' ? at : { ...at, byTarget: true };
}

function isNamed(target: string, name: string): boolean {
  return groupOfTarget(target) === name.toLowerCase();
}
