/**
 * Plain values of a group that look like secrets: environment variables, arguments, headers of probes and tags are seen by
 * everybody who can read the group. Says where and why, never the value. It would rather miss one than cry wolf. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';
import { looksByName, looksByValue } from './secret-shapes.ts';

const SEEN = 'everybody who can read the group sees it';

/** One for each place, in the order of the document. */
export function secretWarnings(document: JsonObject): readonly string[] {
  const variants = asList(document['variants']).flatMap((variant) => {
    const { set, document: other } = asObject(variant) ?? {};
    return [set, other].flatMap((one) => ofGroup(asObject(one) ?? {}));
  });
  return [...new Set([...ofGroup(document), ...variants])];
}

function ofGroup(document: JsonObject): readonly string[] {
  const properties = asObject(document['properties']) ?? {};
  const containers = ['initContainers', 'containers'].flatMap((key) => asList(properties[key]));
  return [...containers.flatMap((one) => ofContainer(asObject(one) ?? {})), ...ofTags(document)];
}

function ofContainer(container: JsonObject): readonly string[] {
  const properties = asObject(container['properties']) ?? {};
  const where = `container ${asText(container['name'])}`;
  const probes = [properties['livenessProbe'], properties['readinessProbe']].map((probe) => asObject(probe) ?? {});
  return [
    ...ofVariables(properties, where),
    ...ofCommand(properties['command'], `${where}: command`),
    ...probes.flatMap(({ exec }) => ofCommand(asObject(exec)?.['command'], `${where}: command of a probe`)),
    ...probes.flatMap(({ httpGet }) => ofHeaders(asObject(httpGet)?.['httpHeaders'], where)),
  ];
}

function ofVariables(properties: JsonObject, where: string): readonly string[] {
  return asList(properties['environmentVariables']).flatMap((variable) => {
    const { name, value } = asObject(variable) ?? {};
    const why = looks(asText(name), value);
    if (why === undefined) return [];
    return `${where}: environment variable ${asText(name)} ${why}, and ${SEEN}; use secureValue: {env: ${nameFor(asText(name))}}`;
  });
}

/** An option with its value in one argument, or in two. */
function ofCommand(command: Json | undefined, where: string): readonly string[] {
  const parts = asList(command).map((part) => asText(part));
  const found = parts.flatMap((part, index) => {
    const [, option = '', value] = /^-{0,2}([A-Za-z][\w.-]*)=(.*)$/s.exec(part) ?? [];
    const before = /^--?([A-Za-z][\w.-]*)$/.exec(parts[index - 1] ?? '')?.[1] ?? '';
    const why = looksByValue(part) ?? (value === undefined ? looksByName(before, part) : looksByName(option, value));
    if (why === undefined) return [];
    return `${where}, argument ${index + 1} ${why}, and ${SEEN}; give it as an environment variable with secureValue: {env: NAME}`;
  });
  return found;
}

function ofHeaders(headers: Json | undefined, where: string): readonly string[] {
  return asList(headers).flatMap((header) => {
    const { name, value } = asObject(header) ?? {};
    const why = looks(asText(name), value);
    if (why === undefined) return [];
    return `${where}: header ${asText(name)} of a probe ${why}, and ${SEEN}; probe a path that needs none`;
  });
}

function ofTags(document: JsonObject): readonly string[] {
  return Object.entries(asObject(document['tags']) ?? {}).flatMap(([name, value]) => {
    const why = looks(name, value);
    return why === undefined ? [] : `tag ${name} ${why}, and ${SEEN}; take it out`;
  });
}

function looks(name: string, value: Json | undefined): string | undefined {
  const text = typeof value === 'number' ? String(value) : asText(value);
  return looksByValue(text) ?? looksByName(name, text);
}

/** As environment variables may be called. */
function nameFor(name: string): string {
  const plain = name.replaceAll(/\W+/g, '_').toUpperCase();
  return /^[A-Z_]/.test(plain) ? plain : `_${plain}`;
}
