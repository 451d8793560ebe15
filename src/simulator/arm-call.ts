/** What the two providers of ARM's face share: the call as it was split, what answers it, and its 404. */
import type { ContainerGroups } from './groups.ts';
import { ArmError } from './http.ts';
import type { HttpRequest } from './http.ts';
import type { Locations } from './locations.ts';
import type { Permissions } from './permissions.ts';
import type { Profiles } from './profiles.ts';

export interface ArmGiven {
  readonly groups: ContainerGroups;
  readonly profiles: Profiles;
  readonly locations: Locations;
  readonly permissions: Permissions;
  readonly isAuthorized: (authorization: string | undefined) => boolean;
  readonly deleteStatus: 200 | 202 | 204;
  /** Of requests; random where absent. */
  readonly newId?: () => string;
}

/** One request to a provider: its path split, names as the client wrote them. */
export interface ArmCall {
  readonly request: HttpRequest;
  readonly subscription: string;
  readonly resourceGroup: string | undefined;
  /** Segments after the provider's namespace. */
  readonly rest: readonly string[];
}

export function notFound(resource: string, resourceGroup: string | undefined): ArmError {
  return new ArmError(
    404,
    'ResourceNotFound',
    `The Resource '${resource}' under resource group '${resourceGroup ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    { 'x-ms-failure-cause': 'gateway' },
  );
}
