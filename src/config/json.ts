/** Looking into JSON of unknown shape without casts. */
import type { Json, JsonObject } from '../model/app.ts';

export function asObject(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** Its objects; whatever else is among them is left out. */
export function asObjects(value: Json | undefined): readonly JsonObject[] {
  return asList(value).filter((item) => isObject(item));
}

/** Text or nothing. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without the keys that have no value, so that equal documents are written alike. */
export function present(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
