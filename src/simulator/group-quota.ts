/** Room for a group in its location: capacity, and cores of the subscription. Throws ArmError as the real one refuses. */
import { idOf } from './group.ts';
import type { Group, GroupKey } from './group.ts';
import { ArmError, asArray, asRecord } from './http.ts';

export interface Room {
  readonly groups: readonly Group[];
  readonly coresPerLocation: number;
  /** Locations without capacity. */
  readonly full: ReadonlySet<string>;
  /** Locations whose quota of the subscription is used up by others. */
  readonly spent: ReadonlySet<string>;
}

export interface Wanted {
  readonly location: string;
  readonly key: GroupKey;
  readonly body: Record<string, unknown>;
}

export function checkRoom({ location, key, body }: Wanted, room: Room): void {
  if (room.full.has(location)) {
    throw new ArmError(
      409,
      'ServiceUnavailable',
      `The requested resource is not available in the location '${location}' at this moment. Please retry with a different resource request or in another location.`,
    );
  }
  const used = room.groups.filter((group) => group.location === location && idOf(group.key) !== idOf(key));
  // What is stopped holds none.
  const usage = used.filter(({ state }) => state !== 'Stopped').reduce((sum, group) => sum + coresOf(group.body), 0);
  const requested = coresOf(body);
  if (usage + requested <= room.coresPerLocation && !room.spent.has(location)) return;
  throw new ArmError(
    400,
    'ContainerGroupQuotaReached',
    `Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region '${location}'. Limit: '${room.coresPerLocation}', Usage: '${usage}' Requested: '${requested}'.`,
  );
}

export function coresOf(body: Record<string, unknown>): number {
  return asArray(asRecord(body['properties'])?.['containers']).reduce<number>((sum, container) => {
    const requests = asRecord(asRecord(asRecord(asRecord(container)?.['properties'])?.['resources'])?.['requests']);
    return sum + Number(requests?.['cpu'] ?? 0);
  }, 0);
}
