/**
 * A free priority for a new endpoint, under routing method Priority. It is of lower rank than the live ones, which stay
 * first until they leave, and on the same side of all endpoints that are not ours. Where no number is left behind the live
 * ones, one before them is taken: the numbers would otherwise only ever grow.
 */
import type { TrafficSettings } from '../model/app.ts';
import type { Stack, StackGroup } from './effect.ts';
import type { ObservedEndpoint, ObservedProfile } from './observation.ts';
import { endpointOf } from './rotation.ts';

const LEAST = 1;
const MOST = 1000;

export interface PriorityGiven {
  readonly app: string;
  readonly live: Stack | undefined;
  readonly traffic: TrafficSettings | undefined;
  readonly profile: ObservedProfile;
}

/** Undefined where none is left between those that are not ours. */
export function freePriority(group: StackGroup, given: PriorityGiven): number | undefined {
  const used = new Set(given.profile.endpoints.flatMap(({ priority }) => priority ?? []));
  const foreign = given.profile.endpoints.filter(
    (endpoint) => !isOfApp(endpoint, group, given.app) && !isOfLive(endpoint, given.live),
  );
  const anchor = anchorOf(group, given);
  const others = foreign.flatMap(({ priority }) => priority ?? []);
  const floor = anchor === undefined ? LEAST - 1 : Math.max(LEAST - 1, ...others.filter((one) => one < anchor));
  const ceiling = anchor === undefined ? MOST + 1 : Math.min(MOST + 1, ...others.filter((one) => one > anchor));
  const band = Array.from({ length: ceiling - floor - 1 }, (_, index) => floor + 1 + index);
  const live = livePriorities(given).filter((one) => one > floor && one < ceiling);
  const from = live.length === 0 ? (anchor ?? LEAST) : Math.max(...live) + 1;
  const free = band.filter((one) => !used.has(one));
  return free.find((one) => one >= from) ?? free[0];
}

/** So many groups in order of their rank: who is first in rotation stays first. */
export function inOrderOfRank(groups: readonly StackGroup[], given: PriorityGiven): readonly StackGroup[] {
  const rank = (group: StackGroup) => anchorOf(group, given) ?? MOST;
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

/** The number whose place the new one takes: of the same location, of any live one, or of the config. */
function anchorOf({ location }: StackGroup, given: PriorityGiven): number | undefined {
  const here = livePriorities(given, location);
  if (here.length > 0) return Math.min(...here);
  const configured = given.traffic?.mappings?.[location]?.priority;
  if (configured !== undefined) return configured;
  const live = livePriorities(given);
  return live.length === 0 ? undefined : Math.max(...live);
}

function livePriorities({ live, profile }: PriorityGiven, location?: string): readonly number[] {
  const groups = (live?.groups ?? []).filter((group) => location === undefined || group.location === location);
  return groups.flatMap((group) => endpointOf(profile, group)?.priority ?? []);
}

/** Of a stack that was taken over, endpoints have the names that somebody else gave them. */
function isOfLive({ name }: ObservedEndpoint, live: Stack | undefined): boolean {
  return live?.groups.some(({ endpoint }) => endpoint.toLowerCase() === name.toLowerCase()) === true;
}

/** Also one of another stack of the app. */
function isOfApp({ name }: ObservedEndpoint, { endpoint }: StackGroup, app: string): boolean {
  const owner = endpoint.slice(0, Math.max(0, endpoint.toLowerCase().indexOf(`.${app}`.toLowerCase())));
  const own = `${owner}.${app}`.toLowerCase();
  const lower = name.toLowerCase();
  return lower.startsWith(`${own}-`) || lower.startsWith(`${own}.`);
}
