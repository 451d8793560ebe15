/** The `traffic` part of an app: its schema, and what the daemon makes of it. Pure. */
import { z } from 'zod';
import type { Strategy, SubnetRange, TrafficMapping, TrafficSettings } from '../model/app.ts';
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

/** What no routing method allows, so that no profile could serve it. Each with its place within `traffic`. */
export function checkTraffic(
  { switch: how, mappings = {} }: TrafficConfig,
  { strategy, replicas }: { readonly strategy: Strategy['kind']; readonly replicas: number },
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const problem = (path: readonly string[], message: string) => [{ path, message }];
  const mapped = Object.entries(mappings).filter(([, one]) => one.geo !== undefined || one.subnets !== undefined);
  const [first] = mapped;
  const isMapped = first !== undefined;
  return [
    ...(how === 'inPlace' && NEEDS_BESIDE.has(strategy)
      ? problem(
          ['switch'],
          `traffic.switch: inPlace leads endpoints from one whole stack to the other, and strategy ${strategy} needs new ones beside them; expected strategy blueGreen, or beside`,
        )
      : []),
    ...(how === 'beside' && isMapped
      ? problem(
          ['switch'],
          'traffic.switch: with beside, two endpoints would have to have the same regions or subnets; expected inPlace, or no mappings of them',
        )
      : []),
    ...(how === undefined && isMapped && NEEDS_BESIDE.has(strategy)
      ? problem(
          ['mappings', first[0]],
          `traffic.mappings: regions and subnets are switched in place, and strategy ${strategy} needs new endpoints beside the old ones; expected strategy blueGreen`,
        )
      : []),
    ...(isMapped && replicas > 1
      ? problem(
          ['mappings', first[0]],
          `traffic.mappings: one endpoint has all regions or subnets of a location, and the app has ${replicas} replicas in each; expected replicas: 1`,
        )
      : []),
    ...twice(mapped),
  ];
}

/** A region or a range that two locations have. */
function twice(mapped: readonly (readonly [string, z.output<typeof mapping>])[]) {
  const known = new Map<string, string>();
  return mapped.flatMap(([location, { geo = [], subnets = [] }]) =>
    [...geo, ...subnets].flatMap((code) => {
      const other = known.get(code);
      known.set(code, location);
      if (other === undefined || other === location) return [];
      const message = `traffic.mappings: ${code} is mapped to ${other} and to ${location}; expected each once`;
      return [{ path: ['mappings', location], message }];
    }),
  );
}

const NEEDS_BESIDE: ReadonlySet<Strategy['kind']> = new Set(['canary', 'rolling', 'waves']);

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
