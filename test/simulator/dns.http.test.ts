/** The name servers of the local Azure, asked by the system's own resolver over UDP and by hand over TCP. */
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decode, streamDecode, streamEncode } from 'dns-packet';
import type { Packet, PacketOpt } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CachingResolver } from '../../src/simulator/load-dns.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';

let local: Local;
let resolver: Resolver;
beforeEach(async () => {
  local = await Local.start();
  resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${local.azure.dnsPort}`]);
});
afterEach(() => local.close());

const NAME = 'web.trafficmanager.net';

function profile() {
  const [found] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  if (found === undefined) throw new Error('there is a profile from the start');
  return found;
}

/** A running group behind an endpoint; resolves with its address once the monitor has judged it. */
async function serve(name: string, program: Parameters<typeof local.push>[1] = {}): Promise<string> {
  const { azure } = local;
  azure.push({ repository: 'web', tag: name, program: { version: name, ...program } });
  azure.groups.put(
    { subscription: LOCAL_SUBSCRIPTION, resourceGroup: 'test', name },
    {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        containers: [
          {
            name: 'web',
            properties: {
              image: `local.azurecr.io/web:${name}`,
              ports: [{ port: 8080 }],
              resources: { requests: { cpu: 1, memoryInGB: 1 } },
            },
          },
        ],
        ipAddress: { type: 'Public', dnsNameLabel: `label-${name}`, ports: [{ port: 8080, protocol: 'TCP' }] },
      },
    },
  );
  const group = await vi.waitFor(() => {
    const found = azure.groups.all().find(({ key }) => key.name === name);
    expect(found).toMatchObject({ state: 'Running', ip: expect.any(String) });
    return found;
  });
  azure.profiles.putEndpoint(profile(), name, {
    properties: { target: group?.fqdn ?? '', endpointStatus: 'Enabled', weight: 1 },
  });
  const wanted = program?.healthy === false ? 'Degraded' : 'Online';
  await vi.waitFor(() => expect(profile().endpoints.get(name)?.monitor).toBe(wanted));
  return group?.ip ?? '';
}

/** `subnet`: of the client that is asked for, as a resolver passes it on (RFC 7871). */
async function askOverTcp(name: string, subnet?: string): Promise<Packet> {
  const socket = connect(local.azure.dnsPort, '127.0.0.1');
  const options: PacketOpt[] =
    subnet === undefined ? [] : [{ code: 8, family: 1, sourcePrefixLength: 24, scopePrefixLength: 0, ip: subnet }];
  const edns = { name: '.', type: 'OPT', udpPayloadSize: 1232, flags: 0, options } as const;
  const additionals = subnet === undefined ? [] : [{ ...edns, extendedRcode: 0, ednsVersion: 0, flag_do: false }];
  socket.write(streamEncode({ type: 'query', id: 7, questions: [{ type: 'A', name }], additionals }));
  const [bytes]: Buffer[] = await once(socket, 'data');
  socket.destroy();
  return streamDecode(bytes ?? Buffer.alloc(0));
}

describe('a profile’s name', () => {
  test('is an alias of one endpoint, for the profile’s TTL, with that group’s address', async () => {
    const address = await serve('one');
    expect(await resolver.resolve4(NAME)).toEqual([address]);
    const [alias] = await resolver.resolveCname(NAME);
    expect(alias).toMatch(/^label-one\..*westeurope\.azurecontainer\.io$/);
    const { answers } = await askOverTcp(NAME);
    expect(answers).toMatchObject([
      { type: 'CNAME', name: NAME, ttl: 1 },
      { type: 'A', data: address },
    ]);
  });

  test('is answered in any letter case, with the spelling of the question', async () => {
    await serve('one');
    const { answers } = await askOverTcp('WEB.TrafficManager.net');
    expect(answers?.[0]).toMatchObject({ name: 'WEB.TrafficManager.net' });
  });

  test('leads to enabled endpoints only, and to healthy ones while there are any', async () => {
    const healthy = await serve('healthy');
    const sick = await serve('sick', { healthy: false });
    await serve('away');
    local.azure.profiles.putEndpoint(profile(), 'away', { properties: { target: 'x', endpointStatus: 'Disabled' } });
    const seen = async () =>
      new Set((await Promise.all(Array.from({ length: 20 }, () => resolver.resolve4(NAME)))).flat());
    expect(await seen()).toEqual(new Set([healthy]));
    local.azure.profiles.putEndpoint(profile(), 'healthy', { properties: { target: 'y', endpointStatus: 'Disabled' } });
    expect(await seen()).toEqual(new Set([sick]));
  });

  test('does not exist for a resolver while no endpoint is enabled', async () => {
    await expect(resolver.resolve4(NAME)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolver.resolve4('other.trafficmanager.net')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('routing by the client’s address', () => {
  const add = (target: string, geoMapping: readonly string[]) =>
    local.azure.profiles.putEndpoint(profile(), target, { properties: { target, geoMapping } });

  test('goes by the client’s subnet where the question has it, else by who asks', async () => {
    add('eu.example', ['GEO-EU']);
    local.azure.profiles.patch(profile(), { properties: { trafficRoutingMethod: 'Geographic' } });
    const ask = async (subnet?: string) => (await askOverTcp(NAME, subnet)).answers?.map((answer) => answer.type);
    expect([await ask('192.0.2.0'), await ask('203.0.113.0'), await ask()]).toEqual([['CNAME'], [], []]);
    add('rest.example', ['WORLD']);
    const { answers } = await askOverTcp(NAME);
    expect(answers).toMatchObject([{ type: 'CNAME', data: 'rest.example' }]);
  });

  test('without a match the name exists without a record', async () => {
    add('eu.example', ['GEO-EU']);
    local.azure.profiles.patch(profile(), { properties: { trafficRoutingMethod: 'Geographic' } });
    await expect(resolver.resolve4(NAME)).rejects.toMatchObject({ code: 'ENODATA' });
  });
});

describe('the name servers', () => {
  test('are told by the zone, and each answers at a port of its own', async () => {
    await local.close();
    local = await Local.start({ nameServers: 3 });
    resolver.setServers([`127.0.0.1:${local.azure.dnsPort}`]);
    const names = await resolver.resolveNs('trafficmanager.net');
    expect(names).toEqual([1, 2, 3].map((number) => `ns${number}.trafficmanager.net`));
    expect(await resolver.resolve4(names[2] ?? '')).toEqual(['127.0.0.1']);
    const ports = new Set(local.azure.nameServers.map(({ port }) => port));
    expect(ports.size).toBe(3);
  });
});

describe('garbage', () => {
  test('is answered or dropped, and the next question is answered', async () => {
    const address = await serve('one');
    const socket = connect(local.azure.dnsPort, '127.0.0.1');
    socket.write(Buffer.from([0, 12, 1, 2, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0]));
    const [bytes]: Buffer[] = await once(socket, 'data');
    socket.destroy();
    const { flags = 0 } = decode((bytes ?? Buffer.alloc(2)).subarray(2));
    expect(flags % 16).toBe(1);
    expect(await resolver.resolve4(NAME)).toEqual([address]);
  });
});

describe('where one loopback address must serve all', () => {
  test('groups move to other ports, which are said, published and found by probes, monitor and clients', async () => {
    await local.close();
    const said: string[] = [];
    // An address for documentation: no machine has it.
    local = await Local.start({ nextAddress: () => '192.0.2.1', onFallback: (message) => said.push(message) });
    local.push('1.0.0');
    const journal = await local.run();
    expect((await journal.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded' });
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(
      /192\.0\.2\.1:8080 cannot be bound .* it answers at 127\.0\.0\.1:\d+, published as an SRV record/,
    );
    const client = new CachingResolver({ host: '127.0.0.1', port: local.azure.dnsPort });
    const { address, port } = await client.resolve(NAME, 8080);
    expect(await (await fetch(`http://${address}:${port}/`)).json()).toMatchObject({ version: '1.0.0' });
  });
});
