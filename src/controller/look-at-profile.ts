/**
 * A look at an app's profile with the TTL that clients may hold an answer for: where it is nested in others, whose TTL an
 * answer has is not documented, so the longest of the chain counts. A parent that cannot be read leaves the TTL unknown.
 */
import type { Azure } from '../azure/azure.ts';
import type { Caller } from '../azure/caller.ts';
import type { TrafficSettings } from '../model/app.ts';
import type { ObservedProfile, Seen } from '../rollout/observation.ts';

export async function lookAtProfile(
  azure: Pick<Azure, 'getProfile'>,
  { resourceGroup, profile, parents = [] }: TrafficSettings,
  caller: Caller,
): Promise<Seen<ObservedProfile | undefined>> {
  const [own, ...above] = await Promise.all([
    azure.getProfile(resourceGroup, profile, caller),
    ...parents.map((parent) => azure.getProfile(parent.resourceGroup, parent.profile, caller)),
  ]);
  if (!own.known || own.value === undefined || parents.length === 0) return own;
  const ttls = [own.value.ttlSeconds];
  const missing: string[] = [];
  for (const [index, { resourceGroup: group, profile: name }] of parents.entries()) {
    const seen = above[index];
    if (seen?.known === false)
      return { known: false, at: seen.at, reason: `parent profile ${name} cannot be read: ${seen.reason}` };
    if (seen?.value === undefined) missing.push(`${group}/${name}`);
    else ttls.push(seen.value.ttlSeconds);
  }
  const value = { ...own.value, ttlSeconds: Math.max(...ttls) };
  return { ...own, value: missing.length === 0 ? value : { ...value, missingParents: missing } };
}
