/** The documents that the groups of an app are made of: one, but where overrides give some of them others. Pure. */
import { documentFor } from '../config/templates/variants.ts';
import type { App, JsonObject } from '../model/app.ts';

/** Each that differs, of one location or of all. */
export function documentsOf(
  { template: { document }, locations, replicas }: App,
  only: readonly string[] = locations,
): readonly JsonObject[] {
  if (document['variants'] === undefined) return [document];
  const found = new Map<string, JsonObject>();
  for (const location of only) {
    for (let replica = 1; replica <= replicas; replica += 1) {
      const one = documentFor(document, { location, replica });
      found.set(JSON.stringify(one), one);
    }
  }
  return [...found.values()];
}
