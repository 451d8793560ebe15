/**
 * The keys and certificates whose signatures count, read once with the config: what the daemon trusts does not change under
 * it. What is no public key or certificate, or of a kind that no signature can be checked with, is a problem of the config.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { ConfigProblem } from '../model/errors.ts';
import type { TrustedPem, Verification } from '../model/app.ts';
import type { AppConfig } from './schema.ts';
import { LARGEST_BYTES } from './text-file.ts';
import type { TextFiles } from './text-file.ts';
import type { Path, YamlFile } from './yaml-file.ts';

type VerifyConfig = NonNullable<AppConfig['images'][number]['verify']>;
type Label = 'PUBLIC KEY' | 'CERTIFICATE';

export interface TrustedFiles {
  /** By label and name of the file. */
  readonly pems: ReadonlyMap<string, readonly TrustedPem[]>;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly string[];
}

const MOST_BLOCKS = 100;
const LEAST_RSA_BITS = 2048;

/** `apps` with their index in the file. */
export function readTrusted(
  apps: readonly (readonly [number, AppConfig])[],
  yaml: YamlFile,
  files: TextFiles,
): TrustedFiles {
  const pems = new Map<string, readonly TrustedPem[]>();
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  for (const { name, label, path } of apps.flatMap(([index, app]) => namedFiles(app, index))) {
    try {
      const read = readPems(textOf(yaml, name, files), name, label);
      pems.set(keyOf(label, name), read);
      if (label === 'CERTIFICATE') warnings.push(...read.flatMap((one) => expiryWarning(one)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push(yaml.problem(path, `${path.at(-2)}: ${message}`));
    }
  }
  return { pems, problems, warnings };
}

export function toVerification({ cosign, notation }: VerifyConfig, { pems }: TrustedFiles): Verification {
  const of = (label: Label, names: readonly string[] = []) =>
    names.flatMap((name) => pems.get(keyOf(label, name)) ?? []);
  if (cosign === undefined) return { kind: 'notation', certificates: of('CERTIFICATE', notation?.certificates) };
  return { kind: 'cosign', keys: of('PUBLIC KEY', cosign.keys), reference: cosign.reference };
}

function namedFiles(app: AppConfig, index: number): { name: string; label: Label; path: Path }[] {
  return app.images.flatMap(({ verify }, number) => {
    const at = (...path: Path) => ['apps', index, 'images', number, 'verify', ...path];
    const keys = verify?.cosign?.keys ?? [];
    const certificates = verify?.notation?.certificates ?? [];
    return [
      ...keys.map((name, i) => ({ name, label: 'PUBLIC KEY' as const, path: at('cosign', 'keys', i) })),
      ...certificates.map((name, i) => ({
        name,
        label: 'CERTIFICATE' as const,
        path: at('notation', 'certificates', i),
      })),
    ];
  });
}

function readPems(text: string, name: string, label: Label): readonly TrustedPem[] {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)];
  const other = blocks.map(([, found]) => found).find((found) => found !== label);
  if (other !== undefined) throw new Error(`${name} has a ${other}; expected a ${label} in PEM and nothing else`);
  if (blocks.length === 0) throw new Error(`${name} is not PEM; expected -----BEGIN ${label}-----`);
  if (blocks.length > MOST_BLOCKS)
    throw new Error(`${name} has ${blocks.length} of them, at most ${MOST_BLOCKS} are read`);
  return blocks.map(([pem]) => {
    if (label === 'PUBLIC KEY') checkKey(pem, name);
    else readCertificate(pem, name);
    return { file: name, pem };
  });
}

function textOf(yaml: YamlFile, name: string, files: TextFiles): string {
  const found = files.look(resolve(dirname(resolve(yaml.file)), name));
  switch (found.kind) {
    case 'text':
      return found.text;
    case 'unreadable':
      throw new Error(`${name} cannot be read (${found.code}); expected a PEM file beside the config`);
    case 'notText':
      throw new Error(`${name} is not PEM: ${found.message}`);
    case 'tooLarge':
      throw new Error(`${name} is larger than ${LARGEST_BYTES} bytes`);
  }
}

function checkKey(pem: string, name: string): void {
  const key = parsed(() => createPublicKey(pem), `${name} is no public key that can be read`);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= LEAST_RSA_BITS) return;
  const got = [type, details?.namedCurve ?? details?.modulusLength].filter((part) => part !== undefined).join(' ');
  throw new Error(
    `${name}: expected a key of ECDSA P-256, RSA of at least ${LEAST_RSA_BITS} bits or Ed25519, got ${got}`,
  );
}

function readCertificate(pem: string, name: string): X509Certificate {
  return parsed(() => new X509Certificate(pem), `${name} is no certificate that can be read`);
}

function expiryWarning({ file, pem }: TrustedPem): string[] {
  const { subject, validTo } = readCertificate(pem, file);
  if (Date.parse(validTo) > Date.now()) return [];
  return [
    `${file}: the certificate ${subject.replaceAll('\n', ', ')} expired at ${validTo}: no signature under it counts`,
  ];
}

function parsed<T>(read: () => T, message: string): T {
  try {
    return read();
  } catch (error) {
    throw new Error(message, { cause: error });
  }
}

function keyOf(label: Label, name: string): string {
  return `${label} ${name}`;
}
