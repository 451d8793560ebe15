/**
 * Traffic Manager's routing methods, and how one release takes the other's place under each of them
 * (https://learn.microsoft.com/azure/traffic-manager/traffic-manager-routing-methods).
 */
import type { TrafficSettings } from './app.ts';

export const ROUTING_METHODS = ['Weighted', 'Priority', 'Performance', 'MultiValue', 'Geographic', 'Subnet'] as const;
export type RoutingMethod = (typeof ROUTING_METHODS)[number];

/** In any letter case; undefined where it is one that is not known here. */
export function readRoutingMethod(written: string): RoutingMethod | undefined {
  return ROUTING_METHODS.find((method) => method.toLowerCase() === written.toLowerCase());
}

/** True where a region or a range belongs to one endpoint: a second one beside it cannot have it. */
export function isMapped(method: RoutingMethod | undefined): method is 'Geographic' | 'Subnet' {
  return method === 'Geographic' || method === 'Subnet';
}

/** As the config says, or else as the method needs it. */
export function switchFor(
  { switch: wanted }: Pick<TrafficSettings, 'switch'>,
  method: RoutingMethod,
): 'beside' | 'inPlace' {
  return wanted ?? (isMapped(method) ? 'inPlace' : 'beside');
}

/** What an endpoint leads to: an address under MultiValue, else the name, which outlives restarts. */
export function targetOf(
  method: RoutingMethod | undefined,
  group: { readonly fqdn: string | undefined; readonly ip: string | undefined },
): string | undefined {
  return method === 'MultiValue' ? group.ip : group.fqdn;
}
