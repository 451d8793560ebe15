/**
 * Annotations by which a Secret says where its values are, so that none stands in the file:
 * `viridian/secret.KEY` for a key of its data, `viridian/password.SERVER` for the password of a registry. Their value is
 * `env:NAME`, `file:PATH`, or `keyVault:` and the address of a secret of Azure Key Vault.
 */
import type { Fields } from './kubernetes-fields.ts';

/** A reference to one secret, as JSON. */
export type NamedSecret =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly keyVault: { readonly vault: string; readonly secret: string; readonly version?: string } };

const PREFIX = 'viridian/';
const VAULT_SECRET = /^(https:\/\/[a-z0-9.-]+)\/secrets\/([0-9A-Za-z-]+)(?:\/([0-9A-Za-z]+))?$/i;

export interface References {
  readonly secrets: ReadonlyMap<string, { readonly reference: NamedSecret; readonly at: number }>;
  readonly passwords: ReadonlyMap<string, NamedSecret>;
}

export function readReferences(metadata: Fields, kind: string): References {
  const secrets = new Map<string, { reference: NamedSecret; at: number }>();
  const passwords = new Map<string, NamedSecret>();
  const annotations = metadata.object('annotations', undefined);
  for (const key of annotations?.keys ?? []) {
    if (annotations === undefined || !key.startsWith(PREFIX)) continue;
    const [, what, name] = /^(secret|password)\.(.+)$/.exec(key.slice(PREFIX.length)) ?? [];
    if (kind !== 'Secret' || what === undefined || name === undefined) {
      refuseAnnotation(annotations, key, kind);
      continue;
    }
    const reference = referenceOf(key, annotations);
    if (reference === undefined) continue;
    if (what === 'secret') secrets.set(name, { reference, at: annotations.placeOf(key) });
    // A colon cannot stand in the name of an annotation, an underscore in no name of a host.
    else passwords.set(name.replace('_', ':'), reference);
  }
  return { secrets, passwords };
}

function refuseAnnotation(annotations: Fields, key: string, kind: string): void {
  const hint = 'a Secret takes viridian/secret.KEY and viridian/password.SERVER';
  annotations.report.refuse(annotations.keyPlaceOf(key), `unknown annotation "${key}" of a ${kind}`, hint);
}

function referenceOf(key: string, annotations: Fields): NamedSecret | undefined {
  const raw = annotations.raw(key);
  const value = raw?.kind === 'scalar' && typeof raw.value === 'string' ? raw.value : '';
  const [, way, rest] = /^(env|file|keyVault):(.+)$/s.exec(value) ?? [];
  if (way === 'env' && rest !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)) return { env: rest };
  if (way === 'file' && rest !== undefined && rest.trim() !== '') return { file: rest };
  const [, vault, secret, version] = way === 'keyVault' ? (VAULT_SECRET.exec(rest ?? '') ?? []) : [];
  if (vault !== undefined && secret !== undefined)
    return { keyVault: { vault, secret, ...(version === undefined ? {} : { version }) } };
  // It may be the secret itself, put in the wrong place.
  annotations.report.refuse(
    annotations.placeOf(key),
    `${key}: expected a reference to a secret`,
    'write env:NAME, file:PATH, or keyVault:https://NAME.vault.azure.net/secrets/SECRET',
  );
  return undefined;
}

/** Annotations under `viridian/` belong to Secrets: elsewhere they would do nothing. */
export function refuseOwnAnnotations(annotations: Fields | undefined, kind: string): void {
  for (const key of annotations?.keys ?? [])
    if (annotations !== undefined && key.startsWith(PREFIX)) refuseAnnotation(annotations, key, kind);
}
