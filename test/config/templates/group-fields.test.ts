/** The list of fields that the docs and the warnings are made from, held to the public specification. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fieldTable } from '../../../src/config/templates/field-table.ts';
import { TESTED_PATHS } from '../../../src/config/templates/field-tests.ts';
import { GROUP_FIELDS } from '../../../src/config/templates/group-fields.ts';
import { asRecord } from '../../../src/simulator/http.ts';
import { Documents, hasDocuments } from '../../contract/documents.ts';

interface Found {
  readonly path: string;
  readonly kind: string;
  readonly values?: unknown;
}

type Raw = Readonly<Record<string, unknown>>;

/** Every field that can be written, as the specification has them. */
function* fieldsIn(documents: Documents, given: Raw, path: string): Generator<Found> {
  const raw = resolved(documents, given);
  for (const part of Array.isArray(raw['allOf']) ? raw['allOf'] : [])
    yield* fieldsIn(documents, asRecord(part) ?? {}, path);
  for (const [key, value] of Object.entries(asRecord(raw['properties']) ?? {})) {
    const property = resolved(documents, asRecord(value) ?? {});
    if (property['readOnly'] !== true) yield* fieldAt(documents, property, path === '' ? key : `${path}.${key}`);
  }
  const named = asRecord(raw['additionalProperties']);
  if (named !== undefined) yield* fieldAt(documents, resolved(documents, named), `${path}.NAME`);
}

function* fieldAt(documents: Documents, property: Raw, path: string): Generator<Found> {
  const items = resolved(documents, asRecord(property['items']) ?? {});
  const kind = kindOf(property, items);
  yield { path, kind, ...(property['enum'] === undefined ? {} : { values: property['enum'] }) };
  if (kind === 'list') yield* fieldsIn(documents, items, `${path}[]`);
  else if (kind !== 'texts') yield* fieldsIn(documents, property, path);
}

function kindOf(property: Raw, items: Raw): string {
  if (property['additionalProperties'] !== undefined) return 'map';
  switch (property['type']) {
    case 'array':
      return items['type'] === 'string' ? 'texts' : 'list';
    case 'integer':
      return 'whole';
    case 'string':
      return 'text';
    default:
      return typeof property['type'] === 'string' ? property['type'] : 'object';
  }
}

function resolved(documents: Documents, raw: Raw): Raw {
  const ref = raw['$ref'];
  return typeof ref === 'string'
    ? { ...resolved(documents, documents.resolve(ref, documents.entry).raw), ...raw }
    : raw;
}

const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);

describe('the fields of a container group', () => {
  test.skipIf(!hasDocuments())('are those of the specification, with its kinds and values', () => {
    const documents = new Documents('groups');
    const definition = documents.resolve('#/definitions/ContainerGroup', documents.entry).raw;
    const specified = [...fieldsIn(documents, definition, '')].sort(byPath);
    const listed = GROUP_FIELDS.map(({ path, kind, values }) => ({
      path,
      kind,
      ...(values === undefined ? {} : { values }),
    })).sort(byPath);
    expect(specified.length).toBeGreaterThan(150);
    expect(listed).toEqual(specified);
  });

  test('are each listed once, and the tests are told of fields that there are', () => {
    const paths = GROUP_FIELDS.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(TESTED_PATHS.filter((path) => !paths.includes(path))).toEqual([]);
  });

  test('are in docs/templates.md as they are here', () => {
    const doc = readFileSync('docs/templates.md', 'utf8');
    const written = doc.split('<!-- fields -->')[1]?.split('<!-- /fields -->')[0] ?? '';
    expect(written.trim()).toBe(fieldTable().trim());
  });
});
