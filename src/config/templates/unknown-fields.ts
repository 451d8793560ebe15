/**
 * Keys of a container group that API 2023-05-01 does not have: a typo, or newer than it. They are sent all the same, so
 * each is a warning with the known key nearest to it. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject } from '../json.ts';
import { nearMatch } from '../near-match.ts';
import type { Path } from '../yaml-file.ts';
import type { Finding } from './finding.ts';
import { DOCUMENT_KEYS, GROUP_FIELDS } from './group-fields.ts';
import { memberNamed } from './sent-members.ts';

/** What Azure writes by itself, as an exported group shows it: known, and without effect. */
const WRITTEN_BY_AZURE = [
  'id',
  'identity.principalId',
  'identity.tenantId',
  'identity.userAssignedIdentities.NAME.principalId',
  'identity.userAssignedIdentities.NAME.clientId',
  'properties.provisioningState',
  'properties.instanceView',
  'properties.ipAddress.fqdn',
  'properties.containers[].properties.instanceView',
  'properties.initContainers[].properties.instanceView',
];

/** Whatever stands below them is the author's. */
const OPEN = new Set([
  'tags',
  'properties.diagnostics.logAnalytics.metadata',
  'properties.extensions[].properties.settings',
  'properties.extensions[].properties.protectedSettings',
  'properties.volumes[].secret',
  ...WRITTEN_BY_AZURE,
]);

const KNOWN = new Set([...GROUP_FIELDS.map(({ path }) => path), ...WRITTEN_BY_AZURE, ...DOCUMENT_KEYS]);
const MOST = 20;

export function unknownFields(document: JsonObject): readonly Finding[] {
  return [...inObject(document, '', [])].slice(0, MOST);
}

function* inObject(object: JsonObject, known: string, path: Path): Generator<Finding> {
  if (OPEN.has(known)) return;
  for (const [key, value] of Object.entries(object)) {
    const field = fieldOf(known, key);
    const here = [...path, key];
    if (field === undefined) yield unknown(key, known, here);
    else yield* inValue(value, field, here);
  }
}

function* inValue(value: Json | undefined, known: string, path: Path): Generator<Finding> {
  const object = asObject(value);
  if (object !== undefined) return yield* isReference(known) ? [] : inObject(object, known, path);
  for (const [index, item] of asList(value).entries()) {
    const found = asObject(item);
    if (found !== undefined) yield* inObject(found, `${known}[]`, [...path, index]);
  }
}

/** A secret by reference is an object where the API has text. */
function isReference(known: string): boolean {
  return GROUP_FIELDS.some(({ path, isSecret }) => path === known && isSecret === true);
}

function fieldOf(parent: string, key: string): string | undefined {
  return [joined(parent, key), joined(parent, 'NAME')].find((path) => KNOWN.has(path));
}

function unknown(key: string, parent: string, path: Path): Finding {
  const prefix = parent === '' ? '' : `${parent}.`;
  const siblings = [...KNOWN]
    .filter((field) => field.startsWith(prefix) && !/[.[]/.test(field.slice(prefix.length)))
    .map((field) => field.slice(prefix.length));
  const near = nearMatch(key, siblings);
  const fate =
    parent === '' && memberNamed(key) === undefined
      ? 'it is not sent, since Azure refuses a group with it'
      : 'it goes to Azure as it stands';
  const hint = near === undefined ? fate : `did you mean "${near}"?`;
  return { path, message: `unknown key "${key}" (API 2023-05-01 does not have it)`, hint };
}

function joined(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}
