/**
 * What is remembered of one repository between polls: every tag, and how new the newest is (the watermark). A page of
 * the newest tags is enough to bring it up to date. Pure.
 */
import type { Tag } from '../model/tag.ts';

export interface TagIndex {
  readonly tags: ReadonlyMap<string, Tag>;
  /** `pushedAt` of the newest tag seen; undefined before the first whole list. */
  readonly watermark: number | undefined;
}

export const EMPTY_INDEX: TagIndex = { tags: new Map(), watermark: undefined };

/** True where a page, newest first, reaches tags that are already known as they are. */
export function reachesKnown(index: TagIndex, page: readonly Tag[]): boolean {
  if (index.watermark === undefined) return false;
  return page.some((tag) => index.tags.get(tag.name)?.digest === tag.digest && tag.pushedAt < (index.watermark ?? 0));
}

/** The index with newly listed tags; a tag that moved is replaced. */
export function merge(index: TagIndex, listed: readonly Tag[], isWhole: boolean): TagIndex {
  const tags = isWhole ? new Map<string, Tag>() : new Map(index.tags);
  for (const tag of listed) tags.set(tag.name, tag);
  const newest = Math.max(...[...tags.values()].map(({ pushedAt }) => pushedAt), 0);
  return { tags, watermark: newest };
}

export function sameTags(a: readonly Tag[], b: readonly Tag[]): boolean {
  if (a.length !== b.length) return false;
  const known = new Map(a.map((tag) => [tag.name, tag]));
  return b.every((tag) => known.get(tag.name)?.digest === tag.digest && known.get(tag.name)?.pushedAt === tag.pushedAt);
}
