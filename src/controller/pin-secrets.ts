/**
 * Where the versions of secrets count: the app with the newest version written to each reference to a key vault that names
 * none, so that a release is of these versions, and the way back to it too. Pure.
 */
import { asSecretReference, findSecrets, mapSecrets, vaultsWithin } from '../config/secret-places.ts';
import type {
  App,
  GroupTemplate,
  Json,
  JsonObject,
  SecretReference,
  SecretVersions,
  VaultSecret,
} from '../model/app.ts';
import { shortHash } from '../model/release.ts';

/** What is known of the newest version of one secret. */
export interface NewestVersion {
  /** As last seen. */
  readonly version: string | undefined;
  /** Why it cannot be told whether that is the newest still. */
  readonly unknown: { readonly reason: string; readonly stalled: boolean } | undefined;
}

export type FindVersion = (secret: VaultSecret) => NewestVersion;

/** The same app where versions do not count, or are pinned already. */
export function pinApp(app: App, find: FindVersion): App {
  if (app.secretVersions === undefined || app.template.versions !== undefined) return app;
  return { ...app, template: pinTemplate(app.template, find) };
}

function pinTemplate(template: GroupTemplate, find: FindVersion): GroupTemplate {
  const secrets = followed(template.document);
  const found = secrets.map((secret) => ({ secret, newest: find(secret) }));
  const unknown = found.map(({ newest }) => newest.unknown).find((one) => one !== undefined);
  const versions: SecretVersions = unknown === undefined ? { kind: 'known' } : { kind: 'unknown', ...unknown };
  const known = new Map(
    found.flatMap(({ secret, newest }) => (newest.version === undefined ? [] : [[keyOf(secret), newest.version]])),
  );
  if (known.size < secrets.length || known.size === 0) return { ...template, versions };
  const document = mapSecrets(template.document, (value) => pinValue(value, known));
  const parts = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map((pair) => pair.join('='));
  return { ...template, document, hash: shortHash([template.hash, ...parts].join('\n'), 16), versions };
}

/** Each secret that the template refers to without a version, once. */
export function followed(document: JsonObject): readonly VaultSecret[] {
  const all = vaultSecrets(document).filter(({ version }) => version === undefined);
  return [...new Map(all.map((secret) => [keyOf(secret), secret])).values()];
}

/** What is new in a template beside the one before, for people. */
export function versionNews(before: JsonObject | undefined, after: JsonObject): readonly string[] {
  if (before === undefined) return [];
  const old = new Map(vaultSecrets(before).map((secret) => [keyOf(secret), secret.version]));
  const news = vaultSecrets(after).flatMap((secret) => {
    const had = old.get(keyOf(secret));
    if (had === undefined || secret.version === undefined || had === secret.version) return [];
    return [`secret ${secret.secret} of ${secret.vault} has a new version, ${secret.version}`];
  });
  return [...new Set(news)];
}

export function keyOf({ vault, secret }: VaultSecret): string {
  return `${vault.replace(/\/+$/, '')}/secrets/${secret}`.toLowerCase();
}

function vaultSecrets(document: JsonObject): readonly VaultSecret[] {
  return findSecrets(document).flatMap(({ value }) => vaultsWithin(asSecretReference(value)));
}

function pinValue(value: Json, known: ReadonlyMap<string, string>): Json {
  const reference = asSecretReference(value);
  return reference === undefined ? value : toJson(reference, known);
}

function toJson(reference: SecretReference, known: ReadonlyMap<string, string>): Json {
  if ('env' in reference) return { env: reference.env };
  if ('file' in reference) return { file: reference.file };
  if ('join' in reference)
    return { join: reference.join.map((part) => (typeof part === 'string' ? part : toJson(part, known))) };
  const { vault, secret, version = known.get(keyOf(reference.keyVault)) } = reference.keyVault;
  return { keyVault: { vault, secret, ...(version === undefined ? {} : { version }) } };
}
