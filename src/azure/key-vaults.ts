/**
 * Reads secrets of Azure Key Vault as the daemon's identity, and finds their newest versions without reading them. Values
 * are handed on and never kept; the client is loaded at the first reference to a vault.
 */
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { VaultSecret } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import type { TransientError } from '../model/errors.ts';
import { SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { impatient } from './credential.ts';
import { nameOf, vaultFailure } from './vault-failure.ts';
import { reachedAt } from './reached-at.ts';

export interface KeyVaultsGiven {
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** Where vaults are reached in place of their own hosts. */
  readonly endpoint: string | undefined;
  /** In place of Node's own HTTPS. */
  readonly httpClient?: HttpClient;
  /** Of one request; 10 s where absent. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10 * SECOND;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
/** Who asks comes back later where the vault asks for more. */
const LONGEST_PAUSE_MS = 5 * SECOND;
/** A vault takes 4000 requests in ten seconds, and others read from it too. */
const MOST_AT_ONCE = 8;
/** What runs was made with one of these, unless its secret has changed often meanwhile. */
const MOST_RECENT = 3;
/** 25 versions each. */
const MOST_PAGES = 40;

export class KeyVaults {
  readonly #given: KeyVaultsGiven;
  readonly #clients = new Map<string, Promise<SecretClient>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(given: KeyVaultsGiven) {
    const { credential, clock } = given;
    this.#given = { ...given, credential: impatient(credential, clock) };
  }

  /** Throws StalledError where a person must act, TransientError where it may pass; never with the value. */
  read(asked: VaultSecret): Promise<string> {
    return this.#ask(asked, 'read', async (client) => {
      const { value, properties } = await client.getSecret(asked.secret, optionsOf(asked.version));
      this.#check(asked, properties);
      if (value === undefined || value === '') throw new StalledError(`${nameOf(asked)} is empty; set a new version`);
      return value;
    });
  }

  /**
   * Id of the version that is read where a reference names none. Throws as `read` does, also where that version cannot be
   * read: an older one is not gone back to.
   */
  newestVersion({ vault, secret }: VaultSecret): Promise<string> {
    const asked = { vault, secret };
    return this.#ask(asked, 'looked up', async (client) => {
      const [newest, second] = await listVersions(client, asked);
      if (newest?.version === undefined) throw new StalledError(`${nameOf(asked)} is not there; set it`);
      // Times are in whole seconds: the vault itself must say which of the two is the newer one.
      const isTie = second !== undefined && createdAt(second) === createdAt(newest);
      const properties = isTie ? (await client.getSecret(secret)).properties : newest;
      this.#check(asked, properties);
      return properties.version ?? newest.version;
    });
  }

  /** For what was made a while ago: the value of the version, or of the newest few that are enabled where none is named. */
  recentValues(asked: VaultSecret): Promise<readonly string[]> {
    return this.#ask(asked, 'read', async (client) => {
      const listed = asked.version === undefined ? await listVersions(client, asked) : undefined;
      const recent = listed?.filter(({ enabled }) => enabled !== false).slice(0, MOST_RECENT);
      const versions = recent?.flatMap(({ version }) => version ?? []) ?? [asked.version];
      if (versions.length === 0) throw new StalledError(`${nameOf(asked)} has no version that can be read`);
      const secrets = await Promise.all(versions.map((version) => client.getSecret(asked.secret, optionsOf(version))));
      return secrets.flatMap(({ value }) => value ?? []);
    });
  }

  /** A vault still gives what has expired, or is not valid yet. */
  #check(asked: VaultSecret, { enabled, expiresOn, notBefore }: SecretProperties): void {
    const now = this.#given.clock.now();
    if (enabled === false) throw new StalledError(`${nameOf(asked)} is disabled; enable it, or set a new version`);
    if (expiresOn !== undefined && expiresOn.getTime() <= now)
      throw new StalledError(`${nameOf(asked)} expired at ${expiresOn.toISOString()}; set a new version`);
    if (notBefore !== undefined && notBefore.getTime() > now)
      throw new StalledError(`${nameOf(asked)} is not valid before ${notBefore.toISOString()}`);
  }

  async #ask<T>(asked: VaultSecret, doing: string, ask: (client: SecretClient) => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await ask(await this.#client(asked.vault));
        } catch (error) {
          const failure = vaultFailure(error, asked, doing);
          const pauseMs = pauseAfter(failure, attempt);
          if (pauseMs === undefined) throw failure;
          await this.#given.clock.wait(pauseMs);
        }
      }
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < MOST_AT_ONCE) this.#running += 1;
    // Who has ended hands its place on.
    else await new Promise<void>((go) => this.#waiting.push(go));
  }

  #client(vault: string): Promise<SecretClient> {
    const url = vault.replace(/\/+$/, '').toLowerCase();
    const known = this.#clients.get(url) ?? this.#open(url);
    this.#clients.set(url, known);
    return known;
  }

  async #open(url: string): Promise<SecretClient> {
    const { credential, endpoint, httpClient = createDefaultHttpClient(), timeoutMs = TIMEOUT_MS } = this.#given;
    const { SecretClient: Client } = await import('@azure/keyvault-secrets');
    return new Client(url, credential, {
      httpClient: reachedAt(endpoint, httpClient, timeoutMs),
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'viridian' },
    });
  }
}

function optionsOf(version: string | undefined): { version?: string } {
  return version === undefined ? {} : { version };
}

/** Undefined: it is not tried again now. */
function pauseAfter(failure: StalledError | TransientError, attempt: number): number | undefined {
  if (failure instanceof StalledError || attempt >= ATTEMPTS) return undefined;
  const pauseMs = Math.max(FIRST_PAUSE_MS * 2 ** (attempt - 1), failure.retryAfterMs ?? 0);
  return pauseMs > LONGEST_PAUSE_MS ? undefined : pauseMs;
}

/** The newest first. */
async function listVersions(client: SecretClient, asked: VaultSecret): Promise<readonly SecretProperties[]> {
  const found: SecretProperties[] = [];
  let pages = 0;
  for await (const page of client.listPropertiesOfSecretVersions(asked.secret).byPage()) {
    found.push(...page);
    pages += 1;
    if (pages > MOST_PAGES)
      throw new StalledError(
        `${nameOf(asked)} has too many versions to be looked up; refer to one of them, or begin a new secret`,
      );
  }
  return found.sort((a, b) => createdAt(b) - createdAt(a));
}

function createdAt({ createdOn }: SecretProperties): number {
  return createdOn?.getTime() ?? 0;
}
