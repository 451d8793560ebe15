/** The `traffic` part of an app: its schema, and what the daemon makes of it. Pure. */
import { z } from 'zod';
import type { SubnetRange, TrafficMapping, TrafficSettings } from '../model/app.ts';
import { text } from './fields.ts';

const OCTET = String.raw`(25[0-5]|2[0-4]\d|1?\d?\d)`;
const ADDRESS = String.raw`${OCTET}(\.${OCTET}){3}`;

const subnet = z.string().regex(new RegExp(String.raw`^${ADDRESS}(/(3[0-2]|[12]?\d)|-${ADDRESS})?$`), {
  error: 'expected a block such as 192.0.2.0/24, a range such as 192.0.2.1-192.0.2.9, or an address',
});

const mapping = z
  .strictObject({
    geo: z
      .array(
        z.string().regex(/^(WORLD|GEO-[A-Z]{2}|[A-Z]{2}(-[A-Z]{1,3})?)$/, {
          error: 'expected the code of a region, such as WORLD, GEO-EU, DE or US-CA',
        }),
      )
      .min(1)
      .max(500)
      .optional()
      .describe('Regions, for routing method Geographic.'),
    subnets: z.array(subnet).min(1).max(500).optional().describe('Blocks, ranges and addresses, for Subnet.'),
    priority: z.number().int().min(1).max(1000).optional().describe('For Priority.'),
  })
  .describe('Of the endpoint in that location.');

export const trafficSchema = z.strictObject({
  profile: text('Name of the Traffic Manager profile.'),
  resourceGroup: text('Resource group of the profile; the app’s where absent.').optional(),
  weight: z.number().int().min(1).max(1000).default(100).describe('Weight of each endpoint.'),
  switch: z
    .enum(['beside', 'inPlace'])
    .optional()
    .describe(
      '`beside`: new endpoints join, then the old ones go; `inPlace`: the old ones are led to the new groups. By the routing method of the profile where absent.',
    ),
  confirmRemoval: z
    .boolean()
    .default(true)
    .describe(
      'Whether Traffic Manager’s own name servers are asked if a removal has reached them, before the TTL counts; `propagationMargin` counts where they cannot be asked, or are not to be.',
    ),
  parents: z
    .array(
      z.string().regex(/^([\w.()-]{1,90}\/)?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/, {
        error: 'expected the name of a profile, or resourceGroup/name where it is in another resource group',
      }),
    )
    .max(10)
    .optional()
    .describe(
      'Profiles that this one is nested in, at any depth (`name` or `resourceGroup/name`): the longest TTL of them all is waited for.',
    ),
  mappings: z
    .record(z.string().regex(/^[a-z0-9]+$/, { error: 'expected a location such as westeurope' }), mapping)
    .optional()
    .describe(
      'What endpoints are mapped to, by location, where no endpoint is there to take it over from: `{westeurope: {geo: [GEO-EU]}}`.',
    ),
});

export type TrafficConfig = z.output<typeof trafficSchema>;

export function toTraffic(traffic: TrafficConfig, resourceGroup: string): TrafficSettings {
  const { profile, weight, confirmRemoval, mappings, parents = [] } = traffic;
  const own = traffic.resourceGroup ?? resourceGroup;
  return {
    resourceGroup: own,
    profile,
    weight,
    confirmRemoval,
    ...(parents.length === 0 ? {} : { parents: parents.map((parent) => toParent(parent, own)) }),
    ...(traffic.switch === undefined ? {} : { switch: traffic.switch }),
    ...(mappings === undefined
      ? {}
      : {
          mappings: Object.fromEntries(Object.entries(mappings).map(([location, one]) => [location, toMapping(one)])),
        }),
  };
}

function toParent(written: string, own: string): { resourceGroup: string; profile: string } {
  const [first = '', second] = written.split('/');
  return second === undefined ? { resourceGroup: own, profile: first } : { resourceGroup: first, profile: second };
}

function toMapping({ geo, subnets, priority }: z.output<typeof mapping>): TrafficMapping {
  return {
    ...(geo === undefined ? {} : { geoMapping: geo }),
    ...(subnets === undefined ? {} : { subnets: subnets.map(toRange) }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function toRange(written: string): SubnetRange {
  const [first = '', scope] = written.split('/');
  if (scope !== undefined) return { first, scope: Number(scope) };
  const [from = '', to] = written.split('-');
  return to === undefined ? { first: from } : { first: from, last: to };
}
