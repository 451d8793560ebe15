/**
 * What a registry keeps of an image of the local Azure: config, manifest and, where it is for several platforms, an index.
 * No layers stand behind them, but each digest is the true one of its content.
 */
import { createHash } from 'node:crypto';
import { asRecord } from './http.ts';
import type { Program } from './program.ts';

export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
}

export interface ImageSpec {
  readonly repository: string;
  readonly tag: string;
  readonly program: Program;
  /** One: a single manifest; several: an index of them. */
  readonly platforms: readonly ImagePlatform[];
}

export interface ImageContent {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

export const DEFAULT_PLATFORM: ImagePlatform = { os: 'linux', architecture: 'amd64' };

/** What the tag points to, and everything below it. The same for the same spec. */
export function imageContent(spec: ImageSpec): { top: ImageContent; below: readonly ImageContent[] } {
  const images = spec.platforms.map((platform) => ({ platform, ...oneImage(spec, platform) }));
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) return { top: only.manifest, below: [only.config] };
  const manifests = images.map(({ manifest, platform }) => ({ ...descriptor(manifest), platform }));
  return {
    top: content(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests }),
    below: images.flatMap(({ manifest, config }) => [manifest, config]),
  };
}

function oneImage(spec: ImageSpec, platform: ImagePlatform) {
  const { repository, tag, program } = spec;
  const config = content(CONFIG, {
    ...platform,
    config: { Labels: { repository, tag, program: JSON.stringify(program) } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor(config), layers: [] };
  return { config, manifest: content(MANIFEST, manifest) };
}

function content(mediaType: string, value: unknown): ImageContent {
  return rawContent(mediaType, JSON.stringify(value));
}

export function rawContent(mediaType: string, text: string): ImageContent {
  return { digest: `sha256:${createHash('sha256').update(text).digest('hex')}`, mediaType, text };
}

/** The descriptor of a manifest in the list of what refers to its subject; undefined where it has another subject. */
export function referrer(content: ImageContent, subject: string): unknown {
  if (content.mediaType !== MANIFEST) return undefined;
  const manifest = asRecord(JSON.parse(content.text)) ?? {};
  if (asRecord(manifest['subject'])?.['digest'] !== subject) return undefined;
  const artifactType = manifest['artifactType'] ?? asRecord(manifest['config'])?.['mediaType'];
  return { ...descriptor(content), artifactType, annotations: manifest['annotations'] };
}

function descriptor({ mediaType, digest, text }: ImageContent) {
  return { mediaType, digest, size: Buffer.byteLength(text) };
}
