/** The registries of the local Azure: tags, digests, what stands behind them, and the program that each image runs. */
import { DEFAULT_PLATFORM, imageContent, rawContent, referrer } from './image-content.ts';
import type { ImageContent, ImagePlatform, ImageSpec } from './image-content.ts';
import { DEFAULT_PROGRAM } from './program.ts';
import type { Program } from './program.ts';

export interface ImageTag {
  readonly name: string;
  readonly digest: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface Repository {
  readonly tags: Map<string, ImageTag>;
  /** By the digest of what a tag points to; contents are made again when they are asked for. */
  readonly images: Map<string, ImageSpec>;
  /** From the digest of a part, a config or a manifest of an index, to that of its image. */
  readonly parts: Map<string, string>;
  /** What was put as it is, by digest. */
  readonly others: Map<string, ImageContent>;
  /** Newest first; undefined after a change. */
  ordered: readonly ImageTag[] | undefined;
}

export interface Push {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly program: Partial<Program>;
  /** Linux on amd64 where absent; an index where there are several. */
  readonly platforms?: readonly ImagePlatform[] | undefined;
  readonly at: number;
}

export interface Put {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly mediaType: string;
  readonly text: string;
  readonly at: number;
}

export class Images {
  readonly #repositories = new Map<string, Repository>();

  /** Makes or moves a tag; the digest follows from the program, the platforms, the repository and the tag. */
  push(given: Push): { digest: string } {
    const { tag } = given;
    const repository = this.#make(given.registry, given.repository);
    const program = { ...DEFAULT_PROGRAM, version: tag, ...given.program };
    const spec = { repository: given.repository, tag, program, platforms: given.platforms ?? [DEFAULT_PLATFORM] };
    const { top, below } = imageContent(spec);
    const { digest } = top;
    const createdAt = repository.tags.get(tag)?.createdAt ?? given.at;
    repository.tags.set(tag, { name: tag, digest, createdAt, updatedAt: given.at });
    repository.images.set(digest, spec);
    for (const part of below) repository.parts.set(part.digest, digest);
    repository.ordered = undefined;
    return { digest };
  }

  /** A manifest or blob as it is, such as a signature; with a tag where one is given. */
  put({ registry, repository, tag, at, mediaType, text }: Put): { digest: string } {
    const found = this.#make(registry, repository);
    const content = rawContent(mediaType, text);
    const { digest } = content;
    found.others.set(digest, content);
    if (tag === undefined) return { digest };
    found.tags.set(tag, { name: tag, digest, createdAt: found.tags.get(tag)?.createdAt ?? at, updatedAt: at });
    found.ordered = undefined;
    return { digest };
  }

  /** Descriptors of the manifests that were put with this digest as their subject. */
  referrers(registry: string, repository: string, digest: string): readonly unknown[] {
    const others = this.#repositories.get(keyOf(registry, repository))?.others.values() ?? [];
    return [...others].flatMap((content) => referrer(content, digest) ?? []);
  }

  /** What `host/repository@sha256:…` or `host/repository:tag` runs; undefined where there is no such image. */
  resolve(reference: string): { readonly digest: string; readonly program: Program } | undefined {
    const match = /^([^/]+)\/(.+?)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))?$/.exec(reference);
    const [, registry = '', name = '', byDigest, tag = 'latest'] = match ?? [];
    const repository = this.#repositories.get(keyOf(registry, name));
    const digest = byDigest ?? repository?.tags.get(tag)?.digest;
    const image = repository?.images.get(repository.parts.get(digest ?? '') ?? digest ?? '');
    return digest === undefined || image === undefined ? undefined : { digest, program: image.program };
  }

  /** An index, a manifest or a config by digest; the first two also by tag. */
  content(registry: string, repository: string, reference: string): ImageContent | undefined {
    const found = this.#repositories.get(keyOf(registry, repository));
    const digest = found?.tags.get(reference)?.digest ?? reference;
    const other = found?.others.get(digest);
    if (other !== undefined) return other;
    const spec = found?.images.get(found.parts.get(digest) ?? digest);
    if (spec === undefined) return undefined;
    const { top, below } = imageContent(spec);
    return [top, ...below].find((part) => part.digest === digest);
  }

  /** Newest first; undefined where the repository was never pushed to. */
  tags(registry: string, repository: string): readonly ImageTag[] | undefined {
    const found = this.#repositories.get(keyOf(registry, repository));
    if (found === undefined) return undefined;
    found.ordered ??= [...found.tags.values()].sort((a, b) => b.updatedAt - a.updatedAt || (a.name < b.name ? 1 : -1));
    return found.ordered;
  }

  deleteTag(registry: string, repository: string, tag: string): boolean {
    const found = this.#repositories.get(keyOf(registry, repository));
    if (found === undefined) return false;
    found.ordered = undefined;
    return found.tags.delete(tag);
  }

  /** Takes away the images that no tag names any more, as a registry does where it is told to. */
  purge(registry: string, repository: string): void {
    const found = this.#repositories.get(keyOf(registry, repository));
    if (found === undefined) return;
    const tagged = new Set([...found.tags.values()].map(({ digest }) => digest));
    for (const digest of found.images.keys()) if (!tagged.has(digest)) found.images.delete(digest);
    for (const [part, digest] of found.parts) if (!tagged.has(digest)) found.parts.delete(part);
  }

  repositories(registry: string): readonly string[] {
    const prefix = `${registry.toLowerCase()}/`;
    return [...this.#repositories.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .sort();
  }

  /** An empty repository: known to the registry, with no tags. */
  makeRepository(registry: string, repository: string): void {
    this.#make(registry, repository);
  }

  #make(registry: string, name: string): Repository {
    const key = keyOf(registry, name);
    const repository = this.#repositories.get(key) ?? {
      tags: new Map(),
      images: new Map(),
      parts: new Map(),
      others: new Map(),
      ordered: undefined,
    };
    this.#repositories.set(key, repository);
    return repository;
  }
}

function keyOf(registry: string, repository: string): string {
  return `${registry.toLowerCase()}/${repository}`;
}
