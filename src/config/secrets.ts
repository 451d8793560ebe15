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
  /** Reads from Azure Key Vault; what is referred to there cannot be read where absent. */
  readonly keyVault?: (secret: VaultSecret) => Promise<string>;
}

/** Throws StalledError naming the reference. One line break at the end of a file is not part of the secret. */
export async function readSecret(reference: SecretReference, source: SecretSource): Promise<string> {
  if ('env' in reference) {
    const value = source.env[reference.env];
    if (value !== undefined && value !== '') return value;
    throw new StalledError(`secret {env: ${reference.env}} is not set in the daemon's environment; set it`);
  }
  if ('join' in reference) {
    const parts = reference.join.map((part) =>
      typeof part === 'string' ? Promise.resolve(part) : readSecret(part, source),
    );
    return (await Promise.all(parts)).join('');
  }
  if ('keyVault' in reference) {
    if (source.keyVault !== undefined) return source.keyVault(reference.keyVault);
    const { vault, secret } = reference.keyVault;
    throw new StalledError(`secret ${secret} of ${vault} cannot be read here: nothing reads key vaults`);
  }
  const file = resolve(source.folder, reference.file);
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new StalledError(`secret {file: ${reference.file}} cannot be read (${file}: ${code})`, { cause: error });
  }
}

/** A copy of a group's body with every reference replaced by its value. */
export async function resolveSecrets(body: JsonObject, source: SecretSource): Promise<JsonObject> {
  const values = new Map<string, string>();
  for (const place of findSecrets(body)) {
    const reference = asSecretReference(place.value);
    if (reference !== undefined) values.set(place.path, await readSecret(reference, source));
  }
  return mapSecrets(body, (value, path): Json => {
    const secret = values.get(path);
    if (secret === undefined) return value;
    // Files of a secret volume go over the wire in base64.
    return path.includes('.secret.') ? Buffer.from(secret).toString('base64') : secret;
  });
}

/** Every value, also as it is written or sent in base64. What cannot be read is left out. */
export async function secretValues(body: JsonObject, source: SecretSource): Promise<readonly string[]> {
  const values = new Set<string>();
  for (const { value, path } of findSecrets(body)) {
    const text = await valueOf(value, source);
    if (text === undefined) continue;
    values.add(text).add(Buffer.from(text).toString('base64'));
    // A value of a secret volume that stands there itself is in base64.
    if (typeof value === 'string' && path.includes('.secret.'))
      values.add(Buffer.from(text, 'base64').toString('utf8'));
  }
  return [...values];
}

async function valueOf(value: Json, source: SecretSource): Promise<string | undefined> {
  if (typeof value === 'string') return value;
  const reference = asSecretReference(value);
  try {
    return reference === undefined ? undefined : await readSecret(reference, source);
  } catch (error) {
    if (error instanceof StalledError) return undefined;
    throw error;
  }
}
