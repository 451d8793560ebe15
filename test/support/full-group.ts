/** A container group that has every field of the API, made from the list of them. */
import { GROUP_FIELDS } from '../../src/config/templates/group-fields.ts';
import type { GroupField } from '../../src/config/templates/group-fields.ts';
import type { Json, JsonObject } from '../../src/model/app.ts';

/** Where the value of a kind would be refused. */
const VALUES: Readonly<Record<string, Json>> = {
  location: 'westeurope',
  'properties.containers[].name': 'web',
  'properties.containers[].properties.image': 'example.org/web:1',
  'properties.initContainers[].name': 'init',
  'properties.initContainers[].properties.image': 'example.org/init:1',
  // With a public address and Spot it would be no group at all.
  'properties.priority': 'Regular',
  'properties.osType': 'Linux',
  'properties.containers[].properties.ports[].port': 8080,
  'properties.ipAddress.ports[].port': 8080,
};
const NAMES = new Set(['properties.volumes[].name', ...mountNames()]);

export function fullGroup(): JsonObject {
  return objectAt('');
}

function mountNames(): readonly string[] {
  return ['containers', 'initContainers'].map((list) => `properties.${list}[].properties.volumeMounts[].name`);
}

function objectAt(parent: string): JsonObject {
  const prefix = parent === '' ? '' : `${parent}.`;
  const own = GROUP_FIELDS.filter(
    ({ path }) => path.startsWith(prefix) && !/[.]/.test(path.slice(prefix.length)) && !path.endsWith('[]'),
  );
  return Object.fromEntries(
    own.map((field) => [field.path.slice(prefix.length).replace('NAME', 'key'), valueOf(field)]),
  );
}

function valueOf({ path, kind, values }: GroupField): Json {
  const known = VALUES[path];
  if (known !== undefined) return known;
  if (NAMES.has(path)) return 'files';
  switch (kind) {
    case 'text':
      return values?.[0] ?? `text of ${path.slice(path.lastIndexOf('.') + 1)}`;
    case 'whole':
      return 7;
    case 'number':
      return 1.5;
    case 'boolean':
      return true;
    case 'texts':
      return ['one', 'two'];
    case 'list':
      return [objectAt(`${path}[]`)];
    case 'map':
    case 'object':
      return objectAt(path);
  }
}
