/**
 * The ConfigMaps and Secrets of a file, and what their keys hold: bytes that stand there, or a reference that an annotation
 * `viridian/secret.KEY` puts in their place. What a Secret holds is never part of a message.
 */
import { nearMatch } from '../near-match.ts';
import { Fields, leftOut, used } from './kubernetes-fields.ts';
import type { Report, Shape, Text } from './kubernetes-fields.ts';
import type { ManifestObject } from './kubernetes-objects.ts';
import { readReferences } from './kubernetes-references.ts';
import type { NamedSecret } from './kubernetes-references.ts';

export type HolderKind = 'ConfigMap' | 'Secret';

export type Held =
  /** `text` undefined: the bytes are none. */
  | { readonly kind: 'bytes'; readonly base64: string; readonly text: string | undefined; readonly at: number }
  | { readonly kind: 'reference'; readonly reference: NamedSecret; readonly at: number };

export interface Holder {
  readonly kind: HolderKind;
  readonly name: string;
  readonly at: number;
  readonly type: string | undefined;
  readonly values: ReadonlyMap<string, Held>;
  /** Of registries, by server; they take the place of those in a docker config. */
  readonly passwords: ReadonlyMap<string, NamedSecret>;
}

const HEAD: Shape = { apiVersion: used, kind: used, metadata: used, immutable: leftOut };
const CONFIG_MAP_SHAPE: Shape = { ...HEAD, data: used, binaryData: used };
const SECRET_SHAPE: Shape = { ...HEAD, data: used, stringData: used, type: used };
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

export class Holders {
  readonly #held: readonly (Holder & { readonly namespace: string })[];
  readonly #namespace: string;
  readonly #report: Report;
  /** Keys that are used as they stand in the file, by Secret. */
  readonly #open = new Map<Holder, Set<string>>();

  constructor(objects: readonly ManifestObject[], namespace: string, report: Report) {
    this.#namespace = namespace;
    this.#report = report;
    this.#held = objects.flatMap((object) => holderOf(object, report) ?? []);
  }

  /** A problem where it is not there, unless that is allowed. */
  find(kind: HolderKind, name: Text, isOptional: boolean): Holder | undefined {
    const same = this.#held.filter((holder) => holder.kind === kind);
    const found = same.find((holder) => holder.name === name.value && holder.namespace === this.#namespace);
    if (found !== undefined || isOptional) return found;
    const elsewhere = same.find((holder) => holder.name === name.value);
    const near = nearMatch(
      name.value,
      same.map((holder) => holder.name),
    );
    const hint =
      elsewhere !== undefined
        ? `there is one in the namespace "${elsewhere.namespace}"; a pod sees those of its own, "${this.#namespace}"`
        : near !== undefined
          ? `did you mean "${near}"?`
          : `add the ${kind} to this file, its secrets by annotations viridian/secret.KEY`;
    this.#report.refuse(name.at, `${kind} "${name.value}" is not in this file`, hint);
    return undefined;
  }

  /** What a key holds. A problem where it is not there, unless that is allowed. */
  value(holder: Holder, key: Text, isOptional: boolean): Held | undefined {
    const held = holder.values.get(key.value);
    if (held !== undefined) {
      this.use(holder, key.value);
      return held;
    }
    if (isOptional) return undefined;
    const near = nearMatch(key.value, [...holder.values.keys()]);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    this.#report.refuse(key.at, `${holder.kind} "${holder.name}" has no key "${key.value}"`, hint);
    return undefined;
  }

  /** Has the end of the file warned about it, where it is a secret that stands there in plain text. */
  use(holder: Holder, key: string): void {
    if (holder.kind !== 'Secret' || holder.values.get(key)?.kind !== 'bytes') return;
    this.#open.set(holder, (this.#open.get(holder) ?? new Set()).add(key));
  }

  /** One for each Secret. */
  warnOfOpenSecrets(): void {
    for (const [{ name, at }, keys] of this.#open) {
      const shown = [...keys].slice(0, 10).join(', ');
      const [first = 'KEY'] = keys;
      const way = first.startsWith('.dockerc') ? 'password.SERVER' : `secret.${first}`;
      const hint = `refer to it by annotations, such as viridian/${way}: env:NAME`;
      this.#report.warn(at, `Secret "${name}" stands in plain text in this file (${shown}); ${hint}`);
    }
  }
}

function holderOf(object: ManifestObject, report: Report): (Holder & { readonly namespace: string }) | undefined {
  const { kind, name, namespace, at } = object;
  if (kind !== 'ConfigMap' && kind !== 'Secret') return undefined;
  const fields = Fields.of(object.value, kind === 'Secret' ? SECRET_SHAPE : CONFIG_MAP_SHAPE, { path: '', report });
  if (fields === undefined) return undefined;
  const values = new Map<string, Held>();
  for (const part of kind === 'Secret' ? ['data', 'stringData'] : ['data', 'binaryData']) {
    const isBase64 = part === 'binaryData' || (kind === 'Secret' && part === 'data');
    readPart(fields, part, isBase64, values);
  }
  const { secrets, passwords } = readReferences(object.metadata, kind);
  for (const [key, { reference, at }] of secrets) values.set(key, { kind: 'reference', reference, at });
  const type = fields.text('type')?.value;
  if (passwords.size > 0 && type?.startsWith('kubernetes.io/dockerc') !== true)
    report.refuse(at, `Secret "${name}": viridian/password.SERVER belongs to a docker config`);
  return { kind, name, namespace, at, type, values, passwords };
}

function readPart(fields: Fields, name: string, isBase64: boolean, values: Map<string, Held>): void {
  const isMap = fields.raw(name)?.kind === 'map';
  // What stands there in place of a mapping may be a secret.
  if (fields.has(name) && !isMap)
    fields.report.refuse(fields.placeOf(name), `${name}: expected a mapping (key: value)`);
  const part = isMap ? fields.object(name, undefined) : undefined;
  for (const key of part?.keys ?? []) {
    if (part === undefined) return;
    const path = part.pathOf(key);
    if (!KEY.test(key) || /^\.\.?$|^\.\./.test(key)) {
      const rule = 'letters, digits, "-", "_" and ".", at most 253';
      part.report.refuse(part.keyPlaceOf(key), `${part.path}: a key is made of ${rule}, got "${key.slice(0, 60)}"`);
    }
    const at = part.placeOf(key);
    const raw = part.raw(key);
    const text =
      raw === undefined ? '' : raw.kind === 'scalar' && typeof raw.value === 'string' ? raw.value : undefined;
    const refuse = (message: string, hint: string) => part.report.refuse(at, message, hint);
    if (text === undefined) refuse(`${path}: expected a text`, 'put numbers, booleans and the like in quotes');
    else if (isBase64 && !isBase64Text(text))
      refuse(`${path}: not base64`, 'plain text goes in `stringData` of a Secret or `data` of a ConfigMap');
    else values.set(key, { kind: 'bytes', at, ...(isBase64 ? fromBase64(text) : { text, base64: toBase64(text) }) });
  }
}

function isBase64Text(text: string): boolean {
  const packed = text.replaceAll(/[\r\n]/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
}

function fromBase64(packed: string): { base64: string; text: string | undefined } {
  const base64 = packed.replaceAll(/[\r\n]/g, '');
  return { base64, text: textOfBytes(base64) };
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Undefined where the bytes are no text. */
export function textOfBytes(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
