/**
 * Whether the quota of a location leaves room for what an app brings up beside what runs. What runs already is counted
 * in the usage, so that only what is missing to the peak is asked for. Pure.
 */
import { fail, fine, warn } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import type { Peak } from './surge.ts';
import type { GroupSize } from './template-parts.ts';

/** As Azure lists them. */
export interface Usage {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

export interface QuotaGiven {
  readonly size: GroupSize;
  readonly peak: Peak;
  /** Groups of the app that are there. */
  readonly present: number;
  readonly usages: readonly Usage[];
}

interface Demand {
  readonly usage: Usage;
  readonly upgrade: number;
  readonly repair: number;
  /** For one more group. */
  readonly each: number;
}

const ADVICE =
  'ask for a higher quota of the subscription there (portal: Quotas), or use fewer replicas or another location';

export function judgeQuota(given: QuotaGiven, place: Place): PreflightLine {
  const demands = demandsOf(given);
  if (demands.length === 0) return warn(place, 'Azure lists no quota for it', 'see the portal, Quotas');
  const over = demands.find(({ usage, upgrade }) => upgrade > freeOf(usage));
  if (over !== undefined) return fail(place, `no room for an upgrade: ${text(over, over.upgrade)}`, ADVICE);
  const short = demands.find(({ usage, repair }) => repair > freeOf(usage));
  if (short !== undefined)
    return warn(place, `no room for a repair, which replaces all at once: ${text(short, short.repair)}`, ADVICE);
  const tight = demands.find(({ usage, repair, each }) => freeOf(usage) - repair < each);
  if (tight !== undefined) return warn(place, `room for no more than that: ${text(tight, tight.repair)}`, ADVICE);
  return fine(place, demands.map((demand) => text(demand, demand.repair)).join('; '));
}

/** What apps of a location need where all of them roll out at once; undefined where it fits, or one alone does not. */
export function judgeTogether(needs: readonly QuotaGiven[], place: Place): PreflightLine | undefined {
  const all = needs.map(demandsOf);
  const names = new Set(all.flatMap((demands) => demands.map(({ usage }) => usage.name)));
  for (const name of names) {
    const demands = all.flatMap((ones) => ones.filter(({ usage }) => usage.name === name));
    const [first] = demands;
    const wanted = demands.reduce((sum, { upgrade }) => sum + upgrade, 0);
    if (first === undefined || wanted <= freeOf(first.usage)) continue;
    if (demands.some(({ upgrade }) => upgrade > freeOf(first.usage))) continue;
    return warn(
      place,
      `no room for upgrades of all ${demands.length} apps at once: ${text(first, wanted)}`,
      'set maxConcurrentRollouts, or ask for a higher quota',
    );
  }
  return undefined;
}

/** Of each quota that the template draws on, and that Azure lists. */
function demandsOf({ size, peak, present, usages }: QuotaGiven): readonly Demand[] {
  const find = (...names: readonly string[]) =>
    usages.find(({ name }) => names.some((one) => one.toLowerCase() === name.toLowerCase()));
  // A list does not show which of them are stopped.
  const running = peak.stopped === 0 ? present : Math.min(present, peak.rest);
  const groups = (most: number) => Math.max(0, most + peak.stopped - present) + peak.jobs;
  const cores = (most: number) => Math.max(0, most - running) * size.cpu + peak.jobCores;
  const ofGroups =
    size.sku.toLowerCase() === 'dedicated'
      ? find('DedicatedContainerGroups')
      : find('ContainerGroups', 'StandardContainerGroups');
  const ofCores = find(coresName(size));
  return [
    ...(ofGroups === undefined
      ? []
      : [{ usage: ofGroups, upgrade: groups(peak.upgrade), repair: groups(peak.repair), each: 1 }]),
    ...(ofCores === undefined
      ? []
      : [{ usage: ofCores, upgrade: cores(peak.upgrade), repair: cores(peak.repair), each: size.cpu }]),
  ];
}

function coresName({ isSpot, gpu, sku }: GroupSize): string {
  if (gpu !== undefined) return `Standard${gpu.sku}Cores`;
  if (isSpot) return 'StandardSpotCores';
  return sku.toLowerCase() === 'confidential' ? 'ConfidentialCores' : 'StandardCores';
}

function freeOf({ used, limit }: Usage): number {
  return limit - used;
}

function text({ usage }: Demand, wanted: number): string {
  const { name, used, limit } = usage;
  return `${round(wanted)} more ${name} wanted, ${round(Math.max(0, limit - used))} of ${limit} free`;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
