/** Asks for the permissions on each scope once, and reads what can be read where they are not told. */
import { judgeRights, missingRights } from './judge-rights.ts';
import type { PreflightLine } from './line.ts';
import { needsOf } from './needs.ts';
import type { Need } from './needs.ts';
import { READ_PROFILE } from './rights.ts';
import type { Asking, World } from './world.ts';

export interface LookedRights {
  readonly lines: readonly PreflightLine[];
  /** Ids of profiles, in lower case, that are told already to be out of reach. */
  readonly unreadable: ReadonlySet<string>;
}

export async function lookAtRights({ settings, world, hasToken, principal }: Asking): Promise<LookedRights> {
  const unreadable = new Set<string>();
  const needs = hasToken ? needsOf(settings) : [];
  const lines = await Promise.all(
    needs.map(async (need) => {
      const permissions = await world.permissions(need.scope.id);
      const read = permissions.known ? undefined : await harmlessRead(need, world);
      const isUnread = permissions.known
        ? missingRights(need, permissions.value).some(({ action }) => action === READ_PROFILE)
        : read?.known === false;
      if (isUnread) unreadable.add(need.scope.id.toLowerCase());
      return judgeRights(need, { permissions, read, principal });
    }),
  );
  return { lines: lines.flat(), unreadable };
}

async function harmlessRead({ scope: { kind, resourceGroup, name } }: Need, world: World) {
  if (kind === 'resourceGroup') return world.groups(name);
  return kind === 'profile' || kind === 'parent' ? world.profile({ resourceGroup, profile: name }) : undefined;
}
