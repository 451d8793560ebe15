/** Profiles inside profiles: the child of a nested endpoint, which must be there, not above its parent, and not too deep. */
import { DEEPEST_NESTING } from './endpoint-status.ts';
import type { FindProfile } from './endpoint-status.ts';
import { ArmError } from './http.ts';
import type { Endpoint, Profile } from './profile.ts';

/** Throws ArmError 400. */
export function childOf(profile: Profile, endpoint: Endpoint, find: FindProfile): Profile {
  const child = endpoint.resourceId === undefined ? undefined : find(endpoint.resourceId);
  if (child === undefined)
    throw refused(
      `The profile of the nested endpoint '${endpoint.name}' does not exist: ${endpoint.resourceId ?? ''}.`,
    );
  const depth = depthOf(child, { find, forbidden: profile, depth: 1 });
  if (depth >= DEEPEST_NESTING) throw refused(`Profiles can be nested at most ${DEEPEST_NESTING} levels deep.`);
  return child;
}

function depthOf(profile: Profile, walk: { find: FindProfile; forbidden: Profile; depth: number }): number {
  const { find, forbidden, depth } = walk;
  if (profile.relativeName === forbidden.relativeName)
    throw refused(`The profile '${forbidden.name}' cannot be nested in itself.`);
  if (depth >= DEEPEST_NESTING) return depth;
  const children = [...profile.endpoints.values()].flatMap(({ resourceId, kind }) => {
    const child = kind === 'nested' && resourceId !== undefined ? find(resourceId) : undefined;
    return child === undefined ? [] : [child];
  });
  return Math.max(depth, ...children.map((child) => depthOf(child, { find, forbidden, depth: depth + 1 })));
}

function refused(message: string): ArmError {
  return new ArmError(400, 'BadRequest', message);
}
