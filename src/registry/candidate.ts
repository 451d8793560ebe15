/**
 * Whether an image may be rolled out: its tag still has the digest that was seen, its manifest is there, it is an image
 * for the platform of the group, and it is signed, where that is wanted. What cannot be told does not fit (`unfit`), or is
 * to be asked again (`unknown`).
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { Verification } from '../model/app.ts';
import { describeRegistryFailure } from './failure.ts';
import type { RightsHints } from './failure.ts';
import { readManifest, readPlatform } from './manifest.ts';
import type { Manifest, Platform } from './manifest.ts';
import type { Content, ReferrersPage } from './oci-client.ts';
import { verifySignatures } from './signatures.ts';

export interface CandidateAsked {
  /** Undefined: only the digest is looked at. */
  readonly tag: string | undefined;
  readonly digest: string;
  readonly platform: Platform;
  /** Undefined: signatures are not looked at. */
  readonly verify?: Verification | undefined;
}

export type UnfitWhy = 'gone' | 'moved' | 'platform' | 'notAnImage' | 'signature';

export type CandidateCheck =
  /** `imageDigest`: of the platform's own manifest, which is `digest` itself where that is no index. */
  | { readonly kind: 'fit'; readonly imageDigest: string }
  | { readonly kind: 'unfit'; readonly why: UnfitWhy; readonly reason: string }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** True where trying again will not help until a person acts. */
      readonly stalled: boolean;
      readonly retryAfterMs: number | undefined;
    };

/** What a check reads of a repository; each throws RestError 404 where there is no such thing. */
export interface ImageContent {
  digestOf(reference: string): Promise<string>;
  manifest(reference: string): Promise<Content>;
  blob(digest: string): Promise<Content>;
  /** Undefined, and no 404, where the registry keeps no lists of what refers to an image. */
  referrers(digest: string, page?: string): Promise<ReferrersPage | undefined>;
}

type Unfit = Extract<CandidateCheck, { kind: 'unfit' }>;

/** Never throws. `name` is the repository for messages, e.g. `shop.azurecr.io/web`. */
export async function checkCandidate(
  content: ImageContent,
  asked: CandidateAsked,
  given: { name: string; hints: RightsHints; now: () => number },
): Promise<CandidateCheck> {
  const shown = `${given.name}${asked.tag === undefined ? '' : `:${asked.tag}`}@${asked.digest}`;
  try {
    const moved = await movedTag(content, asked, given.name);
    if (moved !== undefined) return moved;
    const image = await checkImage(content, asked, shown);
    if (image.kind !== 'fit' || asked.verify === undefined) return image;
    const { digest, verify } = asked;
    const signed = await verifySignatures(content, { digest, verify }, { now: given.now() });
    return signed.kind === 'signed' ? image : unfit('signature', `${shown} ${signed.reason}`);
  } catch (error) {
    if (isRestError(error) && error.statusCode === 404)
      return unfit('gone', `${shown} is not in the registry any more`);
    const failure = describeRegistryFailure(error, `${shown} cannot be checked`, given.hints);
    const { reason, stalled, retryAfterMs } = failure;
    return { kind: 'unknown', reason, stalled, retryAfterMs };
  }
}

async function movedTag(
  content: ImageContent,
  { tag, digest }: CandidateAsked,
  name: string,
): Promise<Unfit | undefined> {
  if (tag === undefined) return undefined;
  const now = await content.digestOf(tag);
  return now === digest ? undefined : unfit('moved', `tag ${tag} of ${name} has moved from ${digest} to ${now}`);
}

async function checkImage(content: ImageContent, asked: CandidateAsked, shown: string): Promise<CandidateCheck> {
  const manifest = readManifest(await content.manifest(asked.digest));
  if (manifest.kind === 'other') return unfit('notAnImage', `${shown} is no image, but ${manifest.what}`);
  if (manifest.kind === 'image') return checkPlatform(content, manifest, { asked, shown, digest: asked.digest });
  const entry = manifest.images
    .filter(({ platform }) => platform !== undefined && isSame(platform, asked.platform))
    .sort((a, b) => Number(a.hasVariant) - Number(b.hasVariant))[0];
  if (entry === undefined) {
    const others = manifest.images.flatMap(({ platform }) => (platform === undefined ? [] : [nameOf(platform)]));
    const found = others.length === 0 ? 'none that names its platform' : [...new Set(others)].slice(0, 10).join(', ');
    return unfit('platform', `${shown} has no image for ${nameOf(asked.platform)}; it has ${found}`);
  }
  const image = readManifest(await content.manifest(entry.digest));
  if (image.kind === 'image') return checkPlatform(content, image, { asked, shown, digest: entry.digest });
  return unfit('notAnImage', `${shown} has no image for ${nameOf(asked.platform)}, but another index or artifact`);
}

/** By the image's own config: what an index says of it may be wrong. */
async function checkPlatform(
  content: ImageContent,
  image: Extract<Manifest, { kind: 'image' }>,
  { asked, shown, digest }: { asked: CandidateAsked; shown: string; digest: string },
): Promise<CandidateCheck> {
  const platform = readPlatform((await content.blob(image.configDigest)).text);
  if (platform === undefined) return unfit('platform', `${shown} does not say which platform it is for`);
  if (isSame(platform, asked.platform)) return { kind: 'fit', imageDigest: digest };
  return unfit('platform', `${shown} is for ${nameOf(platform)}; the group needs ${nameOf(asked.platform)}`);
}

function isSame(a: Platform, b: Platform): boolean {
  return a.os.toLowerCase() === b.os.toLowerCase() && a.architecture.toLowerCase() === b.architecture.toLowerCase();
}

function nameOf({ os, architecture }: Platform): string {
  return `${os}/${architecture}`;
}

function unfit(why: Unfit['why'], reason: string): Unfit {
  return { kind: 'unfit', why, reason };
}
