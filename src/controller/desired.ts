/**
 * What the app should run now, from the tags as last polled: the release, or the reason why nothing moves. Pure. One
 * unknown list makes the whole unknown; a source whose policy wants nothing newer keeps what runs.
 */
import type { App, ImageSource } from '../model/app.ts';
import { makeRelease } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import { choose } from '../policy/choose.ts';

export type Desired =
  | { readonly kind: 'release'; readonly release: Release; readonly reasons: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The registry lists names only, and this tag's digest is to be asked for. */
  | { readonly kind: 'unresolved'; readonly reason: string; readonly source: ImageSource; readonly tag: string }
  /** The lists are known and hold nothing that may run. */
  | { readonly kind: 'nothing'; readonly reason: string };

type Wanted = { readonly image: ReleaseImage; readonly reason: string } | Exclude<Desired, { kind: 'release' }>;

export function desiredRelease(
  app: App,
  live: Release | undefined,
  latest: (source: ImageSource) => TagList | undefined,
): Desired {
  const wanted = app.images.map((source) => wantedImage(source, live, latest(source)));
  for (const one of wanted) if ('kind' in one && one.kind === 'unknown') return one;
  for (const one of wanted) if ('kind' in one) return one;
  const images = wanted.flatMap((one) => ('image' in one ? [one] : []));
  return {
    kind: 'release',
    release: makeRelease(
      images.map(({ image }) => image),
      app.template.hash,
    ),
    reasons: images.map(({ reason }) => reason),
  };
}

function wantedImage(source: ImageSource, live: Release | undefined, list: TagList | undefined): Wanted {
  const from = `${source.registry}/${source.repository}`;
  if (list === undefined) return { kind: 'unknown', reason: `${from} has not been polled yet` };
  if (list.kind === 'unknown') return { kind: 'unknown', reason: list.reason };
  const running = live?.images.find(
    (image) =>
      image.container === source.container &&
      image.registry === source.registry &&
      image.repository === source.repository,
  );
  const choice = choose(
    source.policy,
    list.tags,
    running === undefined ? undefined : { name: running.tag, digest: running.digest },
  );
  if (choice.chosen === undefined) {
    if (running !== undefined) return { image: running, reason: choice.reason };
    return { kind: 'nothing', reason: `${from}: ${choice.reason}` };
  }
  const { container, registry, repository } = source;
  const { name: tag, digest } = choice.chosen;
  if (digest === undefined) {
    return { kind: 'unresolved', reason: `${from}: ${choice.reason}; asking for its digest`, source, tag };
  }
  return {
    image: { container, registry, repository, tag, digest },
    reason: `${from}: ${choice.reason}`,
  };
}
