/** What a location can hold and what the quota of the subscription leaves there: groups and cores in use, and what others use. */
import { coresOf } from './group-quota.ts';
import type { ContainerGroups } from './groups.ts';

export interface Quota {
  readonly name: string;
  readonly limit?: number | undefined;
  /** In use by others, beside the groups that are here. */
  readonly others?: number | undefined;
}

export interface Capability {
  readonly osType: string;
  readonly ipAddressType: string;
  readonly gpu: string;
  readonly maxCpu: number;
  readonly maxMemoryInGB: number;
  readonly maxGpuCount: number;
}

const TITLES = {
  ContainerGroups: 'Container Groups',
  StandardCores: 'Standard SKU cores',
  StandardSpotCores: 'Standard spot SKU cores',
};
const PLAIN = { gpu: 'None', maxCpu: 4, maxMemoryInGB: 16, maxGpuCount: 0 };
const DEFAULT_CAPABILITIES: readonly Capability[] = [
  { ...PLAIN, osType: 'Linux', ipAddressType: 'Public' },
  { ...PLAIN, osType: 'Linux', ipAddressType: 'Private' },
  { ...PLAIN, osType: 'Windows', ipAddressType: 'Public' },
];

export class Locations {
  readonly #quotas = new Map<string, Quota>();
  readonly #capabilities = new Map<string, readonly Capability[]>();

  setQuota(location: string, quota: Quota): void {
    this.#quotas.set(keyOf(location, quota.name), quota);
  }

  setCapabilities(location: string, capabilities: readonly Capability[]): void {
    this.#capabilities.set(location.toLowerCase(), capabilities);
  }

  /** As the usages of a location are listed. */
  usages(location: string, groups: ContainerGroups, subscription: string): readonly object[] {
    const here = groups.list(subscription).filter((group) => group.location === location.toLowerCase());
    // What is stopped holds no cores.
    const running = here.filter(({ state }) => state !== 'Stopped');
    const isSpot = (priority: unknown) => priority === 'Spot';
    const cores = (spot: boolean) =>
      running
        .filter(({ body }) => isSpot(Object(body['properties']).priority) === spot)
        .reduce((sum, { body }) => sum + coresOf(body), 0);
    const { coresPerLocation } = groups.options;
    return [
      this.#usage(location, { name: 'ContainerGroups', used: here.length, limit: 100 }),
      this.#usage(location, { name: 'StandardCores', used: cores(false), limit: coresPerLocation }),
      this.#usage(location, { name: 'StandardSpotCores', used: cores(true), limit: coresPerLocation }),
    ];
  }

  capabilities(location: string): readonly object[] {
    const list = this.#capabilities.get(location.toLowerCase()) ?? DEFAULT_CAPABILITIES;
    return list.map(({ maxCpu, maxMemoryInGB, maxGpuCount, ...kind }) => ({
      resourceType: 'containerGroups',
      location,
      ...kind,
      capabilities: { maxMemoryInGB, maxCpu, maxGpuCount },
    }));
  }

  #usage(location: string, given: { name: keyof typeof TITLES; used: number; limit: number }): object {
    const { others = 0, limit = given.limit } = this.#quotas.get(keyOf(location, given.name)) ?? {};
    return {
      unit: 'Count',
      // Whole numbers, as is declared.
      currentValue: Math.ceil(given.used + others),
      limit,
      name: { value: given.name, localizedValue: TITLES[given.name] },
    };
  }
}

function keyOf(location: string, name: string): string {
  return `${location} ${name}`.toLowerCase();
}
