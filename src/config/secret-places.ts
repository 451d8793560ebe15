/** The places of a container group that ACI treats as secrets, and replacing what stands there. Pure. */
import type { Json, JsonObject, SecretReference, VaultSecret } from '../model/app.ts';
import { asObject } from './json.ts';

export interface SecretPlace {
  /** For people: `properties.containers[0].properties.environmentVariables[1].secureValue`. */
  readonly path: string;
  readonly value: Json;
}

/** Elsewhere, such as among the metadata of a log workspace, a key by the same name is plain for all to read. */
const SECRET_PATHS = [
  /(^|\.)environmentvariables\[\d+\]\.securevalue$/,
  /(^|\.)imageregistrycredentials\[\d+\]\.password$/,
  /(^|\.)volumes\[\d+\]\.azurefile\.storageaccountkey$/,
  /(^|\.)diagnostics\.loganalytics\.workspacekey$/,
];
const PROTECTED = /(^|\.)extensions\[\d+\]\.properties\.protectedsettings$/;
const SECRET_VOLUME = /(^|\.)volumes\[\d+\]\.secret$/;

export function findSecrets(document: JsonObject): readonly SecretPlace[] {
  const found: SecretPlace[] = [];
  mapSecrets(document, (value, path) => {
    found.push({ path, value });
    return value;
  });
  return found;
}

/** A copy with every secret replaced; the values of secret volumes count, each file of theirs by itself. */
export function mapSecrets(document: JsonObject, replace: (value: Json, path: string) => Json): JsonObject {
  return mapObject(document, { path: '', isSecretVolume: false, replace });
}

interface Walk {
  readonly path: string;
  readonly isSecretVolume: boolean;
  readonly replace: (value: Json, path: string) => Json;
}

function mapObject(object: JsonObject, walk: Walk): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      const path = walk.path === '' ? key : `${walk.path}.${key}`;
      if (value === undefined) return [key, value];
      const place = path.toLowerCase();
      if (walk.isSecretVolume || SECRET_PATHS.some((one) => one.test(place))) return [key, walk.replace(value, path)];
      // Each file of a secret volume by itself, and each protected setting of an extension.
      const isSecretVolume = SECRET_VOLUME.test(place) || PROTECTED.test(place);
      return [key, mapValue(value, { ...walk, path, isSecretVolume })];
    }),
  );
}

function mapValue(value: Json, walk: Walk): Json {
  if (Array.isArray(value))
    return value.map((item: Json, index) => mapValue(item, { ...walk, path: `${walk.path}[${index}]` }));
  const object = asObject(value);
  return object === undefined ? value : mapObject(object, walk);
}

/** Deepest that secrets are joined within each other. */
const DEEPEST_JOIN = 4;

/** One of the forms of a reference and nothing else. */
export function asSecretReference(value: Json, depth = 0): SecretReference | undefined {
  const object = asObject(value);
  if (object === undefined || Object.keys(object).length !== 1) return undefined;
  const { env, file, keyVault, join } = object;
  if (typeof env === 'string') return { env };
  if (typeof file === 'string') return { file };
  if (keyVault !== undefined) return asVaultSecret(keyVault);
  if (!Array.isArray(join) || depth >= DEEPEST_JOIN) return undefined;
  const parts = join.map((part: Json) => (typeof part === 'string' ? part : asSecretReference(part, depth + 1)));
  return parts.includes(undefined) ? undefined : { join: parts.filter((part) => part !== undefined) };
}

function asVaultSecret(value: Json): SecretReference | undefined {
  const { vault, secret, version, ...others } = asObject(value) ?? {};
  if (typeof vault !== 'string' || typeof secret !== 'string' || Object.keys(others).length > 0) return undefined;
  if (version !== undefined && typeof version !== 'string') return undefined;
  return { keyVault: { vault, secret, ...(version === undefined ? {} : { version }) } };
}

/** The secrets of key vaults that a reference is, or is joined of. */
export function vaultsWithin(reference: SecretReference | undefined): readonly VaultSecret[] {
  if (reference === undefined) return [];
  if ('keyVault' in reference) return [reference.keyVault];
  if (!('join' in reference)) return [];
  return reference.join.flatMap((part) => (typeof part === 'string' ? [] : vaultsWithin(part)));
}
