/**
 * What may stand at the top of a container group on its way to Azure: ARM refuses the whole request for any other member,
 * unlike further down, where newer fields go through. Pure.
 */
import type { JsonObject } from '../../model/app.ts';

/** Of any resource of ARM, but for name, type and version, which are in the address of the request. */
const SENT = [
  'location',
  'tags',
  'zones',
  'identity',
  'properties',
  'extendedLocation',
  'managedBy',
  'kind',
  'plan',
  'sku',
];
/** What `az container export` writes beside it, of its own. */
const OF_AZ = new Set(['additionalproperties', 'createdtime', 'changedtime', 'provisioningstate']);
const BY_NAME = new Map(SENT.map((key) => [key.toLowerCase(), key]));

/** As ARM spells it, from any letter case and from the `snake_case` of az; undefined where ARM does not know it. */
export function memberNamed(key: string): string | undefined {
  return BY_NAME.get(plain(key));
}

export function isOfAz(key: string): boolean {
  return OF_AZ.has(plain(key));
}

/** Without members that ARM would refuse. */
export function sentMembers(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => SENT.includes(key)));
}

function plain(key: string): string {
  return key.replaceAll('_', '').toLowerCase();
}
