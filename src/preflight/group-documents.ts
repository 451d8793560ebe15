/** The documents that the groups of an app are made of, each that differs once. Pure. */
import { groupDocuments } from '../config/templates/group-documents.ts';
import type { App, JsonObject } from '../model/app.ts';

/** Of one location or of all. */
export function documentsOf(app: App, only: readonly string[] = app.locations): readonly JsonObject[] {
  const found = groupDocuments(app, only).map(({ document }) => document);
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}
