/**
 * Whether what stands at each known field of a container group is what the API has there: a list, an object, text, one of
 * its values. Azure refuses a group for each. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asObject } from '../json.ts';
import { asSecretReference } from '../secret-places.ts';
import type { Path } from '../yaml-file.ts';
import { fieldBelow, isChosen, spelled } from './field-tree.ts';
import { notOneOf, shown } from './finding.ts';
import type { Finding } from './finding.ts';
import type { FieldKind, GroupField } from './group-fields.ts';

export interface Shapes {
  /** Lists and objects that are none: whoever looks for something in them would tell of it again. */
  readonly outer: readonly Finding[];
  readonly inner: readonly Finding[];
}

interface Shape extends Finding {
  readonly isOuter?: true;
}

const EXPECTED: Readonly<Record<FieldKind, string>> = {
  text: 'text',
  whole: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  map: 'an object',
  list: 'a list',
  texts: 'a list of texts',
};
const MOST = 50;

export function checkShapes(document: JsonObject): Shapes {
  const found: Shape[] = [];
  for (const shape of inObject(document, '', [])) if (found.push(shape) === MOST) break;
  return {
    outer: found.filter(({ isOuter }) => isOuter === true),
    inner: found.filter(({ isOuter }) => isOuter !== true),
  };
}

function* inObject(object: JsonObject, known: string, path: Path): Generator<Shape> {
  for (const [key, value] of Object.entries(object)) {
    const field = fieldBelow(known, key);
    if (field === undefined || value === undefined) continue;
    const here = [...path, key];
    const name = spelled(field, key);
    if (name !== key) yield { path: here, message: `${key} is ${name}, which is there, too; expected one of them` };
    else if (value !== null || isChosen(field)) yield* atField(value, field, here);
  }
}

function* atField(value: Json, field: GroupField, path: Path): Generator<Shape> {
  const object = asObject(value);
  switch (field.kind) {
    case 'object':
    case 'map':
      return yield* object === undefined ? [outer(value, field, path)] : inObject(object, field.path, path);
    case 'list':
      return yield* Array.isArray(value) ? inItems(value, field, path) : [outer(value, field, path)];
    case 'texts':
      return yield* isTexts(value) ? [] : [inner(value, field, path)];
    case 'text':
      return yield* ofText(value, field, path);
    case 'whole':
      return yield* Number.isSafeInteger(value) ? [] : [inner(value, field, path)];
    case 'number':
    case 'boolean':
      return yield* typeof value === field.kind ? [] : [inner(value, field, path)];
  }
}

function* inItems(items: readonly Json[], field: GroupField, path: Path): Generator<Shape> {
  for (const [index, item] of items.entries()) {
    const object = asObject(item);
    const here = [...path, index];
    if (object !== undefined) yield* inObject(object, `${field.path}[]`, here);
    else yield { path: here, message: `${nameOf(path)}: expected an object, got ${kindOf(item)}`, isOuter: true };
  }
}

function ofText(value: Json, field: GroupField, path: Path): readonly Shape[] {
  // A reference to a secret where none may be is told elsewhere, and so is all that is wrong at a secret.
  if (field.isSecret === true || asSecretReference(value) !== undefined) return [];
  // Azure minds no spaces between several: `SystemAssigned,UserAssigned`.
  const plain = typeof value === 'string' ? value.replace(/,\s*/, ', ') : value;
  if (field.values !== undefined) return notOneOf(plain, field.values, { path });
  return typeof value === 'object' ? [inner(value, field, path)] : [];
}

function isTexts(value: Json): boolean {
  return Array.isArray(value) && value.every((item: Json) => typeof item === 'string');
}

/** What stands there is not repeated: it may be a secret. */
function outer(value: Json, field: GroupField, path: Path): Shape {
  const message = `${nameOf(path)}: expected ${EXPECTED[field.kind]}, got ${kindOf(value)}`;
  const isNamed = field.kind === 'list' && asObject(value) !== undefined && fieldBelow(`${field.path}[]`, 'name');
  return { path, message, isOuter: true, ...(isNamed ? { hint: 'write each as an item of its own: - name: …' } : {}) };
}

function inner(value: Json, { kind }: GroupField, path: Path): Shape {
  const got = typeof value === 'object' ? kindOf(value) : shown(value);
  return { path, message: `${nameOf(path)}: expected ${EXPECTED[kind]}, got ${got}` };
}

function nameOf(path: Path): string {
  return String(path.findLast((part) => typeof part === 'string'));
}

function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
