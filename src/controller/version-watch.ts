/**
 * Looks up the newest versions of the secrets that templates follow: each secret once for all apps, one after the other
 * within a vault. A vault that fails is left alone for a while that grows, or as long as it asks for; what is known of its
 * secrets meanwhile is that they are unknown.
 */
import type { VaultSecret } from '../model/app.ts';
import { StalledError, TransientError } from '../model/errors.ts';
import { MINUTE } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import { keyOf } from './pin-secrets.ts';
import type { NewestVersion } from './pin-secrets.ts';

export interface VersionWatchGiven {
  readonly clock: Clock;
  readonly secrets: readonly VaultSecret[];
  /** Of the config before: what it knows of them. */
  readonly known?: Pick<VersionWatch, 'newest'> | undefined;
  /** Throws StalledError or TransientError where it cannot be told. */
  readonly newestVersion: (secret: VaultSecret) => Promise<string>;
  /** Another version, another reason why there is none, or its end. */
  readonly onChange: (secret: VaultSecret) => void;
}

interface Vault {
  readonly secrets: readonly VaultSecret[];
  failures: number;
  notBefore: Instant;
  isLooking: boolean;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 10 * MINUTE;

export class VersionWatch {
  readonly #given: VersionWatchGiven;
  readonly #vaults: readonly Vault[];
  readonly #newest = new Map<string, NewestVersion>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(given: VersionWatchGiven) {
    const { known, ...rest } = given;
    this.#given = rest;
    for (const secret of known === undefined ? [] : given.secrets)
      this.#newest.set(keyOf(secret), known?.newest(secret) ?? notLookedUp(secret));
    const byVault = Map.groupBy(new Map(given.secrets.map((secret) => [keyOf(secret), secret])).values(), ({ vault }) =>
      vault.replace(/\/+$/, '').toLowerCase(),
    );
    this.#vaults = [...byVault.values()].map((secrets) => ({ secrets, failures: 0, notBefore: 0, isLooking: false }));
  }

  newest(secret: VaultSecret): NewestVersion {
    return this.#newest.get(keyOf(secret)) ?? notLookedUp(secret);
  }

  /** All vaults whose pause is over. Never throws. */
  look(): void {
    if (this.#isStopped) return;
    const { clock } = this.#given;
    for (const vault of this.#vaults) {
      if (vault.isLooking || clock.now() < vault.notBefore) continue;
      vault.isLooking = true;
      const running = this.#lookAt(vault).finally(() => {
        vault.isLooking = false;
        this.#running.delete(running);
      });
      this.#running.add(running);
    }
  }

  /** Once the looks under way have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.settled();
  }

  /** What was found is known all at once, so that secrets that were changed together are one release. */
  async #lookAt(vault: Vault): Promise<void> {
    const found: [VaultSecret, NewestVersion][] = [];
    let failure: TransientError | undefined;
    for (const secret of vault.secrets) {
      if (this.#isStopped) return;
      // The others of the vault would meet the same.
      if (failure !== undefined) found.push([secret, this.#withReason(secret, failure)]);
      else {
        try {
          found.push([secret, { version: await this.#given.newestVersion(secret), unknown: undefined }]);
        } catch (error) {
          if (error instanceof TransientError) failure = error;
          found.push([secret, this.#withReason(secret, error)]);
        }
      }
    }
    this.#pause(vault, failure);
    const news = found.filter(([secret, newest]) => this.#note(secret, newest));
    for (const [secret] of news) this.#given.onChange(secret);
  }

  #pause(vault: Vault, failure: TransientError | undefined): void {
    vault.failures = failure === undefined ? 0 : vault.failures + 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(vault.failures, 20));
    vault.notBefore =
      failure === undefined ? 0 : this.#given.clock.now() + Math.max(pauseMs, failure.retryAfterMs ?? 0);
  }

  #withReason(secret: VaultSecret, error: unknown): NewestVersion {
    return { ...this.newest(secret), unknown: { reason: reasonOf(error), stalled: error instanceof StalledError } };
  }

  /** True where it is news. */
  #note(secret: VaultSecret, newest: NewestVersion): boolean {
    const before = this.#newest.get(keyOf(secret));
    this.#newest.set(keyOf(secret), newest);
    return before?.version !== newest.version || before?.unknown?.reason !== newest.unknown?.reason;
  }
}

function notLookedUp({ vault, secret }: VaultSecret): NewestVersion {
  const reason = `the versions of secret ${secret} of ${vault} have not been looked up yet`;
  return { version: undefined, unknown: { reason, stalled: false } };
}

function reasonOf(error: unknown): string {
  return error instanceof StalledError || error instanceof TransientError
    ? error.message
    : 'a secret cannot be looked up';
}
