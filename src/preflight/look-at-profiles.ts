/** Reads the profile of an app and those above it. */
import { newStack } from '../controller/idle.ts';
import type { App } from '../model/app.ts';
import { makeRelease } from '../model/release.ts';
import { judgeParent, judgeProfile } from './judge-profile.ts';
import type { PreflightLine } from './line.ts';
import { profileId } from './needs.ts';
import type { Asking, ProfileAddress } from './world.ts';

/** In place of an id that is drawn for real. */
const SOME_STACK = '00000000';

/** `unreadable`: ids of profiles that are told already to be out of reach. */
export async function lookAtProfiles(
  app: App,
  { settings, world, hasToken }: Asking,
  unreadable: ReadonlySet<string>,
): Promise<readonly PreflightLine[]> {
  const { traffic } = app;
  const { owner, cloud } = settings;
  if (traffic === undefined || !hasToken) return [];
  const isTold = (at: ProfileAddress) => unreadable.has(profileId(cloud.subscriptionId, at).toLowerCase());
  const candidate = newStack({ app, owner, newId: () => SOME_STACK }, makeRelease([], app.template.hash));
  const stored = await world.live(app.name);
  const live = stored.known ? stored.value : undefined;
  const listed = await world.groups(app.resourceGroup);
  const groups = listed.known ? listed.value : [];
  const own = isTold(traffic)
    ? []
    : judgeProfile({ app, traffic, owner, profile: await world.profile(traffic), live, candidate, groups });
  const above = (traffic.parents ?? []).filter((parent) => !isTold(parent));
  const parents = await Promise.all(
    above.map(async (parent) => judgeParent(parent, await world.profile(parent), app.name)),
  );
  return [...own, ...parents.flat()];
}
