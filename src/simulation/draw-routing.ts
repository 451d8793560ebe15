/** How the profile of a drawn app routes, and how its endpoints are switched: each method that its strategy allows. */
import type { Strategy, TrafficMapping } from '../model/app.ts';
import { isMapped } from '../model/routing.ts';
import type { RoutingMethod } from '../model/routing.ts';
import type { Chance } from './chance.ts';

export interface RoutingOptions {
  readonly method: RoutingMethod;
  readonly switch?: 'beside' | 'inPlace';
}

const BESIDE = ['Weighted', 'Weighted', 'Priority', 'Performance', 'MultiValue'] as const;
const ANY = [...BESIDE, 'Geographic', 'Geographic', 'Subnet'] as const;

export function drawRouting(chance: Chance, { kind }: Strategy): RoutingOptions {
  if (kind === 'canary') return { method: 'Weighted' };
  if (kind !== 'blueGreen') return { method: chance.pick(BESIDE) };
  const method = chance.pick(ANY);
  if (isMapped(method) || method === 'MultiValue' || chance.happens(0.6)) return { method };
  return { method, switch: 'inPlace' };
}

/** What the profile has beside its TTL and its monitor. */
export function profileProperties(routing: RoutingOptions | undefined): Readonly<Record<string, unknown>> {
  if (routing === undefined) return {};
  const { method } = routing;
  return { trafficRoutingMethod: method, ...(method === 'MultiValue' ? { maxReturn: 10 } : {}) };
}

/** Of each location; the first one is for all that no other has. */
export function mappingsFor(
  routing: RoutingOptions | undefined,
  locations: readonly string[],
): Readonly<Record<string, TrafficMapping>> | undefined {
  if (routing === undefined || !isMapped(routing.method)) return undefined;
  const isGeographic = routing.method === 'Geographic';
  return Object.fromEntries(
    locations.map((location, index): [string, TrafficMapping] => {
      if (isGeographic) return [location, { geoMapping: index === 0 ? ['WORLD'] : ['GEO-EU', 'US-CA'] }];
      return [location, index === 0 ? {} : { subnets: [{ first: '198.51.100.0', scope: 24 }] }];
    }),
  );
}
