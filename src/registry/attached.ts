/**
 * What is attached to an image in its registry: the list of its referrers, or, where the registry keeps none, the index
 * under the tag that stands in for it; and the contents of what was found, read up to a limit.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import { z } from 'zod';
import type { ImageContent } from './candidate.ts';
import { RefusedSignature } from './refused-signature.ts';

/** Of a manifest, an envelope and a payload each. */
export const MOST_BYTES = 1024 * 1024;
const MOST_PAGES = 10;

const annotations = z.record(z.string(), z.string()).optional();
const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number(),
  annotations,
});
const referrers = z.object({
  manifests: z.array(descriptor.extend({ artifactType: z.string().optional() })).max(10_000),
});
const manifest = z.object({ layers: z.array(descriptor).max(10_000) });

export type Layer = z.output<typeof descriptor>;
export type Attached = z.output<typeof referrers>['manifests'][number];

/** In the order of the registry. Throws RestError or TypeError where it cannot be told. */
export async function attachedTo(content: ImageContent, digest: string): Promise<readonly Attached[]> {
  const first = await content.referrers(digest);
  if (first === undefined) return attachedByTag(content, digest);
  const found: Attached[] = [];
  let page = first;
  for (let pages = 1; ; pages += 1) {
    found.push(...readIndex(page.text));
    if (page.next === undefined) return found;
    if (pages >= MOST_PAGES) throw new TypeError(`more than ${MOST_PAGES} pages of what refers to ${digest}`);
    const next = await orMissing(content.referrers(digest, page.next));
    if (next === undefined) throw new TypeError(`page ${pages + 1} of what refers to ${digest} is not there`);
    page = next;
  }
}

/** By the referrers tag schema of the distribution specification. */
async function attachedByTag(content: ImageContent, digest: string): Promise<readonly Attached[]> {
  const index = await orMissing(content.manifest(digest.replace(':', '-')));
  return index === undefined ? [] : readIndex(index.text);
}

/** The layers of a manifest; by digest, or by a tag that need not be there: undefined then. */
export async function layersOf(content: ImageContent, reference: string): Promise<readonly Layer[] | undefined> {
  const found = await orMissing(content.manifest(reference));
  if (found === undefined) return undefined;
  if (Buffer.byteLength(found.text) > MOST_BYTES) throw tooLarge('its manifest', Buffer.byteLength(found.text));
  const parsed = manifest.safeParse(parseJson(found.text));
  if (!parsed.success) throw new RefusedSignature('its manifest cannot be read');
  return parsed.data.layers;
}

/** Throws RefusedSignature where it is not there, or too large. */
export async function readLayer(content: ImageContent, { digest, size }: Layer): Promise<string> {
  if (size > MOST_BYTES) throw tooLarge('it', size);
  const found = await orMissing(content.blob(digest));
  if (found === undefined) throw new RefusedSignature(`its content ${digest} is not in the registry`);
  if (Buffer.byteLength(found.text) > MOST_BYTES) throw tooLarge('it', Buffer.byteLength(found.text));
  return found.text;
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readIndex(text: string): readonly Attached[] {
  const parsed = referrers.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.manifests;
  throw new TypeError(`the list of what refers to an image cannot be read: ${JSON.stringify(text.slice(0, 60))}`);
}

async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isRestError(error) && error.statusCode === 404) return undefined;
    throw error;
  }
}

function tooLarge(what: string, bytes: number): RefusedSignature {
  return new RefusedSignature(`${what} has ${bytes} bytes, at most ${MOST_BYTES} are read`);
}
