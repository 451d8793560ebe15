/** What a check of a container group finds: where in the document, what, and what to do. Its file is told elsewhere. */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject } from '../json.ts';
import { nearMatch } from '../near-match.ts';
import type { Path } from '../yaml-file.ts';

export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A container or an init container, with its place. */
export interface ContainerPlace {
  readonly name: string;
  readonly path: Path;
  readonly properties: JsonObject;
  readonly isInit: boolean;
}

export function propertiesOf(document: JsonObject): JsonObject {
  return asObject(document['properties']) ?? {};
}

export function containersOf(document: JsonObject): readonly ContainerPlace[] {
  const properties = propertiesOf(document);
  return [...placesIn(properties, 'containers'), ...placesIn(properties, 'initContainers')];
}

function placesIn(properties: JsonObject, key: 'containers' | 'initContainers'): readonly ContainerPlace[] {
  return asList(properties[key]).map((item, index) => {
    const container = asObject(item) ?? {};
    const { name } = container;
    return {
      name: typeof name === 'string' ? name : `[${index}]`,
      path: ['properties', key, index],
      properties: asObject(container['properties']) ?? {},
      isInit: key === 'initContainers',
    };
  });
}

/** The objects of a list, each with its place. */
export function itemsAt(value: Json | undefined, path: Path): readonly { item: JsonObject; path: Path }[] {
  return asList(value).map((item, index) => ({ item: asObject(item) ?? {}, path: [...path, index] }));
}

/** Nothing where it is absent or one of the known, whatever the letter case. */
export function notOneOf(value: Json | undefined, known: readonly string[], given: { path: Path }): readonly Finding[] {
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : '';
  if (known.some((one) => one.toLowerCase() === text.toLowerCase())) return [];
  const near = nearMatch(text, known);
  const message = `${String(given.path.at(-1))}: expected ${known.join(', ')}, got ${shown(value)}`;
  return [{ path: given.path, message, hint: near === undefined ? undefined : `did you mean "${near}"?` }];
}

/** Texts that occur again, with the place of the second. */
export function repeated(given: readonly { readonly key: string; readonly path: Path }[]): typeof given {
  const seen = new Set<string>();
  return given.filter(({ key }) => seen.has(key) || !seen.add(key));
}

const LONGEST = 60;

export function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
