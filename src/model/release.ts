/**
 * What an app should run: one digest per container plus the hash of its template. Two releases with the same id are the
 * same release, whatever their tags are called.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** One container's image in a release. `digest` is `sha256:<64 hex>`; `tag` is for people only. */
export interface ReleaseImage {
  readonly container: string;
  /** Registry host, e.g. `shop.azurecr.io`. */
  readonly registry: string;
  /** Repository in that registry, e.g. `shop/web`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface Release {
  /** Ten hex digits, from the digests and the template hash. */
  readonly id: string;
  readonly images: readonly ReleaseImage[];
  /** Hash of the group template, see `templateHash` in the config. */
  readonly templateHash: string;
}

/** First `length` hex digits of the SHA-256 of a text. */
export function shortHash(text: string, length = 10): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, length);
}

export function makeRelease(images: readonly ReleaseImage[], templateHash: string): Release {
  const ordered = [...images].sort((a, b) => (a.container < b.container ? -1 : 1));
  const parts = ordered.map((image) => `${image.container}=${image.registry}/${image.repository}@${image.digest}`);
  return { id: shortHash([...parts, templateHash].join('\n')), images: ordered, templateHash };
}

/** What people call a release: its tags, e.g. `1.4.2`, or `web 1.4.2, sidecar 7` where there are several. */
export function releaseName(release: Release): string {
  const [only, ...rest] = release.images;
  if (only !== undefined && rest.length === 0) return only.tag;
  return release.images.map((image) => `${image.container} ${image.tag}`).join(', ');
}

/** Reference by digest, the only form that is ever deployed: `host/repository@sha256:…`. */
export function imageReference(image: Pick<ReleaseImage, 'registry' | 'repository' | 'digest'>): string {
  return `${image.registry}/${image.repository}@${image.digest}`;
}
