/** What every group needs for Viridian to work on it: containers with names and images. All else is Azure's to judge. Pure. */
import type { JsonObject } from '../../model/app.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import { asList, asObject, asText } from '../json.ts';
import type { ProblemAt } from './format.ts';

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

export function checkOutline(document: JsonObject, problemAt: ProblemAt): ConfigProblem[] {
  const properties = asObject(document['properties']);
  if (properties === undefined) {
    const message = 'missing key "properties": the container group as `az container create --file` takes it';
    return [problemAt(['properties'], message)];
  }
  const containers = asList(properties['containers']);
  if (containers.length === 0)
    return [problemAt(['properties', 'containers'], 'expected a list of at least one container')];
  const names = new Set<string>();
  return containers.flatMap((container, index) => {
    const path = ['properties', 'containers', index];
    const name = asObject(container)?.['name'];
    const problems: ConfigProblem[] = [];
    if (typeof name !== 'string' || name === '')
      problems.push(problemAt([...path, 'name'], 'a container needs a name'));
    else if (names.has(name)) problems.push(problemAt([...path, 'name'], `two containers are called "${name}"`));
    else names.add(name);
    if (typeof asObject(asObject(container)?.['properties'])?.['image'] !== 'string')
      problems.push(problemAt([...path, 'properties', 'image'], `container ${asText(name)} needs properties.image`));
    return problems;
  });
}
