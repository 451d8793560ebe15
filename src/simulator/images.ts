/** The registries of the local Azure: tags, digests, and the program that each digest runs. */
import { shortHash } from '../model/release.ts';
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
  readonly programs: Map<string, Program>;
}

export class Images {
  readonly #repositories = new Map<string, Repository>();

  /** Makes or moves a tag; the digest follows from the program, the repository and the tag. */
  push(given: { registry: string; repository: string; tag: string; program: Partial<Program>; at: number }): {
    digest: string;
  } {
    const program = { ...DEFAULT_PROGRAM, version: given.tag, ...given.program };
    const repository = this.#make(given.registry, given.repository);
    const digest = `sha256:${shortHash(JSON.stringify([given.repository, given.tag, program]), 64)}`;
    const before = repository.tags.get(given.tag);
    repository.tags.set(given.tag, {
      name: given.tag,
      digest,
      createdAt: before?.createdAt ?? given.at,
      updatedAt: given.at,
    });
    repository.programs.set(digest, program);
    return { digest };
  }

  /** What `host/repository@sha256:…` or `host/repository:tag` runs; undefined where there is no such image. */
  resolve(reference: string): { readonly digest: string; readonly program: Program } | undefined {
    const match = /^([^/]+)\/(.+?)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))?$/.exec(reference);
    const [, registry = '', name = '', byDigest, tag = 'latest'] = match ?? [];
    const repository = this.#repositories.get(keyOf(registry, name));
    const digest = byDigest ?? repository?.tags.get(tag)?.digest;
    const program = digest === undefined ? undefined : repository?.programs.get(digest);
    return digest === undefined || program === undefined ? undefined : { digest, program };
  }

  /** Newest first; undefined where the repository was never pushed to. */
  tags(registry: string, repository: string): readonly ImageTag[] | undefined {
    const found = this.#repositories.get(keyOf(registry, repository));
    if (found === undefined) return undefined;
    return [...found.tags.values()].sort((a, b) => b.updatedAt - a.updatedAt || (a.name < b.name ? 1 : -1));
  }

  deleteTag(registry: string, repository: string, tag: string): boolean {
    return this.#repositories.get(keyOf(registry, repository))?.tags.delete(tag) ?? false;
  }

  /** Takes away the images that no tag names any more, as a registry does where it is told to. */
  purge(registry: string, repository: string): void {
    const found = this.#repositories.get(keyOf(registry, repository));
    if (found === undefined) return;
    const tagged = new Set([...found.tags.values()].map(({ digest }) => digest));
    for (const digest of found.programs.keys()) if (!tagged.has(digest)) found.programs.delete(digest);
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
    const repository = this.#repositories.get(key) ?? { tags: new Map(), programs: new Map() };
    this.#repositories.set(key, repository);
    return repository;
  }
}

function keyOf(registry: string, repository: string): string {
  return `${registry.toLowerCase()}/${repository}`;
}
