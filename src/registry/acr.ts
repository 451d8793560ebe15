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
import type { TagList } from '../model/tag.ts';
import type { RepositoryAddress } from './address.ts';
import { AZURE_HINTS, describeRegistryFailure } from './failure.ts';
import type { RegistryFailure, RightsHints } from './failure.ts';
import { PageSizes } from './page-sizes.ts';
import { stayAtEndpoint } from './stay-policy.ts';
import { refuseOtherThanTagLists } from './tag-list-policy.ts';
import { EMPTY_INDEX, merge, reachesKnown, remembered } from './tag-index.ts';
import type { DatedTag, TagIndex } from './tag-index.ts';

/** What changed since the last look is seldom more; so many of the longest tags are less than 16 KiB. */
const SMALL_PAGE = 25;
/** Of 100,000 tags: 501 requests, 1.9 s of CPU and 94 MiB; 1000 a page are 101 requests and 1.3 s, but 110 MiB. */
const WHOLE_PAGE = 200;
const MOST_PAGES = 2500;
const MOST_TAGS = 250_000;
const WHOLE_EVERY = 120;
const CALL_TIMEOUT_MS = 30_000;
const LONGEST_LOOK_MS = 5 * 60_000;

interface Listed {
  readonly tags: ReadonlyMap<string, DatedTag>;
  readonly isWhole: boolean;
}

export class AcrRepository {
  readonly #address: RepositoryAddress;
  readonly #client: ContainerRepository;
  readonly #unknown: UnknownErrors;
  readonly #hints: RightsHints;
  readonly #wholeSizes = new PageSizes([WHOLE_PAGE, 100, undefined]);
  readonly #newsSizes = new PageSizes([SMALL_PAGE, undefined]);
  #index: TagIndex = EMPTY_INDEX;
  #polls = 0;

  constructor(
    address: RepositoryAddress,
    given: {
      /** Undefined: none is needed, or the HTTP client sees to it. */
      credential: TokenCredential | undefined;
      audience: string;
      httpClient?: HttpClient;
      hints?: RightsHints;
      onUnknownError: (error: UnknownError) => void;
    },
  ) {
    this.#unknown = new UnknownErrors(given.onUnknownError);
    this.#address = address;
    this.#hints = given.hints ?? AZURE_HINTS;
    const options = {
      audience: given.audience,
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'viridian' },
      additionalPolicies: [
        { policy: stayAtEndpoint(address.endpoint), position: 'perCall' as const },
        { policy: refuseOtherThanTagLists, position: 'perCall' as const },
      ],
      ...(given.httpClient === undefined ? {} : { httpClient: given.httpClient }),
    };
    const client =
      given.credential === undefined
        ? new ContainerRegistryClient(address.endpoint, options)
        : new ContainerRegistryClient(address.endpoint, given.credential, options);
    this.#client = client.getRepository(address.repository);
  }

  /** Never throws: what cannot be told is `unknown`. */
  async listTags(): Promise<TagList> {
    const isWhole = this.#index.watermark === undefined || this.#polls % WHOLE_EVERY === 0;
    this.#polls += 1;
    try {
      const listed = isWhole
        ? await this.#wholeSizes.take((size) => this.#listPages(size, EMPTY_INDEX))
        : await this.#newsSizes.take((size) => this.#listPages(size, this.#index));
      this.#index = merge(this.#index, listed.tags, listed.isWhole);
      return { kind: 'known', tags: this.#index.list };
    } catch (error) {
      return { kind: 'unknown', ...this.#describe(error, 'tags', 'listed') };
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
      this.#describe(error, `tag ${tag}`, 'resolved');
      throw error;
    }
  }

  #describe(error: unknown, what: string, attempted: string): Omit<RegistryFailure, 'isForeseen'> {
    const { host, repository } = this.#address;
    const attempt = `${what} of ${host}/${repository} cannot be ${attempted}`;
    const { isForeseen, ...failure } = describeRegistryFailure(error, attempt, this.#hints);
    if (!isForeseen) this.#unknown.meet(error, error instanceof Error ? error.name : 'Unknown');
    return failure;
  }

  /** Until the end, or until a page reaches what is known. */
  async #listPages(size: number | undefined, known: TagIndex): Promise<Listed> {
    const tags = new Map<string, DatedTag>();
    // The SDK hangs the list on an artifact, whose own name plays no part in it: it is the whole repository's.
    const pages = this.#client
      .getArtifact('_')
      .listTagProperties({
        order: 'LastUpdatedOnDescending',
        abortSignal: AbortSignal.timeout(LONGEST_LOOK_MS),
        requestOptions: { timeout: CALL_TIMEOUT_MS },
      })
      .byPage(size === undefined ? {} : { maxPageSize: size });
    let count = 0;
    for await (const page of pages) {
      const read = page.map((properties) => remembered(this.#index, toTag(properties)));
      const before = tags.size;
      for (const tag of read) tags.set(tag.name, tag);
      if (count > 0 && read.length > 0 && tags.size === before) {
        throw new Error('the registry links from page to page in a circle');
      }
      count += 1;
      if (reachesKnown(known, read)) return { tags, isWhole: false };
      if (tags.size > MOST_TAGS) throw new Error(`more than ${MOST_TAGS} tags, which is more than are read`);
      if (count >= MOST_PAGES) throw new Error(`more than ${MOST_PAGES} pages of tags`);
    }
    return { tags, isWhole: true };
  }
}

function toTag(properties: ArtifactTagProperties): DatedTag {
  const { name, digest, lastUpdatedOn } = properties;
  if (typeof name !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest) || Number.isNaN(lastUpdatedOn?.getTime())) {
    throw new TypeError(`an entry of the list is not a tag with digest and time (${JSON.stringify(name)})`);
  }
  return { name, digest, pushedAt: lastUpdatedOn.getTime() };
}
