/** Reads secrets at the moment that they are needed. A value is never kept, logged, or part of a message. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Json, JsonObject, SecretReference } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { asSecretReference, findSecrets, mapSecrets } from './secret-places.ts';

export interface SecretSource {
  /** Folder that relative paths count from. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Throws StalledError naming the reference. One line break at the end of a file is not part of the secret. */
export async function readSecret(reference: SecretReference, source: SecretSource): Promise<string> {
  if ('env' in reference) {
    const value = source.env[reference.env];
    if (value !== undefined && value !== '') return value;
    throw new StalledError(`secret {env: ${reference.env}} is not set in the daemon's environment; set it`);
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
