/** Overrides that would change what Viridian itself sets in each group: images that are followed, and the DNS label. Pure. */
import type { JsonObject } from '../model/app.ts';
import type { ConfigProblem } from '../model/errors.ts';
import { asList, asObject, asText } from './json.ts';
import type { AppConfig } from './schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** `path`: of the overrides. */
export function checkFights(
  { overrides, images }: Pick<AppConfig, 'overrides' | 'images'>,
  yaml: YamlFile,
  path: Path,
): ConfigProblem[] {
  const followed = new Map(images.map(({ container, image }) => [container, image]));
  return overrides.flatMap(({ set }, index) => {
    const properties = asObject(asObject(set)?.['properties']) ?? {};
    const at = (...more: Path) => [...path, index, 'set', 'properties', ...more];
    return [...ofLabel(properties, yaml, at), ...ofImages(properties, { yaml, at, followed })];
  });
}

function ofLabel(properties: JsonObject, yaml: YamlFile, at: (...more: Path) => Path): ConfigProblem[] {
  if (asObject(properties['ipAddress'])?.['dnsNameLabel'] === undefined) return [];
  const message = 'overrides: dnsNameLabel is set by Viridian itself, one for each group, and cannot be set here';
  return [yaml.problem(at('ipAddress', 'dnsNameLabel'), message, { atKey: true })];
}

function ofImages(
  properties: JsonObject,
  { yaml, at, followed }: { yaml: YamlFile; at: (...more: Path) => Path; followed: ReadonlyMap<string, string> },
): ConfigProblem[] {
  return asList(properties['containers']).flatMap((container, index) => {
    const { name, properties: own } = asObject(container) ?? {};
    const image = followed.get(asText(name));
    if (image === undefined || asObject(own)?.['image'] === undefined) return [];
    const message = `overrides: the image of ${asText(name)} is followed (${image}), and cannot be set here`;
    return [yaml.problem(at('containers', index, 'properties', 'image'), message, { atKey: true })];
  });
}
