/**
 * What some groups of an app have in place of the template: by location, by replica, or both. It travels inside the
 * document, under `variants`, so that it is hashed, stored and brought back with the release that it belongs to. Pure.
 */
import type { Json, JsonObject } from '../../model/app.ts';
import { asList, asObject, asText } from '../json.ts';
import { asSecretReference } from '../secret-places.ts';

export interface Variant {
  readonly location?: string | undefined;
  readonly replica?: number | undefined;
  /** Merged into the document. */
  readonly set?: JsonObject | undefined;
  /** In place of the document. */
  readonly document?: JsonObject | undefined;
}

/** Which group it is; a job has no replica. */
export interface GroupPlace {
  readonly location: string;
  readonly replica?: number | undefined;
}

const KEY = 'variants';
const PLACES = 'places';
/** Of a document, besides what a template may have. */
export const OWN_KEYS: readonly string[] = [KEY, PLACES];

export function withVariants(document: JsonObject, variants: readonly Variant[]): JsonObject {
  if (variants.length === 0) return document;
  return { ...document, [KEY]: variants.map((variant): Json => ({ ...variant })) };
}

/** Says which locations a template was evaluated for that comes out otherwise elsewhere. */
export function withPlaces(document: JsonObject, locations: readonly string[]): JsonObject {
  return { ...document, [PLACES]: [...locations] };
}

/** Those that the document says nothing of. */
export function unknownPlaces(
  document: JsonObject,
  locations: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const known = asList(document[PLACES]).map(asText);
  const isAnywhere = document[PLACES] === undefined;
  return { known, unknown: isAnywhere ? [] : locations.filter((location) => !known.includes(location)) };
}

/** The document of one group, with no key of our own. Throws where it says nothing of the location. */
export function documentFor(document: JsonObject, place: GroupPlace): JsonObject {
  const { known, unknown } = unknownPlaces(document, [place.location]);
  if (unknown.length > 0)
    throw new Error(`the template was evaluated for ${known.join(', ')}, and comes out otherwise in ${place.location}`);
  return documentWith(document, variantsAt(document, place));
}

/** With these of its variants, one after the other. */
export function documentWith(document: JsonObject, indexes: readonly number[]): JsonObject {
  const { [KEY]: variants, [PLACES]: _places, ...own } = document;
  let result: JsonObject = own;
  for (const index of indexes) {
    const { set, document: other } = asObject(asList(variants)[index]) ?? {};
    result = mergeDocument(asObject(other) ?? result, asObject(set) ?? {});
  }
  return result;
}

/** Indexes of those that a group has. */
export function variantsAt(document: JsonObject, place: GroupPlace): readonly number[] {
  return asList(document[KEY]).flatMap((variant, index) => {
    const { location, replica } = asObject(variant) ?? {};
    if (location !== undefined && location !== place.location) return [];
    return replica !== undefined && replica !== place.replica ? [] : [index];
  });
}

/**
 * As a JSON merge patch (RFC 7396), but that items of two lists with the same `name` are merged, new ones added, and a
 * reference to a secret takes the place of another whole.
 */
export function mergeDocument(document: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(document));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) merged.delete(key);
    else merged.set(key, mergeValue(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function mergeValue(before: Json | undefined, value: Json): Json {
  if (isNamedList(before) && isNamedList(value)) return mergeNamed(before, value);
  // Of two secrets, no third one is made.
  if (asSecretReference(value) !== undefined) return value;
  const patch = asObject(value);
  return patch === undefined ? value : mergeDocument(asObject(before) ?? {}, patch);
}

function mergeNamed(before: readonly Json[], patches: readonly Json[]): readonly Json[] {
  const merged = before.map((item) => {
    const patch = patches.find((one) => nameOf(one) === nameOf(item));
    return patch === undefined ? item : mergeValue(item, patch);
  });
  const known = new Set(before.map(nameOf));
  return [...merged, ...patches.filter((one) => !known.has(nameOf(one))).map((one) => mergeValue(undefined, one))];
}

function isNamedList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value) && value.length > 0 && value.every((item: Json) => nameOf(item) !== undefined);
}

function nameOf(item: Json): string | undefined {
  const name = asObject(item)?.['name'];
  return typeof name === 'string' ? name : undefined;
}
