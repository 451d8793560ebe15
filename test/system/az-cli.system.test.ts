/** The local Azure as the real az command line sees it: other client, other API versions, other spelling of paths. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL_SUBSCRIPTION, startAzure } from '../../src/simulator/start.ts';
import type { LocalAzure } from '../../src/simulator/start.ts';
import { isAzInstalled, pointAz } from './az.ts';
import type { Az } from './az.ts';

const isInstalled = isAzInstalled();
if (!isInstalled) {
  process.stderr.write('az is not installed: its tests are skipped; apt-get install azure-cli brings it on Debian\n');
}

const GROUP = `apiVersion: '2021-10-01'
location: westeurope
name: hello
tags: { team: shop }
type: Microsoft.ContainerInstance/containerGroups
properties:
  osType: Linux
  containers:
    - name: web
      properties:
        image: local.azurecr.io/web:1.0.0
        ports: [{ port: 8080 }]
        resources: { requests: { cpu: 1.0, memoryInGB: 1.0 } }
        environmentVariables: [{ name: PLAIN, value: shown }, { name: SECRET, secureValue: hidden }]
  ipAddress: { type: Public, dnsNameLabel: hello, ports: [{ protocol: TCP, port: 8080 }] }
`;

describe.skipIf(!isInstalled)('az', () => {
  let azure: LocalAzure;
  let az: Az;
  let folder: string;
  const requests: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viridian-az-'));
    azure = await startAzure({
      folder,
      createMs: 500,
      onRequest: ({ method, path }) => requests.push(`${method} ${path}`),
    });
    azure.push({ repository: 'web', tag: '1.0.0' });
    az = await pointAz(azure, folder);
  }, 600_000);
  afterAll(async () => {
    await azure.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function create(name: string, text: string) {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, text);
    return az('container', 'create', '--resource-group', 'test', '--file', file);
  }

  test('container create --file makes a group and waits until it runs', async () => {
    const { status, json } = await create('hello', GROUP);
    expect(status).toBe(0);
    expect(json).toMatchObject({
      name: 'hello',
      tags: { team: 'shop' },
      properties: { provisioningState: 'Succeeded' },
    });
    expect(azure.groups.all().map(({ key, state }) => [key.name, state])).toEqual([['hello', 'Running']]);
    const group = requests.find((line) => line.startsWith('GET') && /resourcegroups\/test$/i.test(line));
    expect(group).toBeDefined();
  });

  test('container list shows it without an instance view', async () => {
    const { json } = await az('container', 'list', '--resource-group', 'test');
    expect(json).toMatchObject([{ name: 'hello', provisioningState: 'Succeeded', instanceView: null }]);
  });

  test('container show tells the states of its containers and no secret', async () => {
    const { json, stdout } = await az('container', 'show', '--resource-group', 'TEST', '--name', 'hello');
    expect(json).toMatchObject({
      instanceView: { state: 'Running' },
      containers: [{ instanceView: { currentState: { state: 'Running' }, restartCount: 0 } }],
      ipAddress: { fqdn: expect.stringMatching(/^hello\..*azurecontainer\.io$/) },
    });
    expect(stdout).not.toContain('hidden');
  });

  test('container logs prints what the container wrote', async () => {
    const { stdout } = await az('container', 'logs', '--resource-group', 'test', '--name', 'hello');
    expect(stdout).toContain('web 1.0.0 starts');
  });

  test('container create --file shows the code and message of a refusal, and makes no group', async () => {
    const { status, stderr } = await create(
      'broken',
      GROUP.replace('cpu: 1.0', 'cpu: lots').replace('name: hello', 'name: broken'),
    );
    expect(status).not.toBe(0);
    expect(stderr).toContain("(ResourceRequestsNotSpecified) The resource request 'cpu' of container 'web'");
    expect(azure.groups.all().map(({ key }) => key.name)).toEqual(['hello']);
  });

  test('container delete takes it away, and show then fails with ResourceNotFound', async () => {
    expect((await az('container', 'delete', '--resource-group', 'test', '--name', 'hello', '--yes')).status).toBe(0);
    expect(azure.groups.all()).toEqual([]);
    const { status, stderr } = await az('container', 'show', '--resource-group', 'test', '--name', 'hello');
    expect(status).not.toBe(0);
    expect(stderr).toContain('(ResourceNotFound)');
  });

  const manager = (...args: readonly string[]) => az('network', 'traffic-manager', ...args, '--resource-group', 'test');
  const endpoint = (verb: string, ...args: readonly string[]) =>
    manager('endpoint', verb, '--profile-name', 'shop', '--name', 'one', '--type', 'externalEndpoints', ...args);
  const profiles = () => azure.profiles.list(LOCAL_SUBSCRIPTION);
  const endpoints = () => [...(profiles()[0]?.endpoints.values() ?? [])];

  test('traffic-manager profile create fills in the defaults of the real one', async () => {
    const { json } = await manager(
      'profile',
      'create',
      '--name',
      'shop',
      '--routing-method',
      'Weighted',
      '--unique-dns-name',
      'shop',
      '--ttl',
      '10',
    );
    expect(json).toMatchObject({
      TrafficManagerProfile: {
        dnsConfig: { fqdn: 'shop.trafficmanager.net', ttl: 10 },
        monitorConfig: { intervalInSeconds: 30, timeoutInSeconds: 10, toleratedNumberOfFailures: 3 },
      },
    });
    expect(profiles().map(({ name, ttl }) => [name, ttl])).toEqual([['shop', 10]]);
  });

  test('traffic-manager endpoint create adds one that is enabled and still being checked', async () => {
    const { json } = await endpoint('create', '--target', 'hello.example', '--weight', '10');
    expect(json).toMatchObject({ endpointStatus: 'Enabled', endpointMonitorStatus: 'CheckingEndpoint', priority: 1 });
    expect(endpoints()).toMatchObject([{ name: 'one', target: 'hello.example', enabled: true, weight: 10 }]);
  });

  test('traffic-manager endpoint list shows it', async () => {
    const { json } = await manager('endpoint', 'list', '--profile-name', 'shop');
    expect(json).toMatchObject([{ name: 'one', target: 'hello.example', weight: 10 }]);
  });

  test('traffic-manager endpoint update changes what it names and keeps the rest', async () => {
    const { json } = await endpoint('update', '--endpoint-status', 'Disabled');
    expect(json).toMatchObject({ endpointStatus: 'Disabled', target: 'hello.example', weight: 10 });
    expect(endpoints()).toMatchObject([{ name: 'one', target: 'hello.example', enabled: false, weight: 10 }]);
  });

  test('traffic-manager endpoint show tells that a disabled one is not checked', async () => {
    expect((await endpoint('show')).json).toMatchObject({
      endpointStatus: 'Disabled',
      endpointMonitorStatus: 'Disabled',
    });
  });

  test('traffic-manager profile show tells its health, a list does not', async () => {
    expect((await manager('profile', 'show', '--name', 'shop')).json).toMatchObject({
      monitorConfig: { profileMonitorStatus: 'Inactive' },
      endpoints: [{ name: 'one' }],
    });
    const listed = await manager('profile', 'list');
    expect(listed.json).toMatchObject([{ name: 'shop', monitorConfig: { port: 80 } }]);
    expect(listed.stdout).not.toMatch(/"profileMonitorStatus": "/);
  });

  test('traffic-manager endpoint and profile delete leave nothing', async () => {
    expect((await endpoint('delete')).status).toBe(0);
    expect(profiles()).toHaveLength(1);
    expect(endpoints()).toEqual([]);
    expect((await manager('profile', 'delete', '--name', 'shop')).status).toBe(0);
    expect(profiles()).toEqual([]);
  });
});
