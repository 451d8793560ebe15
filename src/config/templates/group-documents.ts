/** The documents that the groups of an app are made of: one, but where some of them have others. Pure. */
import type { App, JsonObject } from '../../model/app.ts';
import { documentFor, variantsAt } from './variants.ts';

export interface GroupDocument {
  readonly document: JsonObject;
  /** Indexes of the variants that it is made with, of those of the template. */
  readonly variants: readonly number[];
}

export interface GroupsOf extends Pick<App, 'locations' | 'replicas'> {
  readonly template: Pick<App['template'], 'document'>;
}

/** Each that differs, in some locations or in all. */
export function groupDocuments(
  { template: { document }, locations, replicas }: GroupsOf,
  only: readonly string[] = locations,
): readonly GroupDocument[] {
  const found = new Map<string, GroupDocument>();
  for (const location of only) {
    for (let replica = 1; replica <= replicas; replica += 1) {
      const variants = variantsAt(document, { location, replica });
      const key = variants.join();
      if (!found.has(key)) found.set(key, { variants, document: documentFor(document, { location, replica }) });
    }
  }
  return [...found.values()];
}
