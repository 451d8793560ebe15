/** Apps and templates for tests of the judges. */
import type { App, JsonObject } from '../../src/model/app.ts';
import { app as plain } from '../rollout/world.ts';

export const PULLER =
  '/subscriptions/s/resourceGroups/demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller';

export function appWith(given: Partial<App> = {}, document: JsonObject = {}): App {
  return { ...plain, ...given, template: { ...plain.template, document } };
}

/** A group of such properties. */
export function group(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { ...more, properties };
}

export function container(cpu: number, memoryInGB: number, more: JsonObject = {}): JsonObject {
  return { name: 'web', properties: { image: 'web', resources: { requests: { cpu, memoryInGB, ...more } } } };
}

/** `level: message` of lines. */
export function told(lines: readonly { level: string; message: string }[]): string[] {
  return lines.map(({ level, message }) => `${level}: ${message}`);
}
