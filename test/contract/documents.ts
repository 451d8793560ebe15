/**
 * The public OpenAPI documents of the three APIs: where they lie, what they hold, with every file that they refer to.
 * They are not part of the project; VIRIDIAN_SPECS names another folder that has `specification/` in it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asArray, asRecord } from '../../src/simulator/http.ts';
import type { Raw } from './json-schema.ts';

const ENTRIES = {
  groups:
    'specification/containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/containerInstance.json',
  traffic: 'specification/trafficmanager/resource-manager/Microsoft.Network/stable/2022-04-01/trafficmanager.json',
  registry:
    'specification/containerregistry/data-plane/Azure.ContainerRegistry/stable/2021-07-01/containerregistry.json',
};

export type Api = keyof typeof ENTRIES;

/** Stands for the folder in the schemas' ids; nothing is ever asked of it. */
const BASE = 'https://specs.invalid/';
export const COMMON_TYPES = `${BASE}specification/common-types/resource-management/v3/types.json`;

const FOLDER = resolve(
  process.env['VIRIDIAN_SPECS'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'azure', 'specs'),
);

/** True where the documents are there; says on the console how to point to them where they are not. */
export function hasDocuments(): boolean {
  if (Object.values(ENTRIES).every((entry) => existsSync(join(FOLDER, entry)))) return true;
  // oxlint-disable-next-line no-console -- a skipped suite must not pass for a green one
  console.warn(
    `Contract tests are skipped: ${FOLDER} has no specification/ with the OpenAPI documents of the public repository Azure/azure-rest-api-specs. Set VIRIDIAN_SPECS to a folder that has them.`,
  );
  return false;
}

export class Documents {
  readonly api: Api;
  readonly entry: string;
  readonly files = new Map<string, Raw>();

  constructor(api: Api) {
    this.api = api;
    this.entry = new URL(ENTRIES[api], BASE).href;
    this.#read(this.entry);
    this.#read(COMMON_TYPES);
  }

  /** The version that clients send as `api-version`. */
  get version(): string {
    return String(asRecord(this.files.get(this.entry)?.['info'])?.['version']);
  }

  /** What a $ref in the file `from` means, and the file that this is in. */
  resolve(ref: string, from: string): { readonly raw: Raw; readonly file: string } {
    const target = new URL(ref, from);
    const file = `${target.origin}${target.pathname}`;
    let found: unknown = this.files.get(file);
    for (const key of decodeURIComponent(target.hash).split('/').slice(1)) found = asRecord(found)?.[key];
    const raw = asRecord(found);
    if (raw === undefined) throw new Error(`${ref} in ${from} leads nowhere`);
    return { raw, file };
  }

  /** Of a file that the entry refers to, such as an example. */
  pathOf(ref: string): string {
    return join(FOLDER, new URL(ref, this.entry).pathname);
  }

  #read(file: string): void {
    if (this.files.has(file)) return;
    const parsed: unknown = JSON.parse(readFileSync(join(FOLDER, new URL(file).pathname), 'utf8'));
    this.files.set(file, asRecord(parsed) ?? {});
    for (const ref of refsIn(parsed)) this.#read(new URL(ref.split('#')[0] ?? '', file).href);
  }
}

/** References to other files; examples are no part of the contract. */
function refsIn(node: unknown): string[] {
  const record = asRecord(node);
  if (record === undefined) return asArray(node).flatMap(refsIn);
  return Object.entries(record).flatMap(([key, value]) => {
    if (key === 'x-ms-examples') return [];
    return key === '$ref' && typeof value === 'string' && !value.startsWith('#') ? [value] : refsIn(value);
  });
}
