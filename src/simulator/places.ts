/**
 * Where a client is, by its address: what Traffic Manager's tables of latencies and regions say. The local Azure has a
 * small table of its own, of the address blocks that are set aside for documentation.
 */
import { isIn } from './subnets.ts';
import type { Subnet } from './subnets.ts';

export interface Place {
  readonly subnet: Subnet;
  /** Locations from near to far; those that are not named come after them, by name. */
  readonly nearest: readonly string[];
  /** Codes of geographic regions from small to large; WORLD comes after them. */
  readonly regions: readonly string[];
}

/** RFC 5737. */
export const DEFAULT_PLACES: readonly Place[] = [
  {
    subnet: { first: '192.0.2.0', scope: 24 },
    nearest: ['westeurope', 'northeurope', 'eastus', 'westus'],
    regions: ['DE', 'GEO-EU'],
  },
  {
    subnet: { first: '198.51.100.0', scope: 24 },
    nearest: ['westus', 'eastus', 'northeurope', 'westeurope'],
    regions: ['US-CA', 'US', 'GEO-NA'],
  },
  {
    subnet: { first: '203.0.113.0', scope: 24 },
    nearest: ['japaneast', 'eastasia', 'westus', 'eastus'],
    regions: ['JP', 'GEO-AS'],
  },
];

/** Of an address in no block nothing is known: its locations are in order of name, its region is WORLD. */
export function placeOf(address: string | undefined, places: readonly Place[]): Omit<Place, 'subnet'> {
  const place = address === undefined ? undefined : places.find(({ subnet }) => isIn(subnet, address));
  return place ?? { nearest: [], regions: [] };
}
