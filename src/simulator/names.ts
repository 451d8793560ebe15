/** What the name servers answer, from the model: profile names, group names, and the ports of groups that were moved. */
import type { Answer } from 'dns-packet';
import type { ContainerGroups } from './groups.ts';
import type { RealHosts } from './real-hosts.ts';
import type { Resolve } from './dns.ts';
import type { Profiles } from './profiles.ts';

/** Of a group's own name; not documented for the real one. It matters only when a group's address changes. */
const GROUP_TTL_SECONDS = 10;

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
  return (name, type) => {
    const answered = profiles.answer(name);
    if (answered === undefined) return groupRecords(name, type);
    const { profile, endpoint } = answered;
    if (endpoint === undefined) return undefined;
    if (/^\d+(\.\d+){3}$/.test(endpoint.target))
      return type === 'A' ? [{ type: 'A', name, ttl: profile.ttl, data: endpoint.target }] : [];
    const alias: Answer = { type: 'CNAME', name, ttl: profile.ttl, data: endpoint.target };
    return type === 'CNAME' ? [alias] : [alias, ...(groupRecords(endpoint.target, type) ?? [])];
  };
}
