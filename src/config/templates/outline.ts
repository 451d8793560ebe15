/** What Viridian itself looks at in a group: its containers by name, and how it is reached. Pure. */
import type { JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';

export interface Outline {
  /** Names of its containers, in order. */
  readonly containers: readonly string[];
  /** Declared ports of the group's address. */
  readonly ports: readonly number[];
  readonly isPublic: boolean;
}

export function outlineOf(document: JsonObject): Outline {
  const properties = asObject(document['properties']) ?? {};
  const address = asObject(properties['ipAddress']);
  const ports = asList(address?.['ports']).flatMap((port) => {
    const number = asObject(port)?.['port'];
    return typeof number === 'number' ? [number] : [];
  });
  return {
    containers: asList(properties['containers']).map((container) => asText(asObject(container)?.['name'])),
    ports,
    isPublic: asText(address?.['type']).toLowerCase() === 'public',
  };
}
