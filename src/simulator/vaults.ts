/** Key vaults of the local Azure: secrets and their versions. A vault is there from its first secret on. */
import { randomBytes } from 'node:crypto';

export interface SecretVersion {
  /** 32 hex digits. */
  readonly id: string;
  readonly value: string;
  /** Seconds since the epoch, as of the other times. */
  readonly created: number;
  enabled: boolean;
  expires: number | undefined;
  notBefore: number | undefined;
}

export interface NewVersion {
  readonly vault: string;
  readonly secret: string;
  readonly value: string;
  readonly enabled?: boolean | undefined;
  readonly expires?: number | undefined;
  readonly notBefore?: number | undefined;
  /** Now where absent. */
  readonly created?: number | undefined;
}

export class Vaults {
  /** By the name of the vault and that of the secret, in lower case; the newest version last. */
  readonly #vaults = new Map<string, Map<string, SecretVersion[]>>();

  /** A new version; the one before stays. */
  set({ vault, secret, value, enabled = true, expires, notBefore, created }: NewVersion): SecretVersion {
    const secrets = this.#vaults.get(vault.toLowerCase()) ?? new Map<string, SecretVersion[]>();
    this.#vaults.set(vault.toLowerCase(), secrets);
    const versions = secrets.get(secret.toLowerCase()) ?? [];
    secrets.set(secret.toLowerCase(), versions);
    const id = randomBytes(16).toString('hex');
    const version = { id, value, enabled, expires, notBefore, created: created ?? Math.floor(Date.now() / 1000) };
    versions.push(version);
    return version;
  }

  has(vault: string): boolean {
    return this.#vaults.has(vault.toLowerCase());
  }

  /** The newest last; empty where there is no such secret. */
  versions(vault: string, secret: string): readonly SecretVersion[] {
    return this.#vaults.get(vault.toLowerCase())?.get(secret.toLowerCase()) ?? [];
  }

  remove(vault: string, secret: string): void {
    this.#vaults.get(vault.toLowerCase())?.delete(secret.toLowerCase());
  }

  /** Names only. */
  list(): readonly { vault: string; secrets: readonly string[] }[] {
    return [...this.#vaults].map(([vault, secrets]) => ({ vault, secrets: [...secrets.keys()] }));
  }
}
