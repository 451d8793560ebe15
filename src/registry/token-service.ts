/**
 * Tokens for a registry's challenges, kept until shortly before they expire: anonymous ones, for a user name and password,
 * and for an Azure identity by way of the registry's refresh token. A credential goes to nobody but the registry's own.
 */
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { isBeside } from './challenge.ts';
import type { Challenge } from './challenge.ts';

/** Secrets are read at each use, so that one that was changed is taken up. */
export type RegistryAccess =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: () => Promise<string> }
  /** A token that is sent as it is. */
  | { readonly kind: 'bearer'; readonly token: () => Promise<string> }
  /** `token`: of Azure, which Azure Container Registry exchanges for its own. */
  | { readonly kind: 'azure'; readonly token: () => Promise<string> };

type Bearer = Extract<Challenge, { kind: 'bearer' }>;

interface Token {
  readonly text: string;
  readonly renewAt: number;
}

const CALL_TIMEOUT_MS = 30_000;
/** Where the answer does not say; also the least, as the specification of the token service has it. */
const LEAST_LIFE_MS = 60_000;
const LONGEST_MARGIN_MS = 5 * 60_000;
const MOST_TOKENS = 10_000;

export interface TokenServiceGiven {
  readonly client: HttpClient;
  readonly endpoint: string;
  readonly access: RegistryAccess;
  readonly now: () => number;
}

export class TokenService {
  readonly #given: TokenServiceGiven;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(given: TokenServiceGiven) {
    this.#given = given;
  }

  /** Throws RestError where it is refused. */
  async tokenFor(challenge: Bearer): Promise<string> {
    const key = JSON.stringify([challenge.realm, challenge.service, challenge.scope]);
    return this.#kept(key, () => this.#ask(challenge));
  }

  /** Of a token that was refused before its time. */
  forget(challenge: Bearer): void {
    this.#tokens.delete(JSON.stringify([challenge.realm, challenge.service, challenge.scope]));
  }

  /** One request at a time for each token, however many ask. */
  async #kept(key: string, ask: () => Promise<Token>): Promise<string> {
    const kept = this.#tokens.get(key);
    if (kept !== undefined) {
      const token = await kept.catch(() => undefined);
      if (token !== undefined && this.#given.now() < token.renewAt) return token.text;
      if (this.#tokens.get(key) === kept) this.#tokens.delete(key);
    }
    const asked = this.#tokens.get(key) ?? ask();
    if (this.#tokens.size >= MOST_TOKENS) this.#tokens.clear();
    this.#tokens.set(key, asked);
    try {
      return (await asked).text;
    } catch (error) {
      this.#tokens.delete(key);
      throw error;
    }
  }

  async #ask(challenge: Bearer): Promise<Token> {
    const { access } = this.#given;
    const realm = this.#trusted(challenge);
    if (access.kind === 'azure') {
      const key = `refresh ${challenge.service}`;
      const refresh = await this.#kept(key, () => this.#exchange(realm, challenge, access));
      const form = { grant_type: 'refresh_token', ...asked(challenge), refresh_token: refresh };
      return this.#post(realm, form).catch((error: unknown) => {
        // It may have been revoked: the next try begins anew.
        this.#tokens.delete(key);
        throw error;
      });
    }
    for (const [name, value] of Object.entries(asked(challenge))) realm.searchParams.set(name, value);
    const headers: Record<string, string> = access.kind === 'basic' ? { authorization: await basicHeader(access) } : {};
    return this.#send(realm.href, { headers });
  }

  async #exchange(realm: URL, challenge: Bearer, access: Extract<RegistryAccess, { kind: 'azure' }>): Promise<Token> {
    const { service = new URL(this.#given.endpoint).host } = challenge;
    const form = { grant_type: 'access_token', service, access_token: await access.token() };
    return this.#post(new URL('/oauth2/exchange', realm), form);
  }

  #post(url: URL, form: Readonly<Record<string, string>>): Promise<Token> {
    url.searchParams.set('api-version', '2021-07-01');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#send(url.href, { headers, body: new URLSearchParams(form).toString() });
  }

  async #send(url: string, given: { headers: Readonly<Record<string, string>>; body?: string }): Promise<Token> {
    const request = createPipelineRequest({
      url,
      method: given.body === undefined ? 'GET' : 'POST',
      headers: createHttpHeaders({ accept: 'application/json', 'user-agent': 'viridian', ...given.headers }),
      abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      allowInsecureConnection: url.startsWith('http:'),
      ...(given.body === undefined ? {} : { body: given.body }),
    });
    const response = await this.#given.client.sendRequest(request);
    const { status } = response;
    if (status !== 200) {
      const message = `the token service at ${new URL(url).host} answered ${status}`;
      throw new RestError(message, { statusCode: status, request, response });
    }
    return readToken(response.bodyAsText ?? '', this.#given.now());
  }

  #trusted({ realm }: Bearer): URL {
    const { access } = this.#given;
    const [url, own] = [new URL(realm), new URL(this.#given.endpoint)];
    const isRight =
      access.kind === 'azure'
        ? url.origin === own.origin
        : access.kind === 'anonymous'
          ? url.protocol === 'https:' || url.protocol === own.protocol
          : isBeside(url, own);
    if (isRight) return url;
    throw new Error(`${own.host} names ${url.origin} as its token service, which is not given the credential`);
  }
}

export async function basicHeader(access: Extract<RegistryAccess, { kind: 'basic' }>): Promise<string> {
  return `Basic ${Buffer.from(`${access.username}:${await access.password()}`).toString('base64')}`;
}

function asked({ service, scope }: Bearer): Record<string, string> {
  return { ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) };
}

/** What was sent is in no message: it may hold a token. */
function readToken(text: string, now: number): Token {
  const body = parseObject(text);
  const found = [body['token'], body['access_token'], body['refresh_token']].find(
    (value) => typeof value === 'string' && value !== '',
  );
  if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found)) {
    throw new TypeError('the token service’s answer has no token in it');
  }
  const lifeMs = Math.max(LEAST_LIFE_MS, lifeOf(body['expires_in'], found, now));
  return { text: found, renewAt: now + lifeMs - Math.min(LONGEST_MARGIN_MS, lifeMs / 6) };
}

/** Azure's registry does not say it beside the token, but in it. */
function lifeOf(expiresIn: unknown, token: string, now: number): number {
  if (typeof expiresIn === 'number' && Number.isFinite(expiresIn)) return expiresIn * 1000;
  const { exp } = parseObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 - now : LEAST_LIFE_MS;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
