/** Lists each repository once, and works out what each app would run now, as the daemon does. */
import { desiredRelease } from '../controller/desired.ts';
import type { Desired } from '../controller/desired.ts';
import type { App, ImageSource } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import { judgeRelease, judgeRepository } from './judge-release.ts';
import type { PreflightLine } from './line.ts';
import type { Asking, World } from './world.ts';

export async function lookAtRepositories(asking: Asking): Promise<readonly PreflightLine[]> {
  const sources = new Map<string, ImageSource>();
  for (const source of asking.settings.apps.flatMap(({ images }) => images)) {
    if (canAsk(source, asking)) sources.set(`${source.registry}/${source.repository}`, source);
  }
  return Promise.all(
    [...sources].map(async ([name, source]) => judgeRepository(name, await asking.world.tags(source))),
  );
}

/** None where a repository is unknown or empty, which is told by itself. */
export async function lookAtRelease(app: App, asking: Asking): Promise<readonly PreflightLine[]> {
  const { world, settings, hasToken } = asking;
  if (!app.images.every((source) => canAsk(source, asking))) return [];
  const stored = hasToken || settings.state.kind === 'folder' ? await world.live(app.name) : undefined;
  const live = stored?.known === true ? stored.value?.release : undefined;
  const desired = await desiredNow(app, live, world);
  const lists = await Promise.all(app.images.map((source) => world.tags(source)));
  if (desired.kind === 'nothing' && lists.some((list) => list.kind === 'known' && list.tags.length === 0)) return [];
  const line = judgeRelease(app.name, desired, live);
  return line === undefined ? [] : [line];
}

/** Those that are asked as an Azure identity need its token. */
function canAsk({ registry }: ImageSource, { settings, hasToken }: Asking): boolean {
  return hasToken || settings.registries.find(({ host }) => host === registry)?.credential.kind !== 'azure';
}

async function desiredNow(app: App, live: Release | undefined, world: World): Promise<Desired> {
  const lists = new Map<ImageSource, TagList>();
  for (const source of app.images) lists.set(source, await world.tags(source));
  const desired = () => desiredRelease(app, live, { latest: (source) => lists.get(source), now: world.now });
  // Each turn asks for the digest of one more tag.
  for (const _ of app.images) {
    const now = desired();
    if (now.kind !== 'unresolved') return now;
    const { source, tag } = now;
    const digest = await world.digest({ source, tag });
    if (!digest.known) return { ...now, reason: digest.reason };
    const list = lists.get(source);
    if (list?.kind !== 'known') return now;
    const tags = list.tags.map((one) => (one.name === tag ? { ...one, digest: digest.value } : one));
    lists.set(source, { ...list, tags });
  }
  return desired();
}
