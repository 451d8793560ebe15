/**
 * Swagger 2.0 schemas as JSON Schema. Objects are closed, so that a key which the specification does not declare is
 * seen; enums that the specification calls open (`modelAsString`) take any text; discriminators and readOnly are left out.
 */
import { asArray, asRecord } from '../../src/simulator/http.ts';

export type Raw = Readonly<Record<string, unknown>>;

export interface Source {
  /** Every file, by the id that references are relative to. */
  readonly files: ReadonlyMap<string, Raw>;
  resolve(ref: string, from: string): { readonly raw: Raw; readonly file: string };
}

const SAME = new Set([
  'type',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
]);

/** The schema `given` of the file `from`; its references become absolute. */
export function toJsonSchema(given: unknown, from: string, source: Source): Record<string, unknown> {
  const raw = asRecord(given) ?? {};
  const schema =
    typeof raw['$ref'] === 'string' ? { $ref: new URL(raw['$ref'], from).href } : ownSchema(raw, from, source);
  return raw['x-nullable'] === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** One schema per file with all its definitions, under the ids that toJsonSchema refers to. */
export function definitionSchemas(source: Source): Record<string, unknown>[] {
  return [...source.files].map(([file, document]) => {
    const definitions = asRecord(document['definitions']) ?? {};
    const converted = Object.entries(definitions).map(([name, raw]) => [name, toJsonSchema(raw, file, source)]);
    return { $id: file, definitions: Object.fromEntries(converted) };
  });
}

function ownSchema(raw: Raw, from: string, source: Source): Record<string, unknown> {
  const isOpenEnum = asRecord(raw['x-ms-enum'])?.['modelAsString'] === true;
  return {
    ...Object.fromEntries(Object.entries(raw).filter(([key]) => SAME.has(key))),
    ...(raw['enum'] === undefined || isOpenEnum ? {} : { enum: raw['enum'] }),
    ...(raw['items'] === undefined ? {} : { items: toJsonSchema(raw['items'], from, source) }),
    ...objectSchema(raw, from, source),
  };
}

function objectSchema(raw: Raw, from: string, source: Source): Record<string, unknown> {
  const { properties, required, isObject } = gather(raw, from, source);
  const more = raw['additionalProperties'];
  const values = typeof more === 'object' ? toJsonSchema(more, from, source) : more;
  if (!isObject) return values === undefined ? {} : { additionalProperties: values };
  return { type: 'object', properties, required, additionalProperties: values ?? false };
}

interface Gathered {
  readonly properties: Record<string, unknown>;
  readonly required: readonly unknown[];
  /** False where no properties are declared at all: any object, or no object. */
  readonly isObject: boolean;
}

/** Properties of a schema and of everything that it is made of (`allOf`), wherever that is declared. */
function gather(raw: Raw, from: string, source: Source): Gathered {
  if (typeof raw['$ref'] === 'string') {
    const target = source.resolve(raw['$ref'], from);
    return gather(target.raw, target.file, source);
  }
  const parts = asArray(raw['allOf']).map((part) => gather(asRecord(part) ?? {}, from, source));
  const own = asRecord(raw['properties']);
  const converted = Object.entries(own ?? {}).map(([name, value]) => [name, toJsonSchema(value, from, source)]);
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), Object.fromEntries(converted)),
    required: [...parts.flatMap(({ required }) => required), ...asArray(raw['required'])],
    isObject: own !== undefined || parts.some(({ isObject }) => isObject),
  };
}
