/** Reads secrets at the moment that they are needed. A value is never kept, logged, or part of a message. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Json, JsonObject, SecretReference, VaultSecret } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { asSecretReference, findSecrets, mapSecrets } from './secret-places.ts';

export interface SecretSource {
  /** Folder that relative paths count from. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Azure Key Vault; what is referred to there cannot be read where absent. */
  readonly vaults?: VaultReader;
}

export interface VaultReader {
  read(secret: VaultSecret): Promise<string>;
  /** What may have been read a while ago: that of the version, or of the newest few where none is named. */
  recentValues(secret: VaultSecret): Promise<readonly string[]>;
}

/**
 * Throws StalledError naming the reference, TransientError where the vault may give it later. One line break at the end of
 * a file is not part of the secret.
 */
export async function readSecret(reference: SecretReference, source: SecretSource): Promise<string> {
  if ('env' in reference) {
    const value = source.env[reference.env];
    if (value !== undefined && value !== '') return value;
    throw new StalledError(`secret {env: ${reference.env}} is not set in the daemon's environment; set it`);
  }
  if ('join' in reference) {
    const parts: string[] = [];
    for (const part of reference.join) parts.push(typeof part === 'string' ? part : await readSecret(part, source));
    return parts.join('');
  }
  if ('keyVault' in reference) return vaultsOf(reference.keyVault, source).read(reference.keyVault);
  const file = resolve(source.folder, reference.file);
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new StalledError(`secret {file: ${reference.file}} cannot be read (${file}: ${code})`, { cause: error });
  }
}

function vaultsOf({ vault, secret }: VaultSecret, { vaults }: SecretSource): VaultReader {
  if (vaults !== undefined) return vaults;
  throw new StalledError(`secret ${secret} of ${vault} cannot be read here: nothing reads key vaults`);
}

/** A copy of a group's body with every reference replaced by its value. */
export async function resolveSecrets(body: JsonObject, source: SecretSource): Promise<JsonObject> {
  const values = new Map<string, string>();
  const whole = once(source);
  const read = findSecrets(body).map(async (place) => {
    const reference = asSecretReference(place.value);
    if (reference !== undefined) values.set(place.path, await readSecret(reference, whole));
  });
  await Promise.all(read);
  return mapSecrets(body, (value, path): Json => {
    const secret = values.get(path);
    if (secret === undefined) return value;
    // Files of a secret volume go over the wire in base64.
    return path.includes('.secret.') ? Buffer.from(secret).toString('base64') : secret;
  });
}

/** The same secret of a vault is asked for once, however many places refer to it: all get the same version. */
function once(source: SecretSource): SecretSource {
  const { vaults } = source;
  if (vaults === undefined) return source;
  const asked = new Map<string, Promise<string>>();
  const read = (secret: VaultSecret) => {
    const key = JSON.stringify([secret.vault, secret.secret, secret.version]);
    const value = asked.get(key) ?? vaults.read(secret);
    asked.set(key, value);
    return value;
  };
  return { ...source, vaults: { read, recentValues: (secret) => vaults.recentValues(secret) } };
}

/**
 * Every value, also as it is written or sent in base64. What is not in the environment or not in a file is left out: it
 * was never sent. Throws where a vault does not give one: it may have been sent.
 */
export async function secretValues(body: JsonObject, source: SecretSource): Promise<readonly string[]> {
  const values = new Set<string>();
  for (const { value, path } of findSecrets(body)) {
    const texts = typeof value === 'string' ? [value] : await valuesOf(asSecretReference(value), source);
    for (const text of texts) values.add(text).add(Buffer.from(text).toString('base64'));
    // A value of a secret volume that stands there itself is in base64.
    if (typeof value === 'string' && path.includes('.secret.'))
      values.add(Buffer.from(value, 'base64').toString('utf8'));
  }
  return [...values];
}

/** Of what is joined, each secret by itself as well: programs take connection strings apart. */
async function valuesOf(reference: SecretReference | undefined, source: SecretSource): Promise<readonly string[]> {
  if (reference === undefined) return [];
  if ('keyVault' in reference) return vaultsOf(reference.keyVault, source).recentValues(reference.keyVault);
  if (!('join' in reference)) return ifReadable(reference, source);
  const parts: string[] = [];
  for (const part of reference.join) if (typeof part !== 'string') parts.push(...(await valuesOf(part, source)));
  return [...(await ifReadable(reference, source)), ...parts];
}

async function ifReadable(reference: SecretReference, source: SecretSource): Promise<readonly string[]> {
  try {
    return [await readSecret(reference, source)];
  } catch (error) {
    if (error instanceof StalledError) return [];
    throw error;
  }
}
