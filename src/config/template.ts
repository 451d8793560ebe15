/**
 * Reads a group template: the YAML that `az container create --file` takes. Only its outline is checked here, all else
 * goes to ARM as it stands; a secret may be given by reference.
 */
import { resolve } from 'node:path';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { GroupTemplate, Json, JsonObject } from '../model/app.ts';
import { shortHash } from '../model/release.ts';
import { findSecrets } from './secret-places.ts';
import { asList, asObject, asText } from './json.ts';
import { YamlFile } from './yaml-file.ts';

export interface ReadTemplate {
  readonly template: GroupTemplate;
  /** Declared ports of the group's public address. */
  readonly ports: readonly number[];
  readonly isPublic: boolean;
  readonly warnings: readonly string[];
}

/** Throws ConfigError with every problem of the file. */
export function readTemplate(file: string, shown: string): ReadTemplate {
  const yaml = YamlFile.read(file, shown);
  const document = asObject(toJson(yaml.content)) ?? {};
  const problems = checkOutline(yaml, document);
  if (problems.length > 0) throw new ConfigError(problems);
  const properties = asObject(document['properties']) ?? {};
  const containers = asList(properties['containers']).map((container) => asText(asObject(container)?.['name']));
  const address = asObject(properties['ipAddress']);
  const ports = asList(address?.['ports']).flatMap((port) => {
    const number = asObject(port)?.['port'];
    return typeof number === 'number' ? [number] : [];
  });
  const literal = findSecrets(document).filter(({ value }) => typeof value === 'string');
  return {
    template: { file: resolve(file), document, hash: shortHash(canonical(document), 16), containers },
    ports,
    isPublic: asText(address?.['type']).toLowerCase() === 'public',
    warnings: literal.map(
      ({ path }) => `${shown}: ${path} is a secret in plain text; refer to it by {env: NAME} or {file: PATH}`,
    ),
  };
}

function checkOutline(yaml: YamlFile, document: JsonObject): ConfigProblem[] {
  const properties = asObject(document['properties']);
  if (properties === undefined) {
    return [
      yaml.problem(
        ['properties'],
        'missing key "properties": the container group as `az container create --file` takes it',
      ),
    ];
  }
  const containers = asList(properties['containers']);
  if (containers.length === 0)
    return [yaml.problem(['properties', 'containers'], 'expected a list of at least one container')];
  const problems: ConfigProblem[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const path = ['properties', 'containers', index];
    const name = asObject(container)?.['name'];
    if (typeof name !== 'string' || name === '')
      problems.push(yaml.problem([...path, 'name'], 'a container needs a name'));
    else if (names.has(name)) problems.push(yaml.problem([...path, 'name'], `two containers are called "${name}"`));
    else names.add(name);
    if (typeof asObject(asObject(container)?.['properties'])?.['image'] !== 'string') {
      problems.push(yaml.problem([...path, 'properties', 'image'], `container ${asText(name)} needs properties.image`));
    }
  }
  return problems;
}

/** YAML may hold what JSON cannot (dates, infinities): those become text. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? {})) as Json;
}

/** The same text for the same content, whatever the order of keys. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const object = asObject(value);
  if (object === undefined) return JSON.stringify(value) ?? '';
  const keys = Object.keys(object).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`).join(',')}}`;
}
