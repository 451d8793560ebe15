/**
 * The open protocol of OCI registries for one repository: pages of tag names, digests, manifests, what refers to them, and
 * small blobs. What has a digest is checked against it. Redirects are followed for blobs only, and without the credential.
 */
import { createHash } from 'node:crypto';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { atEndpoint, nextLink, pathName } from './address.ts';
import type { RepositoryAddress } from './address.ts';

export interface Content {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface TagPage {
  readonly names: readonly string[];
  /** URL of the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** A page of an index of what refers to an image, unread. */
export interface ReferrersPage {
  readonly text: string;
  /** URL of the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** By which registries say that they have no such list; some lead elsewhere, to where nothing of it is. */
const NO_REFERRERS = new Set([303, 307, 308, 404, 405, 501]);
const CALL_TIMEOUT_MS = 30_000;
const MOST_REDIRECTS = 3;
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPES = [
  INDEX_TYPE,
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** As the specification has it: at most 128 characters. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export class OciClient {
  readonly #address: RepositoryAddress;
  readonly #authorized: HttpClient;
  readonly #bare: HttpClient;

  /** `bare`: asks storage that a registry redirects to, with no credential. */
  constructor(address: RepositoryAddress, clients: { authorized: HttpClient; bare: HttpClient }) {
    this.#address = address;
    this.#authorized = clients.authorized;
    this.#bare = clients.bare;
  }

  firstPage(size: number | undefined): string {
    return this.#url(`tags/list${size === undefined ? '' : `?n=${size}`}`);
  }

  /** `url`: of the first page, or `next` of the one before. */
  async page(url: string): Promise<TagPage> {
    const response = await this.#get(url);
    const link = nextLink(response.headers.get('link'));
    return {
      names: readNames(response.bodyAsText ?? ''),
      next: link === undefined ? undefined : atEndpoint(link, url, this.#address.endpoint),
    };
  }

  /**
   * The digest that a reference has now. By HEAD, which counts as no pull; only a registry that tells no digest so is
   * asked for the manifest itself.
   */
  async digestOf(reference: string): Promise<string> {
    const url = this.#url(`manifests/${inPath(reference)}`);
    const response = await this.#send(url, { method: 'HEAD', accept: MANIFEST_TYPES });
    const digest = response.headers.get('docker-content-digest');
    if (response.status === 200 && digest !== undefined && DIGEST.test(digest)) return digest;
    if (![200, 405, 501].includes(response.status)) throw failed(response);
    return (await this.manifest(reference)).digest;
  }

  async manifest(reference: string): Promise<Content> {
    const response = await this.#get(this.#url(`manifests/${inPath(reference)}`), MANIFEST_TYPES);
    return this.#verified(response, reference, 'manifest');
  }

  async blob(digest: string): Promise<Content> {
    let url = this.#url(`blobs/${digest}`);
    let response = await this.#send(url, { method: 'GET' });
    for (let redirects = 0; [301, 302, 303, 307, 308].includes(response.status); redirects += 1) {
      const location = response.headers.get('location');
      if (location === undefined || redirects >= MOST_REDIRECTS) throw failed(response);
      const target = new URL(location, url);
      if (target.protocol !== 'https:' && target.protocol !== new URL(this.#address.endpoint).protocol) {
        throw failed(response);
      }
      url = target.href;
      response = await this.#bare.sendRequest(request(url, { method: 'GET' }));
    }
    if (response.status !== 200) throw failed(response);
    return this.#verified(response, digest, 'blob');
  }

  /** `page`: `next` of the one before. Undefined where the registry keeps no lists of referrers. */
  async referrers(digest: string, page?: string): Promise<ReferrersPage | undefined> {
    const url = page ?? this.#url(`referrers/${digest}`);
    const response = await this.#send(url, { method: 'GET', accept: INDEX_TYPE });
    if (page === undefined && NO_REFERRERS.has(response.status)) return undefined;
    if (response.status !== 200) throw failed(response);
    const link = nextLink(response.headers.get('link'));
    return {
      text: response.bodyAsText ?? '',
      next: link === undefined ? undefined : atEndpoint(link, url, this.#address.endpoint),
    };
  }

  #url(path: string): string {
    return `${this.#address.endpoint}/v2/${pathName(this.#address)}/${path}`;
  }

  async #get(url: string, accept = 'application/json'): Promise<PipelineResponse> {
    const response = await this.#send(url, { method: 'GET', accept });
    if (response.status !== 200) throw failed(response);
    return response;
  }

  #send(url: string, given: { method: 'GET' | 'HEAD'; accept?: string }): Promise<PipelineResponse> {
    return this.#authorized.sendRequest(request(url, given));
  }

  #verified(response: PipelineResponse, reference: string, what: string): Content {
    const text = response.bodyAsText ?? '';
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const told = DIGEST.test(reference) ? reference : response.headers.get('docker-content-digest');
    if (told !== undefined && DIGEST.test(told) && told !== digest) {
      const { host, repository } = this.#address;
      throw new TypeError(`the ${what} of ${host}/${repository} is not what its digest says: ${told}, got ${digest}`);
    }
    return { digest, mediaType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '', text };
  }
}

/** Registries want the colon of a digest as it is. */
function inPath(reference: string): string {
  return encodeURIComponent(reference).replace('%3A', ':');
}

function request(url: string, { method, accept }: { method: 'GET' | 'HEAD'; accept?: string }) {
  return createPipelineRequest({
    url,
    method,
    headers: createHttpHeaders({ 'user-agent': 'viridian', ...(accept === undefined ? {} : { accept }) }),
    abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    allowInsecureConnection: url.startsWith('http:'),
  });
}

function failed(response: PipelineResponse): RestError {
  const { request, status } = response;
  const message = `${request.method} ${new URL(request.url).pathname} was answered by ${status}`;
  return new RestError(message, { statusCode: status, request, response });
}

function readNames(text: string): readonly string[] {
  const tags = tagsIn(text);
  if (tags === undefined) {
    const start = JSON.stringify(text.slice(0, 60));
    throw new TypeError(`the answer is no list of tags: expected {name, tags: […]}, got ${start}`);
  }
  return tags.map((name) => {
    if (typeof name === 'string' && TAG.test(name)) return name;
    throw new TypeError(`an entry of the list is no tag (${(JSON.stringify(name) ?? '').slice(0, 60)})`);
  });
}

/** A repository whose tags were all deleted is shown with `null`. */
function tagsIn(text: string): readonly unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || !('name' in body) || !('tags' in body)) return undefined;
    if (body.tags === null) return [];
    return Array.isArray(body.tags) ? body.tags : undefined;
  } catch {
    return undefined;
  }
}
