/**
 * What a release is called: its tag, or `api 7, web 1.4.2` where it has several images. Releases are compared by it, image by
 * image: one that is newer in some and older in others is both.
 */
import { gt, lt } from 'semver';

interface NamedImage {
  readonly container: string;
  readonly tag: string;
}

/** The container of an app that has one alone, and the first of those that have two. */
export const WEB = 'web';

export function nameImages(images: readonly NamedImage[]): string | undefined {
  const [only, ...others] = images;
  if (only === undefined || others.length === 0) return only?.tag;
  const ordered = [...images].sort((one, other) => (one.container < other.container ? -1 : 1));
  return ordered.map(({ container, tag }) => `${container} ${tag}`).join(', ');
}

/** By container. */
export function imagesIn(name: string): ReadonlyMap<string, string> {
  const named = name.split(', ').map((image): [string, string] => {
    const [first = '', tag] = image.split(' ');
    return tag === undefined ? [WEB, first] : [first, tag];
  });
  return new Map(named);
}

/** In some image. */
export function isNewer(name: string, than: string): boolean {
  return compares(name, than, gt);
}

/** In some image. */
export function isOlder(name: string, than: string): boolean {
  return compares(name, than, lt);
}

function compares(name: string, than: string, compare: (tag: string, other: string) => boolean): boolean {
  const others = imagesIn(than);
  return [...imagesIn(name)].some(([container, tag]) => {
    const other = others.get(container);
    return other !== undefined && compare(tag, other);
  });
}
