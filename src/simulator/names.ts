/** What the name servers answer, from the model: profile names, group names, and the ports of groups that were moved. */
import { isIP } from 'node:net';
import type { Answer } from 'dns-packet';
import type { ContainerGroups } from './groups.ts';
import type { RealHosts } from './real-hosts.ts';
import type { NameAsked, Resolve } from './dns.ts';
import type { NameAnswer, Profiles } from './profiles.ts';

/** Of a group's own name; not documented for the real one. It matters only when a group's address changes. */
const GROUP_TTL_SECONDS = 10;
const NAME_SERVER_TTL_SECONDS = 300;
const ZONE = 'trafficmanager.net';

export function resolveNames(given: { groups: ContainerGroups; profiles: Profiles; hosts: RealHosts }): Resolve {
  const { groups, profiles, hosts } = given;
  const groupRecords = (name: string, type: string): Answer[] | undefined => {
    const group = groups.byFqdn(name.replace(/^_http\._tcp\./, ''));
    if (group === undefined) return undefined;
    if (name.startsWith('_http._tcp.')) {
      const port = hosts.portOf(group);
      return type === 'SRV' && port !== undefined
        ? [{ type: 'SRV', name, ttl: GROUP_TTL_SECONDS, data: { target: group.fqdn ?? '', port } }]
        : [];
    }
    return type === 'A' && group.ip !== undefined ? [{ type: 'A', name, ttl: GROUP_TTL_SECONDS, data: group.ip }] : [];
  };
  return (asked) => {
    const { name, type, address, server } = asked;
    const ofZone = zoneRecords(asked, profiles.nameServers.count);
    if (ofZone !== undefined) return ofZone;
    const answered = profiles.answer(name, { address, server });
    if (answered === undefined) return groupRecords(name, type);
    return profileRecords(asked, answered, groupRecords);
  };
}

function profileRecords(
  { name, type }: NameAsked,
  { endpoints, ttlSeconds: ttl, exists }: NameAnswer,
  recordsOf: (name: string, type: string) => Answer[] | undefined,
): Answer[] | undefined {
  if (!exists) return undefined;
  const addresses = endpoints.filter(({ target }) => isIP(target) !== 0);
  const named = endpoints.find(({ target }) => isIP(target) === 0);
  if (named === undefined) {
    const version = type === 'A' ? 4 : type === 'AAAA' ? 6 : 0;
    return addresses
      .filter(({ target }) => isIP(target) === version)
      .map(({ target }) => ({ type: version === 4 ? 'A' : 'AAAA', name, ttl, data: target }));
  }
  const alias: Answer = { type: 'CNAME', name, ttl, data: named.target };
  return type === 'CNAME' ? [alias] : [alias, ...(recordsOf(named.target, type) ?? [])];
}

/** Of the zone's own name servers, `ns1.trafficmanager.net` and so on. All are at one address, told apart by their ports. */
function zoneRecords({ name, type }: NameAsked, count: number): Answer[] | undefined {
  const servers = Array.from({ length: count }, (_, index) => `ns${index + 1}.${ZONE}`);
  if (name === ZONE)
    return type === 'NS' ? servers.map((data) => ({ type: 'NS', name, ttl: NAME_SERVER_TTL_SECONDS, data })) : [];
  if (!servers.includes(name)) return undefined;
  return type === 'A' ? [{ type: 'A', name, ttl: NAME_SERVER_TTL_SECONDS, data: '127.0.0.1' }] : [];
}
