/**
 * An HTTP client for one registry that answers its challenges: bearer tokens, basic, or nothing at all. It sends to the
 * registry's own origin only, so that no link or redirect leads a credential elsewhere.
 */
import { RestError } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { parseChallenge } from './challenge.ts';
import type { Challenge } from './challenge.ts';
import { basicHeader, TokenService } from './token-service.ts';
import type { RegistryAccess, TokenServiceGiven } from './token-service.ts';

const MOST_PLACES = 10_000;

export class Authorizer implements HttpClient {
  readonly #client: HttpClient;
  readonly #origin: string;
  readonly #access: RegistryAccess;
  readonly #tokens: TokenService;
  /** The last challenge of each repository and kind of request: the next one is authorized before it is sent. */
  readonly #challenges = new Map<string, Challenge>();

  constructor(given: TokenServiceGiven) {
    this.#client = given.client;
    this.#origin = new URL(given.endpoint).origin;
    this.#access = given.access;
    this.#tokens = new TokenService(given);
  }

  /** Throws RestError 401 where the registry wants what there is not, or refuses it. */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { origin, pathname } = new URL(request.url);
    if (origin !== this.#origin) throw new Error(`${origin} is not asked for what is at ${this.#origin}`);
    const place = pathname.replace(/\/(tags|manifests|blobs|referrers|_tags)(?:\/[^/]*)?$/, '/$1');
    const known = this.#challenges.get(place);
    const first = await this.#send(request, known);
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.headers.get('www-authenticate'));
    if (challenge === undefined) throw refused(first, 'it asks for neither a bearer token nor a password');
    // The token that was just refused must not be sent again.
    if (challenge.kind === 'bearer' && known?.kind === 'bearer') this.#tokens.forget(challenge);
    if (this.#challenges.size >= MOST_PLACES) this.#challenges.clear();
    this.#challenges.set(place, challenge);
    if (!this.#canAnswer(challenge)) throw refused(first, `it asks for a password, and there is none`);
    const second = await this.#send(request, challenge);
    if (second.status !== 401) return second;
    if (challenge.kind === 'bearer') this.#tokens.forget(challenge);
    throw refused(second, 'what was sent is not accepted');
  }

  async #send(request: PipelineRequest, challenge: Challenge | undefined): Promise<PipelineResponse> {
    const authorization = await this.#authorization(challenge);
    if (authorization === undefined) request.headers.delete('authorization');
    else request.headers.set('authorization', authorization);
    return this.#client.sendRequest(request);
  }

  async #authorization(challenge: Challenge | undefined): Promise<string | undefined> {
    if (this.#access.kind === 'bearer') return `Bearer ${await this.#access.token()}`;
    if (challenge === undefined) return undefined;
    if (challenge.kind === 'bearer') return `Bearer ${await this.#tokens.tokenFor(challenge)}`;
    return this.#access.kind === 'basic' ? basicHeader(this.#access) : undefined;
  }

  #canAnswer(challenge: Challenge): boolean {
    return this.#access.kind !== 'bearer' && (challenge.kind === 'bearer' || this.#access.kind === 'basic');
  }
}

function refused(response: PipelineResponse, why: string): RestError {
  const { request, status: statusCode } = response;
  const text = response.bodyAsText ?? '';
  return new RestError(text === '' ? `the registry refuses: ${why}` : why, { statusCode, request, response });
}
