/**
 * A container group as Azure reads it: it minds no letter case of keys, takes null as absent, and numbers in quotes as
 * numbers. Examples and exports of az rely on that; all that comes after knows one spelling. What is not known stays as it
 * stands. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asObject } from '../json.ts';
import type { Path } from '../yaml-file.ts';
import { DOCUMENT_KEYS } from './group-fields.ts';
import type { GroupField } from './group-fields.ts';
import { fieldBelow, isChosen, spelled } from './field-tree.ts';
import { isOfAz, memberNamed } from './sent-members.ts';

export interface ReadAs {
  /** In a patch, null takes away. */
  readonly keepsNull: boolean;
}

const WHOLE = /^(?:0|[1-9]\d{0,14})$/;
const NUMBER = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

export function asAzureReads(document: JsonObject, as: ReadAs = { keepsNull: false }): JsonObject {
  return readObject(document, '', as);
}

/** The path by which the author of the file wrote what has this path now. */
export function pathAsWritten(written: Json | undefined, path: Path): Path {
  const found: (string | number)[] = [];
  let known = '';
  let value = written;
  for (const part of path) {
    const object = asObject(value);
    const key = object === undefined ? part : (keyFor(object, known, String(part)) ?? part);
    known = typeof part === 'number' ? `${known}[]` : (fieldBelow(known, part)?.path ?? 'unknown');
    value = object === undefined ? itemOf(value, part) : object[String(key)];
    found.push(key);
  }
  return found;
}

function keyFor(object: JsonObject, known: string, wanted: string): string | undefined {
  return Object.hasOwn(object, wanted)
    ? wanted
    : Object.keys(object).find((key) => nameOf(known, key).toLowerCase() === wanted.toLowerCase());
}

function itemOf(value: Json | undefined, part: string | number): Json | undefined {
  return Array.isArray(value) && typeof part === 'number' ? value[part] : undefined;
}

function readObject(object: JsonObject, known: string, as: ReadAs): JsonObject {
  const read = new Map<string, Json>();
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || (known === '' && isOfAz(key))) continue;
    const name = nameOf(known, key);
    const field = fieldBelow(known, name);
    if (value === null && !as.keepsNull && (known === '' || (field !== undefined && !isChosen(field)))) continue;
    // A second spelling of a key is kept, for the checks to find.
    const isFree = name === key || !(Object.hasOwn(object, name) || read.has(name));
    if (isFree) read.set(name, field === undefined ? value : readValue(value, field, as));
    else read.set(key, value);
  }
  return Object.fromEntries(read);
}

function nameOf(known: string, key: string): string {
  if (known === '') return memberNamed(key) ?? headNamed(key) ?? key;
  // Of az, which has it from its own objects.
  if (known === 'identity' && key.toLowerCase() === 'user_assigned_identities') return 'userAssignedIdentities';
  const field = fieldBelow(known, key);
  return field === undefined ? key : spelled(field, key);
}

function headNamed(key: string): string | undefined {
  return DOCUMENT_KEYS.find((name) => name.toLowerCase() === key.toLowerCase());
}

function readValue(value: Json, field: GroupField, as: ReadAs): Json {
  const object = asObject(value);
  switch (field.kind) {
    case 'object':
    case 'map':
      return object === undefined ? value : readObject(object, field.path, as);
    case 'list':
      return Array.isArray(value) ? value.map((item: Json) => readItem(item, field, as)) : value;
    case 'whole':
      return typeof value === 'string' && WHOLE.test(value) ? Number(value) : value;
    case 'number':
      return typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
    case 'boolean':
      return typeof value === 'string' ? (BOOLEANS.get(value.toLowerCase()) ?? value) : value;
    case 'text':
    case 'texts':
      return value;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

function readItem(item: Json, field: GroupField, as: ReadAs): Json {
  const object = asObject(item);
  return object === undefined ? item : readObject(object, `${field.path}[]`, as);
}
