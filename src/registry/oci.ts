/**
 * Tags of one repository in any registry of the open protocol. It lists names only, with neither digests nor times: the
 * digests of the tags that somebody wants are asked for at each look, those of all others never.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import { UnknownErrors } from '../azure/unknown-errors.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { TagList } from '../model/tag.ts';
import type { RepositoryAddress } from './address.ts';
import { describeRegistryFailure, OWN_CREDENTIAL_HINTS } from './failure.ts';
import type { OciClient } from './oci-client.ts';
import { PageSizes } from './page-sizes.ts';

const MOST_PAGES = 2500;
const MOST_TAGS = 250_000;
const LONGEST_LOOK_MS = 5 * 60_000;
/** A tag that nobody has wanted for so many looks is wanted no more. */
const LOOKS_WANTED = 20;
const MOST_WANTED = 50;

export class OciRepository {
  readonly #address: RepositoryAddress;
  readonly #client: OciClient;
  readonly #unknown: UnknownErrors;
  readonly #now: () => number;
  readonly #sizes = new PageSizes([1000, 100, undefined]);
  /** By name: at how many more looks the digest is asked for. */
  readonly #wanted = new Map<string, number>();

  constructor(
    address: RepositoryAddress,
    given: { client: OciClient; onUnknownError: (error: UnknownError) => void; now: () => number },
  ) {
    this.#address = address;
    this.#client = given.client;
    this.#unknown = new UnknownErrors(given.onUnknownError);
    this.#now = given.now;
  }

  /** From now on lists have the digest of this tag, of the 50 that were wanted last. True where that is new. */
  want(tag: string): boolean {
    const isNew = !this.#wanted.delete(tag);
    this.#wanted.set(tag, LOOKS_WANTED);
    const [oldest] = this.#wanted.keys();
    if (oldest !== undefined && this.#wanted.size > MOST_WANTED) this.#wanted.delete(oldest);
    return isNew;
  }

  /** Never throws: what cannot be told is `unknown`. */
  async listTags(): Promise<TagList> {
    try {
      const names = await this.#sizes.take((size) => this.#listPages(size));
      const digests = await this.#wantedDigests(names);
      return {
        kind: 'known',
        tags: [...names].map((name) => ({ name, digest: digests.get(name), pushedAt: undefined })),
      };
    } catch (error) {
      const { host, repository } = this.#address;
      const attempt = `tags of ${host}/${repository} cannot be listed`;
      const { isForeseen, ...failure } = describeRegistryFailure(error, attempt, OWN_CREDENTIAL_HINTS);
      if (!isForeseen) this.#unknown.meet(error, error instanceof Error ? error.name : 'Unknown');
      return { kind: 'unknown', ...failure };
    }
  }

  /** The digest that a tag has now. Throws where it cannot be told. */
  resolveDigest(tag: string): Promise<string> {
    return this.#client.digestOf(tag);
  }

  async #listPages(size: number | undefined): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    const until = this.#now() + LONGEST_LOOK_MS;
    const seen = new Set<string>();
    for (let url: string | undefined = this.#client.firstPage(size); url !== undefined;) {
      seen.add(url);
      const page = await this.#client.page(url);
      const before = names.size;
      for (const name of page.names) names.add(name);
      const isAgain = page.next !== undefined && seen.has(page.next);
      if (isAgain || (page.next !== undefined && page.names.length > 0 && names.size === before)) {
        throw new Error('the registry links from page to page in a circle');
      }
      if (names.size > MOST_TAGS) throw new Error(`more than ${MOST_TAGS} tags, which is more than are read`);
      if (seen.size >= MOST_PAGES && page.next !== undefined) throw new Error(`more than ${MOST_PAGES} pages of tags`);
      if (this.#now() > until) throw new Error(`the list took longer than ${LONGEST_LOOK_MS / 60_000} min`);
      url = page.next;
    }
    return names;
  }

  async #wantedDigests(names: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const digests = new Map<string, string>();
    for (const [name, looks] of this.#wanted) {
      if (looks <= 1) this.#wanted.delete(name);
      else this.#wanted.set(name, looks - 1);
      if (!names.has(name)) continue;
      try {
        digests.set(name, await this.#client.digestOf(name));
      } catch (error) {
        // Deleted since it was listed: it stays without a digest until the next look.
        if (!isRestError(error) || error.statusCode !== 404) throw error;
      }
    }
    return digests;
  }
}
