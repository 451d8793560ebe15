/**
 * Tags of one repository in Azure Container Registry, newest first and page by page. The first list reads everything;
 * later ones stop where they reach what is known; once in a while all is read again, so that deleted tags go.
 */
import { ContainerRegistryClient } from '@azure/container-registry';
import type { ArtifactTagProperties, ContainerRepository } from '@azure/container-registry';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { UnknownErrors } from '../azure/unknown-errors.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import type { Tag, TagList } from '../model/tag.ts';
import { describeRegistryFailure } from './failure.ts';
import type { RegistryFailure } from './failure.ts';
import { refuseOtherThanTagLists } from './tag-list-policy.ts';
import { EMPTY_INDEX, merge, reachesKnown } from './tag-index.ts';
import type { TagIndex } from './tag-index.ts';

const PAGE_SIZE = 100;
const MOST_PAGES = 500;
const WHOLE_EVERY = 120;
const CALL_TIMEOUT_MS = 30_000;

export interface RepositoryAddress {
  /** Host as in image names, for messages. */
  readonly host: string;
  readonly endpoint: string;
  readonly repository: string;
}

export class AcrRepository {
  readonly #address: RepositoryAddress;
  readonly #client: ContainerRepository;
  readonly #unknown: UnknownErrors;
  #index: TagIndex = EMPTY_INDEX;
  #polls = 0;

  constructor(
    address: RepositoryAddress,
    given: {
      credential: TokenCredential;
      audience: string;
      httpClient?: HttpClient;
      onUnknownError: (error: UnknownError) => void;
    },
  ) {
    this.#unknown = new UnknownErrors(given.onUnknownError);
    this.#address = address;
    const options = {
      audience: given.audience,
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'viridian' },
      additionalPolicies: [{ policy: refuseOtherThanTagLists, position: 'perCall' as const }],
      ...(given.httpClient === undefined ? {} : { httpClient: given.httpClient }),
    };
    this.#client = new ContainerRegistryClient(address.endpoint, given.credential, options).getRepository(
      address.repository,
    );
  }

  /** Never throws: what cannot be told is `unknown`. */
  async listTags(): Promise<TagList> {
    const isWhole = this.#index.watermark === undefined || this.#polls % WHOLE_EVERY === 0;
    this.#polls += 1;
    try {
      const listed = await this.#listPages(isWhole ? EMPTY_INDEX : this.#index);
      this.#index = merge(this.#index, listed.tags, isWhole || listed.isWhole);
      return { kind: 'known', tags: [...this.#index.tags.values()] };
    } catch (error) {
      return { kind: 'unknown', ...this.#describe(error, 'tags') };
    }
  }

  /** The digest that a tag has now. Throws where it cannot be told. */
  async resolveDigest(tag: string): Promise<string> {
    try {
      const properties = await this.#client
        .getArtifact(tag)
        .getTagProperties(tag, { abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
      return properties.digest;
    } catch (error) {
      this.#describe(error, `tag ${tag}`);
      throw error;
    }
  }

  #describe(error: unknown, what: string): Omit<RegistryFailure, 'isForeseen'> {
    const { host, repository } = this.#address;
    const { isForeseen, ...failure } = describeRegistryFailure(error, `${what} of ${host}/${repository}`);
    if (!isForeseen) this.#unknown.meet(error, error instanceof Error ? error.name : 'Unknown');
    return failure;
  }

  async #listPages(known: TagIndex): Promise<{ tags: Tag[]; isWhole: boolean }> {
    const tags: Tag[] = [];
    // The SDK hangs the list on an artifact, whose own name plays no part in it: it is the whole repository's.
    const pages = this.#client
      .getArtifact('_')
      .listTagProperties({ order: 'LastUpdatedOnDescending', abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) })
      .byPage({ maxPageSize: PAGE_SIZE });
    let count = 0;
    for await (const page of pages) {
      const read = page.map(toTag);
      tags.push(...read);
      count += 1;
      if (reachesKnown(known, read)) return { tags, isWhole: false };
      if (count >= MOST_PAGES) throw new Error(`more than ${MOST_PAGES * PAGE_SIZE} tags, which is more than are read`);
    }
    return { tags, isWhole: true };
  }
}

function toTag(properties: ArtifactTagProperties): Tag {
  const { name, digest, lastUpdatedOn } = properties;
  if (typeof name !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest) || Number.isNaN(lastUpdatedOn?.getTime())) {
    throw new TypeError(`an entry of the list is not a tag with digest and time (${JSON.stringify(name)})`);
  }
  return { name, digest, pushedAt: lastUpdatedOn.getTime() };
}
