/**
 * What Azure would refuse in a container group, said when the config is read, with the place. Only what is certain: the
 * public specification, its documented limits and error codes. Whatever is not known here goes to Azure as it stands. Pure.
 */
import type { JsonObject } from '../../model/app.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import { asList, asObject } from '../json.ts';
import type { Path } from '../yaml-file.ts';
import { API_VERSIONS } from './arm-api-versions.ts';
import { checkAccess } from './check-access.ts';
import { checkContainer } from './check-containers.ts';
import { checkKind } from './check-kind.ts';
import { checkNetwork } from './check-network.ts';
import { checkShapes } from './check-shapes.ts';
import { checkVolumes } from './check-volumes.ts';
import { containersOf, propertiesOf, repeated, shown } from './finding.ts';
import type { Finding } from './finding.ts';

const GROUP_TYPE = 'Microsoft.ContainerInstance/containerGroups';
const API_VERSION = /^20\d\d-\d\d-\d\d(-preview)?$/;
const CONTAINER_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const OWN_TAG = /^viridian-/i;
const MOST_CONTAINERS = 60;
const MOST_INIT_CONTAINERS = 59;

/** `problem` gives a path its place in the file that the document was translated from. */
export function checkGroup(
  document: JsonObject,
  problem: (path: Path, message: string, hint?: string) => ConfigProblem,
): ConfigProblem[] {
  return findings(document).map(({ path, message, hint }) => problem(path, message, hint));
}

function findings(document: JsonObject): readonly Finding[] {
  if (asObject(document['properties']) === undefined) {
    const message = 'missing key "properties": the container group as `az container create --file` takes it';
    return [...checkHead(document), { path: ['properties'], message }];
  }
  const counts = checkCounts(document);
  // What is missing would be told again by all that looks for it.
  if (counts.length > 0) return [...checkHead(document), ...counts];
  const { outer, inner } = checkShapes(document);
  if (outer.length > 0) return [...checkHead(document), ...outer];
  const told = [
    ...checkHead(document),
    ...checkTags(document),
    ...checkNames(document),
    ...containersOf(document).flatMap(checkContainer),
    ...checkKind(document),
    ...checkNetwork(document),
    ...checkVolumes(document),
    ...checkAccess(document),
  ];
  return [...told, ...inner.filter(({ path }) => !told.some((other) => isWithin(path, other.path)))];
}

function isWithin(path: Path, other: Path): boolean {
  return other.every((part, index) => part === path[index]);
}

function checkHead({ apiVersion, type }: JsonObject): readonly Finding[] {
  const found: Finding[] = [];
  const version = typeof apiVersion === 'string' ? apiVersion.toLowerCase() : '';
  if (apiVersion !== undefined && !API_VERSION.test(version)) {
    const message = `apiVersion: expected a version of ${GROUP_TYPE} such as 2023-05-01, got ${shown(apiVersion)}`;
    found.push({ path: ['apiVersion'], message });
  } else if (apiVersion !== undefined && !API_VERSIONS.includes(version)) {
    const message = `apiVersion: ${version} is no API version of ${GROUP_TYPE}`;
    found.push({ path: ['apiVersion'], message, hint: `known are ${API_VERSIONS.join(', ')}` });
  }
  if (type !== undefined && (typeof type !== 'string' || type.toLowerCase() !== GROUP_TYPE.toLowerCase()))
    found.push({ path: ['type'], message: `type: expected ${GROUP_TYPE}, got ${shown(type)}` });
  return found;
}

function checkTags(document: JsonObject): readonly Finding[] {
  return Object.entries(asObject(document['tags']) ?? {}).flatMap(([name, value]) => {
    const path = ['tags', name];
    if (OWN_TAG.test(name)) {
      const message = `tag "${name}": tags that begin with viridian- are set by Viridian`;
      return [{ path, message, hint: 'leave it out, or give it another name' }];
    }
    if (typeof value === 'string') return [];
    return [{ path, message: `tag "${name}": expected text, got ${shown(value)}`, hint: 'quote it' }];
  });
}

function checkCounts(document: JsonObject): readonly Finding[] {
  const properties = propertiesOf(document);
  const containers = asList(properties['containers']).length;
  const initContainers = asList(properties['initContainers']).length;
  const path = ['properties', 'containers'];
  if (containers === 0) return [{ path, message: 'expected a list of at least one container' }];
  if (containers > MOST_CONTAINERS)
    return [{ path, message: `${containers} containers: a group has at most ${MOST_CONTAINERS}` }];
  if (initContainers <= MOST_INIT_CONTAINERS) return [];
  const message = `${initContainers} init containers: a group has at most ${MOST_INIT_CONTAINERS}`;
  return [{ path: ['properties', 'initContainers'], message }];
}

function checkNames(document: JsonObject): readonly Finding[] {
  const containers = containersOf(document).map((container) => ({ ...container, path: [...container.path, 'name'] }));
  const unnamed = containers.flatMap(({ name, path }): Finding[] => {
    if (name.startsWith('[')) return [{ path, message: 'a container needs a name' }];
    if (CONTAINER_NAME.test(name)) return [];
    const message = `container name "${name}": expected 1 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends`;
    return [{ path, message }];
  });
  const twice = repeated(
    containers.filter(({ name }) => !name.startsWith('[')).map(({ name, path }) => ({ key: name, path })),
  );
  return [...unnamed, ...twice.map(({ key, path }) => ({ path, message: `two containers are called "${key}"` }))];
}
