/**
 * What the groups run, by digest: of a reference by tag, the digest that the tag has now, which may be newer than what the
 * groups have pulled. Pure.
 */
import type { App, ImageSource } from '../model/app.ts';
import { readImageReference } from '../model/image-reference.ts';
import type { ReleaseImage } from '../model/release.ts';
import type { Tag } from '../model/tag.ts';
import { choose } from '../policy/choose.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import type { Instant } from '../model/time.ts';
import type { Obstacle } from './obstacle.ts';

export interface RunningGiven {
  readonly app: App;
  /** One of those that are taken over; all run the same. */
  readonly group: ObservedGroup;
  /** Of each image source, as its registry lists them. */
  readonly tags: ReadonlyMap<ImageSource, readonly Tag[]>;
  readonly now: Instant;
}

export interface Running {
  readonly images: readonly ReleaseImage[];
  readonly obstacles: readonly Obstacle[];
  readonly notes: readonly string[];
}

export function runningImages(given: RunningGiven): Running {
  const each = given.app.images.map((source) => runningImage(source, given));
  return {
    images: each.flatMap(({ image }) => image ?? []),
    obstacles: each.flatMap(({ obstacle }) => obstacle ?? []),
    notes: each.flatMap(({ note }) => note ?? []),
  };
}

/** The tag that a registry that lists names only is to be asked about; undefined where the group says the digest. */
export function askedTag({ container }: ImageSource, group: ObservedGroup): string | undefined {
  const { tag, digest } = referenceIn(group, container);
  return digest === undefined ? tag : undefined;
}

interface Told {
  readonly image?: ReleaseImage;
  readonly obstacle?: Obstacle;
  readonly note?: string;
}

function runningImage(source: ImageSource, { group, tags, now }: RunningGiven): Told {
  const { container, registry, repository, policy } = source;
  const { tag, digest } = referenceIn(group, container);
  const listed = tags.get(source) ?? [];
  const at = { container, registry, repository };
  if (digest !== undefined) {
    const named = listed.filter((one) => one.digest === digest);
    const best = choose(policy, named, { running: undefined, now }).chosen?.name ?? named[0]?.name;
    return { image: { ...at, tag: tag ?? best ?? digest, digest } };
  }
  const found = listed.find(({ name }) => name === tag);
  if (tag === undefined || found?.digest === undefined) {
    return {
      obstacle: {
        where: `container ${container}`,
        expected: `tag ${tag ?? ''} in ${registry}/${repository}, to know its digest`,
        got: 'no such tag there',
        todo: 'push it again, or bring the groups to a tag that is there',
      },
    };
  }
  const note = `${container} runs by tag ${tag}, which has digest ${found.digest} now; what the groups have pulled may be older`;
  return { image: { ...at, tag, digest: found.digest }, note };
}

function referenceIn({ containers }: ObservedGroup, container: string) {
  return readImageReference(containers.find(({ name }) => name === container)?.image ?? '');
}
