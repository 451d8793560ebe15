/** What is to be said of the rights on one scope, by the permissions that Azure lists for who asks. Pure. */
import { isGranted } from './granted.ts';
import type { Permission } from './granted.ts';
import { fail, fine, warn } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';
import type { Need } from './needs.ts';
import { LOCATION_ACTIONS } from './rights.ts';
import type { Right } from './rights.ts';

export interface RightsGiven {
  readonly permissions: Looked<readonly Permission[]>;
  /** What a harmless read said, where there is one; asked where the permissions cannot be read. */
  readonly read?: Looked<unknown> | undefined;
  /** Who to give roles to. */
  readonly principal: string;
}

export function judgeRights(need: Need, given: RightsGiven): readonly PreflightLine[] {
  const { permissions } = given;
  if (!permissions.known) return [untold(need, { ...given, reason: permissions.reason })];
  const missing = missingRights(need, permissions.value);
  if (missing.length > 0) return missing.map((right) => missingLine(need, right, given.principal));
  return [fine(placeOf(need), `${need.rights.length} of ${need.rights.length} actions granted`)];
}

export function missingRights({ rights }: Need, permissions: readonly Permission[]): readonly Right[] {
  return rights.filter(({ action }) => !isGranted(action, permissions));
}

function missingLine(need: Need, right: Right, principal: string): PreflightLine {
  const { action, use, role, isOptional = false } = right;
  const say = isOptional ? warn : fail;
  return say(
    placeOf(need),
    `${action} is not granted (${use})`,
    `add the action to its role, or: ${assignment(principal, role, need.scope.id)}`,
  );
}

/** Reading was tried; a change is not tried to find out. */
function untold(need: Need, { read, reason, principal }: RightsGiven & { readonly reason: string }): PreflightLine {
  const [first] = need.rights;
  const give = assignment(principal, first?.role ?? 'Reader', need.scope.id);
  if (read?.known === false) return fail(placeOf(need), `cannot be read: ${read.reason}`, give);
  const seen = read === undefined ? '' : 'reading works; ';
  const others = need.rights.filter(({ action }) => read === undefined || !action.endsWith('/read'));
  if (others.length === 0) return fine(placeOf(need), 'reading works');
  return warn(
    placeOf(need),
    `permissions cannot be listed (${reason}): ${seen}cannot be told for ${others.map(({ action }) => action).join(', ')}`,
    'see docs/security.md for the rights that are needed, and compare them with the roles of the identity',
  );
}

/** On a location nothing is changed: whether it may be read is seen by reading. */
export function unreadLocation(
  place: Place,
  { reason, subscriptionId, principal }: { reason: string; subscriptionId: string; principal: string },
): PreflightLine {
  return warn(
    place,
    `cannot be read: ${reason}`,
    `rollouts go without it; for ${LOCATION_ACTIONS.join(' and ')}: ${assignment(principal, 'Reader', `/subscriptions/${subscriptionId}`)}`,
  );
}

function assignment(principal: string, role: string, scope: string): string {
  return `az role assignment create --assignee ${principal} --role "${role}" --scope ${scope}`;
}

function placeOf({ scope, apps }: Need): Place {
  return { subject: `rights: ${scope.title}`, app: apps.length === 1 ? apps[0] : undefined };
}
