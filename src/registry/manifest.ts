/** What a manifest says: the images of an index with their platforms, or one image with its config. Pure. */
import { z } from 'zod';

/** As in image configs: `linux` and `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export type Manifest =
  | { readonly kind: 'index'; readonly images: readonly IndexEntry[] }
  | { readonly kind: 'image'; readonly configDigest: string }
  | { readonly kind: 'other'; readonly what: string };

export interface IndexEntry {
  readonly digest: string;
  /** Undefined where the index does not say. */
  readonly platform: Platform | undefined;
  readonly hasVariant: boolean;
}

const INDEX_TYPES = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);
const IMAGE_TYPES = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
const CONFIG_TYPES = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const platform = z.object({ os: z.string().min(1), architecture: z.string().min(1) });
const index = z.object({
  manifests: z
    .array(
      z.object({
        digest,
        platform: platform.extend({ variant: z.string().optional() }).optional().catch(undefined),
      }),
    )
    .max(1000),
});
const image = z.object({ config: z.object({ mediaType: z.string(), digest }) });

/** Throws TypeError where it is not what its media type says. */
export function readManifest({ mediaType, text }: { mediaType: string; text: string }): Manifest {
  if (INDEX_TYPES.has(mediaType)) {
    const { manifests } = parse(index, text, 'index');
    return {
      kind: 'index',
      images: manifests.map(({ digest, platform }) => ({
        digest,
        platform: platform && { os: platform.os, architecture: platform.architecture },
        hasVariant: platform?.variant !== undefined,
      })),
    };
  }
  if (!IMAGE_TYPES.has(mediaType)) return { kind: 'other', what: `of type ${mediaType.slice(0, 100)}` };
  const { config } = parse(image, text, 'manifest');
  if (CONFIG_TYPES.has(config.mediaType)) return { kind: 'image', configDigest: config.digest };
  return { kind: 'other', what: `an artifact with a config of type ${config.mediaType.slice(0, 100)}` };
}

/** Undefined where the config does not say both. */
export function readPlatform(configText: string): Platform | undefined {
  const parsed = platform.safeParse(parseJson(configText));
  return parsed.success ? parsed.data : undefined;
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`the ${what} cannot be read: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
