/**
 * What is remembered of one repository between polls: every tag, and how new the newest is (the watermark). A page of
 * the newest tags is enough to bring it up to date. Pure.
 */
import type { Tag } from '../model/tag.ts';
import type { Instant } from '../model/time.ts';

/** A tag of a registry that tells all of it. */
export interface DatedTag extends Tag {
  readonly digest: string;
  readonly pushedAt: Instant;
}

export interface TagIndex {
  readonly tags: ReadonlyMap<string, DatedTag>;
  /** The same tags; the very same list as long as nothing changes. */
  readonly list: readonly DatedTag[];
  /** `pushedAt` of the newest tag seen; undefined before the first whole list. */
  readonly watermark: Instant | undefined;
}

export const EMPTY_INDEX: TagIndex = { tags: new Map(), list: [], watermark: undefined };

/** True where a page, newest first, reaches tags that are already known as they are. */
export function reachesKnown(index: TagIndex, page: readonly DatedTag[]): boolean {
  const { watermark } = index;
  if (watermark === undefined) return false;
  return page.some((tag) => index.tags.get(tag.name)?.digest === tag.digest && tag.pushedAt < watermark);
}

/**
 * The tag as it is remembered, where it is the same: so that a list that is read again takes no memory, however long.
 */
export function remembered(index: TagIndex, tag: DatedTag): DatedTag {
  const known = index.tags.get(tag.name);
  return known !== undefined && isSame(known, tag) ? known : tag;
}

/**
 * The index with newly listed tags, by name, a tag that moved in place of the old one; the very same index where nothing
 * changed. `listed` becomes a part of it where it is the whole: it is not to be changed afterwards.
 */
export function merge(index: TagIndex, listed: ReadonlyMap<string, DatedTag>, isWhole: boolean): TagIndex {
  let isNews = false;
  for (const tag of listed.values()) isNews ||= !isSame(index.tags.get(tag.name), tag);
  const isSameSize = !isWhole || listed.size === index.tags.size;
  if (index.watermark !== undefined && !isNews && isSameSize) return index;
  const tags = isWhole ? listed : new Map([...index.tags, ...listed]);
  const list = [...tags.values()];
  let watermark = 0;
  for (const { pushedAt } of list) watermark = Math.max(watermark, pushedAt);
  return { tags, list, watermark };
}

export function sameTags(a: readonly Tag[], b: readonly Tag[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const known = new Map(a.map((tag) => [tag.name, tag]));
  return b.every((tag) => isSame(known.get(tag.name), tag));
}

function isSame(known: Tag | undefined, tag: Tag): boolean {
  return known === tag || (known !== undefined && known.digest === tag.digest && known.pushedAt === tag.pushedAt);
}
