/**
 * Tags on groups that somebody else made and that were taken over, beside the usual ones. Their names say nothing, so the
 * tags do: which endpoint is theirs, what they run, and whether the whole stack was tagged. Each group is tagged as pending
 * first, and again once all are: one that is not pending proves that none was left out.
 */
import { TAGS } from './ownership.ts';
import type { ReleaseImage } from './release.ts';
import type { Tags } from './app.ts';

export const ADOPTED_TAG = 'viridian-adopted';
/** Followed by the name of a container; `tag@digest`. */
const IMAGE_TAG = 'viridian-image-';
const PENDING = 'pending/';
/** Of ARM, for a tag and for the tags of a resource. */
export const LONGEST_TAG_VALUE = 256;
export const MOST_TAGS = 50;

export interface AdoptedMark {
  /** Of the whole stack. */
  readonly groups: number;
  /** Others may have been left out. */
  readonly isPending: boolean;
}

export interface AdoptedGroup extends AdoptedMark {
  readonly endpoint: string | undefined;
  readonly images: readonly ReleaseImage[];
}

export function adoptedTags({ groups, isPending, endpoint, images }: AdoptedGroup): Tags {
  return {
    [ADOPTED_TAG]: `${isPending ? PENDING : ''}${groups}`,
    ...(endpoint === undefined ? {} : { [TAGS.endpoint]: endpoint }),
    ...Object.fromEntries(images.map(({ container, tag, digest }) => [`${IMAGE_TAG}${container}`, `${tag}@${digest}`])),
  };
}

/** Undefined where the group was not taken over. What cannot be read is pending for ever: it may lack anything. */
export function readAdopted(tags: Tags): AdoptedMark | undefined {
  const value = tagOf(tags, ADOPTED_TAG);
  if (value === undefined) return undefined;
  const isPending = value.startsWith(PENDING);
  const groups = /^\d{1,4}$/.exec(isPending ? value.slice(PENDING.length) : value);
  if (groups === null) return { groups: Number.POSITIVE_INFINITY, isPending: true };
  return { groups: Number(groups[0]), isPending };
}

/** Where the name of the endpoint does not tell whose it is. */
export function readEndpointTag(tags: Tags): string | undefined {
  return tagOf(tags, TAGS.endpoint);
}

/** What the image of a container was when the group was taken over. */
export function readImageTag(
  tags: Tags,
  container: string,
): { readonly tag: string; readonly digest: string } | undefined {
  const [, tag, digest] = /^(.+)@(sha256:[0-9a-f]{64})$/.exec(tagOf(tags, `${IMAGE_TAG}${container}`) ?? '') ?? [];
  return tag === undefined || digest === undefined ? undefined : { tag, digest };
}

/** Names of tags have no letter case. */
export function tagOf(tags: Tags, name: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** All tags that were there, but for those that are given now in whatever letter case. */
export function withTags(before: Tags, given: Tags): Tags {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const others = Object.entries(before).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...given };
}
