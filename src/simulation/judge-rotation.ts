/**
 * Never three releases in rotation, judged by the tags of the groups that enabled endpoints of an app lead to: what somebody
 * else enables is not held against the daemon, but it adds nothing to it.
 */
import { asRecord } from '../simulator/http.ts';
import type { Endpoint, Profile } from '../simulator/profile.ts';
import { eligibleOf, enabledOf } from '../simulator/routing.ts';
import type { VirtualAzure } from './virtual-azure.ts';

const MOST = 2;

/** Ids of the releases of ours that clients may be led to by the profile. */
export function releasesInRotation(azure: VirtualAzure, profile: Profile, owner: string): ReadonlySet<string> {
  const led = handedOut(profile).map(({ target }) => azure.groupBehind(target));
  return new Set(led.flatMap((group) => (group === undefined ? [] : releaseOf(group.body, owner))));
}

/** One that Traffic Manager finds Degraded leads nobody anywhere, but where its region has no other. */
function handedOut(profile: Profile): readonly Endpoint[] {
  const isMapped = profile.routingMethod.toLowerCase() === 'geographic';
  return isMapped ? enabledOf(profile) : eligibleOf(profile, () => undefined);
}

function releaseOf({ tags }: Readonly<Record<string, unknown>>, owner: string): readonly string[] {
  const { 'viridian-owner': own, 'viridian-release': release } = asRecord(tags) ?? {};
  return own === owner && typeof release === 'string' ? [release] : [];
}

/** What a request has made of it; undefined where all is well. */
export function tooMany(before: ReadonlySet<string>, after: ReadonlySet<string>): string | undefined {
  if (after.size <= MOST || after.size <= before.size) return undefined;
  return `${after.size} releases are in rotation: ${[...after].sort().join(', ')}`;
}
