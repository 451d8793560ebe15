/**
 * Values while an ARM template is evaluated: JSON, and secrets that are passed on without being looked into. Every value
 * that is made is weighed, so that a small template cannot grow into a huge document.
 */
import type { Json, SecretReference } from '../../model/app.ts';
import { ArmFault } from './arm-fault.ts';

export type ArmValue = string | number | boolean | null | ArmSecret | readonly ArmValue[] | ArmObject;
export interface ArmObject {
  readonly [key: string]: ArmValue;
}

export const NOTHING: null = JSON.parse('null');

/** The value of a secure parameter, or a text around such values. */
export class ArmSecret {
  /** Texts in clear beside references; texts alone where the value itself was given. */
  readonly parts: readonly (string | SecretReference)[];
  /** Of the parameters that it is made of, for messages. */
  readonly names: readonly string[];
  /** To be written in base64, as the files of secret volumes are. */
  readonly isBase64: boolean;

  constructor(parts: readonly (string | SecretReference)[], names: readonly string[], isBase64 = false) {
    this.parts = parts;
    this.names = names;
    this.isBase64 = isBase64;
  }

  get shown(): string {
    return this.names.map((name) => `"${name}"`).join(' and ');
  }

  /** What stands in the document in its place. */
  toJson(): Json {
    const [only] = this.parts;
    if (this.parts.length === 1 && only !== undefined) return partToJson(only);
    const texts = this.parts.filter((part) => typeof part === 'string');
    return texts.length === this.parts.length ? texts.join('') : { join: joined(this.parts) };
  }
}

/** Texts that follow each other are one. */
function joined(parts: readonly (string | SecretReference)[]): Json[] {
  const list: Json[] = [];
  for (const part of parts) {
    const last = list.at(-1);
    if (typeof part === 'string' && typeof last === 'string') list.splice(-1, 1, last + part);
    else if (part !== '') list.push(partToJson(part));
  }
  return list;
}

function partToJson(part: string | SecretReference): Json {
  if (typeof part === 'string') return part;
  if ('keyVault' in part) return { keyVault: { ...part.keyVault } };
  return 'join' in part ? { join: part.join.map(partToJson) } : { ...part };
}

export function isList(value: ArmValue): value is readonly ArmValue[] {
  return Array.isArray(value);
}

export function isObject(value: ArmValue): value is ArmObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ArmSecret);
}

/** As messages call it. */
export function kindOf(value: ArmValue): string {
  if (value === null) return 'null';
  if (value instanceof ArmSecret) return 'a secret';
  if (isList(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an int' : 'a float';
  if (typeof value === 'string') return 'a string';
  return typeof value === 'boolean' ? 'a bool' : 'an object';
}

/** Keys of objects are found in any letter case, the exact one first. */
export function memberOf(object: ArmObject, key: string): ArmValue | undefined {
  if (Object.hasOwn(object, key)) return object[key];
  const found = Object.keys(object).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : object[found];
}

/** Two secrets are never compared. */
export function isSame(a: ArmValue, b: ArmValue): boolean {
  if (a instanceof ArmSecret || b instanceof ArmSecret)
    throw new ArmFault('a secret cannot be compared: its value is not known here');
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index] ?? NOTHING));
  if (!isObject(a)) return a === b;
  if (!isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key] ?? NOTHING, b[key] ?? NOTHING))
  );
}

/** As functions put values into texts. */
export function toText(value: ArmValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(plain(value));
}

/** Throws where a secret is in it. */
export function plain(value: ArmValue): Json {
  if (value instanceof ArmSecret)
    throw new ArmFault(`the secret ${value.shown} cannot become part of another text here`, {
      hint: 'a secret is passed on whole, or put into a text by concat or format',
    });
  if (isList(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

export function fromJson(value: Json): ArmValue {
  if (Array.isArray(value)) return value.map((item: Json) => fromJson(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, fromJson(item)]])),
  );
}

const HEAVIEST = 1024 * 1024;
const HEAVIEST_TOGETHER = 16 * HEAVIEST;
const DEEPEST = 64;

/** Counts characters and items of all that is made while one template is read. */
export class ArmScale {
  #together = 0;
  readonly #known = new WeakMap<object, { readonly weight: number; readonly depth: number }>();

  /** Throws where it is too much. */
  weigh<Value extends ArmValue>(value: Value): Value {
    const { weight, depth } = this.#measure(value);
    this.#together += weight;
    if (weight > HEAVIEST) throw new ArmFault(`the result is larger than ${HEAVIEST} characters`);
    if (this.#together > HEAVIEST_TOGETHER)
      throw new ArmFault(`the template makes values of more than ${HEAVIEST_TOGETHER} characters in all`);
    if (depth > DEEPEST) throw new ArmFault(`the result is nested deeper than ${DEEPEST} levels`);
    return value;
  }

  #measure(value: ArmValue): { readonly weight: number; readonly depth: number } {
    if (typeof value === 'string') return { weight: value.length + 1, depth: 0 };
    if (typeof value !== 'object' || value === null) return { weight: 1, depth: 0 };
    if (value instanceof ArmSecret) return { weight: value.parts.length + 1, depth: 0 };
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    let weight = 1;
    let depth = 0;
    for (const [key, item] of Object.entries(value)) {
      const inner = this.#measure(item);
      weight += inner.weight + key.length;
      depth = Math.max(depth, inner.depth);
    }
    const measured = { weight, depth: depth + 1 };
    this.#known.set(value, measured);
    return measured;
  }
}
