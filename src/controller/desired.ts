/**
 * What the app should run now, from the tags as last polled: the release, or the reason why nothing moves. Pure. One
 * unknown list, or version of a secret that counts, makes the whole unknown; a source whose policy wants nothing newer keeps what runs.
 */
import type { App, ImageSource } from '../model/app.ts';
import { makeRelease } from '../model/release.ts';
import type { Release, ReleaseImage } from '../model/release.ts';
import type { TagList } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';
import type { RunningTag } from '../policy/choice.ts';
import { choose } from '../policy/choose.ts';
import { nextRipe } from '../policy/filter.ts';

export type Desired =
  | { readonly kind: 'release'; readonly release: Release; readonly reasons: readonly string[] }
  /** `isStalled`: nothing will come of it until a person acts on the app's key vaults. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly isStalled?: boolean }
  /** The registry lists names only, and this tag's digest is to be asked for. */
  | { readonly kind: 'unresolved'; readonly reason: string; readonly source: ImageSource; readonly tag: string }
  /** The lists are known and hold nothing that may run. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** What is known beside the app and what runs. */
export interface DesiredGiven {
  readonly latest: (source: ImageSource) => TagList | undefined;
  /** For policies that look at the age of tags. */
  readonly now: Instant;
}

type Wanted = { readonly image: ReleaseImage; readonly reason: string } | Exclude<Desired, { kind: 'release' }>;

export function desiredRelease(app: App, live: Release | undefined, given: DesiredGiven): Desired {
  const wanted = app.images.map((source) => wantedImage(source, live, given));
  for (const one of wanted) if ('kind' in one && one.kind === 'unknown') return one;
  for (const one of wanted) if ('kind' in one) return one;
  const { versions } = app.template;
  if (versions?.kind === 'unknown') return { kind: 'unknown', reason: versions.reason, isStalled: versions.stalled };
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

/** When the next tag becomes old enough, so that the choice may be another one; undefined where none waits. */
export function ripensAt(app: App, { latest, now }: DesiredGiven): Instant | undefined {
  const times = app.images.flatMap((source) => {
    const list = latest(source);
    return list?.kind === 'known' ? (nextRipe(source.policy.filter, list.tags, now) ?? []) : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function wantedImage(source: ImageSource, live: Release | undefined, { latest, now }: DesiredGiven): Wanted {
  const { container, registry, repository, policy } = source;
  const from = `${registry}/${repository}`;
  const list = latest(source);
  // A pin may need no list; what it cannot tell without one stays unknown below.
  const isKnown = list?.kind === 'known';
  if (!isKnown && policy.kind !== 'pin') return unknownList(from, list);
  const choice = choose(policy, isKnown ? list.tags : [], { running: runningTag(source, live), now });
  const { chosen } = choice;
  const reason = `${from}: ${choice.reason}`;
  if (chosen === undefined) return isKnown ? { kind: 'nothing', reason } : unknownList(from, list);
  const { name: tag, digest } = chosen;
  if (digest === undefined) return { kind: 'unresolved', reason: `${reason}; asking for its digest`, source, tag };
  return { image: { container, registry, repository, tag, digest }, reason };
}

/** What a release has of the repository in that container. */
export function runningTag(source: ImageSource, release: Release | undefined): RunningTag | undefined {
  const { container, registry, repository } = source;
  const running = release?.images.find(
    (image) => image.container === container && image.registry === registry && image.repository === repository,
  );
  return running === undefined ? undefined : { name: running.tag, digest: running.digest };
}

function unknownList(from: string, list: Exclude<TagList, { kind: 'known' }> | undefined): Wanted {
  return { kind: 'unknown', reason: list?.reason ?? `${from} has not been polled yet` };
}
