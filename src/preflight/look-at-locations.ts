/** Asks each location once what it can hold and what its quota leaves, and judges the apps in it, alone and together. */
import type { App } from '../model/app.ts';
import { readOwnership } from '../model/ownership.ts';
import { documentsOf } from './group-documents.ts';
import { judgeQuota, judgeTogether } from './judge-quota.ts';
import type { QuotaGiven } from './judge-quota.ts';
import { unreadLocation } from './judge-rights.ts';
import { judgeSizes, largestOf } from './judge-size.ts';
import type { PreflightLine } from './line.ts';
import { peakOf } from './surge.ts';
import type { GroupSize } from './template-parts.ts';
import { sizeOfGroup } from './template-parts.ts';
import type { Asking, World } from './world.ts';

export async function lookAtLocations(asking: Asking): Promise<readonly PreflightLine[]> {
  if (!asking.hasToken) return [];
  const locations = new Set(asking.settings.apps.flatMap((app) => app.locations));
  const lines = await Promise.all([...locations].map((location) => lookAtLocation(location, asking)));
  return lines.flat();
}

async function lookAtLocation(
  location: string,
  { settings, world, principal }: Asking,
): Promise<readonly PreflightLine[]> {
  const { subscriptionId } = settings.cloud;
  const apps = settings.apps.filter((app) => app.locations.includes(location));
  const [usages, capabilities] = await Promise.all([world.usages(location), world.capabilities(location)]);
  const place = (what: string, app?: App) => ({ subject: `${what}: ${location}`, app: app?.name });
  const sizes = capabilities.known
    ? apps.map((app) => judgeSizes(sizesIn(location, app), capabilities.value, place('size', app)))
    : [unreadLocation(place('size'), { reason: capabilities.reason, subscriptionId, principal })];
  if (!usages.known)
    return [...sizes, unreadLocation(place('quota'), { reason: usages.reason, subscriptionId, principal })];
  const needs = await Promise.all(
    apps.map(async (app): Promise<QuotaGiven> => {
      const size = largestOf(sizesIn(location, app));
      const present = await presentIn(location, app, { owner: settings.owner, world });
      return { size, peak: peakOf(app, location), present, usages: usages.value };
    }),
  );
  const quotas = needs.map((need, index) => judgeQuota(need, place('quota', apps[index])));
  const together = needs.length > 1 ? judgeTogether(needs, place('quota')) : undefined;
  return [...sizes, ...quotas, ...(together === undefined ? [] : [together])];
}

function sizesIn(location: string, app: App): readonly GroupSize[] {
  return documentsOf(app, [location]).map(sizeOfGroup);
}

/** Groups of ours that the usage has counted already; by the stored state where they cannot be listed. */
async function presentIn(
  location: string,
  app: App,
  { owner, world }: { owner: string; world: World },
): Promise<number> {
  const groups = await world.groups(app.resourceGroup);
  if (groups.known) {
    return groups.value.filter((group) => {
      const marks = readOwnership(group.tags);
      return group.location === location && marks?.app === app.name && marks.owner === owner;
    }).length;
  }
  const live = await world.live(app.name);
  return (live.known ? (live.value?.groups ?? []) : []).filter((group) => group.location === location).length;
}
