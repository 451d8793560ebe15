/** The containers of one group in the local Azure: who answers where, what they share, what runs before them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asRecord, asText } from '../../src/simulator/http.ts';
import { LOCAL_SUBSCRIPTION, startAzure } from '../../src/simulator/start.ts';
import type { LocalAzure } from '../../src/simulator/start.ts';
import { exchange, signIn } from '../support/exchange.ts';

type Part = Readonly<Record<string, unknown>>;

const GROUPS = `/subscriptions/${LOCAL_SUBSCRIPTION}/resourceGroups/test/providers/Microsoft.ContainerInstance/containerGroups`;

let folder: string;
let azure: LocalAzure;
let token: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viridian-containers-'));
  azure = await startAzure({ folder, createMs: 20, restartMs: 20 });
  token = await signIn(azure);
  for (const repository of ['web', 'worker', 'logs', 'init']) azure.push({ repository, tag: '1.0.0' });
});
afterEach(async () => {
  await azure.close();
  await rm(folder, { recursive: true, force: true });
});

function container(name: string, more: Part = {}): Part {
  const resources = { requests: { cpu: 0.5, memoryInGB: 0.5 } };
  return { name, properties: { image: `local.azurecr.io/${name}:1.0.0`, resources, ...more } };
}

const MOUNT = { name: 'logs', mountPath: '/var/log/shop' };
const WEB = container('web', {
  ports: [{ port: 8080 }],
  environmentVariables: [
    { name: 'LOG_FILE', value: '/var/log/shop/access.log' },
    { name: 'WORKER_URL', value: 'http://localhost:8081' },
    { name: 'CACHE_URL', value: 'http://localhost:6379' },
  ],
  volumeMounts: [MOUNT],
});
const WORKER = container('worker', { ports: [{ port: 8081 }] });
const LOGS = container('logs', {
  ports: [{ port: 8082 }],
  command: ['/bin/log-reader', '--follow', '/var/log/shop/access.log'],
  volumeMounts: [{ ...MOUNT, readOnly: true }],
});
const SHARE = {
  name: 'logs',
  azureFile: { shareName: 'shop-logs', storageAccountName: 'shoplogs', storageAccountKey: 'k' },
};
const OUTSIDE = { type: 'Public', ports: [{ port: 8080, protocol: 'TCP' }] };

async function send(method: string, path: string, json?: Part): Promise<{ status: number; json: Part }> {
  const body = json === undefined ? '' : JSON.stringify(json);
  const sent = { method, url: `${GROUPS}/${path}?api-version=2023-05-01`, body };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await exchange(azure, sent, headers);
  return { status: answer.status, json: answer.body === '' ? {} : (asRecord(JSON.parse(answer.body)) ?? {}) };
}

function put(name: string, properties: Part) {
  const body = { location: 'westeurope', properties: { osType: 'Linux', volumes: [SHARE], ...properties } };
  return send('PUT', name, body);
}

const groupOf = (name: string) => azure.groups.all().find(({ key }) => key.name === name);

/** Puts it, and waits until its containers run. */
async function runs(name: string, properties: Part): Promise<string> {
  expect((await put(name, properties)).status).toBe(201);
  await expect.poll(() => groupOf(name)?.state, { interval: 10 }).toBe('Running');
  return groupOf(name)?.ip ?? '';
}

async function ask(address: string, path: string): Promise<{ status: number; json: Part }> {
  let seen: { status: number; json: Part } | undefined;
  await expect
    .poll(
      async () => {
        const answer = await fetch(`http://${address}:8080${path}`, { headers: { connection: 'close' } });
        seen = { status: answer.status, json: asRecord(await answer.json()) ?? {} };
        return true;
      },
      { interval: 10 },
    )
    .toBe(true);
  return seen ?? { status: 0, json: {} };
}

const refused = (address: string, port: number) =>
  fetch(`http://${address}:${port}/`).then(
    () => 'answered',
    (error: unknown) => asText(asRecord(asRecord(error)?.['cause'])?.['code']) || codeOf(error),
  );
const codeOf = (error: unknown) =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : 'failed';

// Other loopback addresses than the first cannot be bound on macOS.
describe.skipIf(process.platform === 'darwin')('the containers of a group', () => {
  test('answer from outside only at the ports of the address, each the one that declares the port', async () => {
    const address = await runs('shop', { containers: [LOGS, WORKER, WEB], ipAddress: OUTSIDE });
    expect(await ask(address, '/cart')).toMatchObject({ status: 200, json: { container: 'web', path: '/cart' } });
    expect([await refused(address, 8081), await refused(address, 8082)]).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  });

  test('reach each other over localhost, and nobody where nobody listens', async () => {
    const address = await runs('shop', { containers: [WEB, WORKER, LOGS], ipAddress: OUTSIDE });
    expect((await ask(address, '/')).json['reached']).toEqual({
      WORKER_URL: { port: 8081, container: 'worker', version: '1.0.0', status: 200 },
      CACHE_URL: { port: 6379, error: 'connection refused' },
    });
    expect(await ask(address, '/_local/8081/jobs')).toMatchObject({
      status: 200,
      json: { container: 'worker', path: '/jobs' },
    });
    expect(await ask(address, '/_local/6379')).toMatchObject({
      status: 502,
      json: { error: 'connection refused: nothing listens at localhost:6379' },
    });
  });

  test('see the same files of a share, in one group and in others, and cannot write where they mount it read-only', async () => {
    const one = await runs('one', { containers: [WEB, WORKER, LOGS], ipAddress: OUTSIDE });
    const other = await runs('other', { containers: [WEB, LOGS], ipAddress: OUTSIDE });
    await ask(one, '/first');
    await ask(other, '/second');
    const lines = asText((await ask(one, '/_local/8082')).json['lines']?.toString());
    expect(lines).toMatch(/GET \/first 200.*GET \/second 200$/);
    const reader = container('web', { ...asRecord(WEB['properties']), volumeMounts: [{ ...MOUNT, readOnly: true }] });
    const readOnly = await runs('reader', { containers: [reader, LOGS], ipAddress: OUTSIDE });
    await ask(readOnly, '/third');
    expect(JSON.stringify((await ask(readOnly, '/_local/8082')).json)).not.toContain('/third');
    expect(azure.shares.list()).toEqual([{ store: 'shoplogs/shop-logs', path: '/access.log', lines: 2 }]);
  });

  test('share an emptyDir within their group alone, until that is stopped', async () => {
    const volumes = [{ name: 'logs', emptyDir: {} }];
    const one = await runs('one', { containers: [WEB, LOGS], ipAddress: OUTSIDE, volumes });
    const other = await runs('other', { containers: [WEB, LOGS], ipAddress: OUTSIDE, volumes });
    await ask(one, '/first');
    expect((await ask(one, '/_local/8082')).json['lines']).toHaveLength(1);
    expect((await ask(other, '/_local/8082')).json['lines']).toEqual([]);
    await send('POST', 'one/stop');
    expect(azure.shares.list()).toEqual([]);
  });

  test('serve on beside one that crashes, which alone is shown to crash', async () => {
    azure.push({ repository: 'worker', tag: '1.0.0', program: { crash: true } });
    const address = await runs('shop', { containers: [WEB, WORKER], ipAddress: OUTSIDE });
    expect((await ask(address, '/')).json['reached']).toMatchObject({ WORKER_URL: { error: 'connection refused' } });
    const containers = asRecord((await send('GET', 'shop')).json['properties'])?.['containers'];
    const shown = (Array.isArray(containers) ? containers : []).map((one: unknown) => {
      const view = asRecord(asRecord(asRecord(one)?.['properties'])?.['instanceView']);
      return asText(asRecord(view?.['currentState'])?.['state']);
    });
    expect(shown).toEqual(['Running', 'Waiting']);
  });

  test('are one under Windows', async () => {
    expect(
      await put('pair', { osType: 'Windows', volumes: [], containers: [container('web'), container('worker')] }),
    ).toMatchObject({ status: 400 });
    await runs('single', { osType: 'Windows', volumes: [], containers: [container('web')] });
  });

  test('keep the log of each apart', async () => {
    azure.push({ repository: 'worker', tag: '1.0.0', program: { log: 'at work' } });
    await runs('shop', { containers: [WEB, WORKER] });
    expect((await send('GET', 'shop/containers/worker/logs')).json['content']).toContain('at work');
    expect((await send('GET', 'shop/containers/web/logs')).json['content']).not.toContain('at work');
  });
});

describe('the address of a group', () => {
  test('of a subnet is private, with no name, and answers to who is inside', async () => {
    const ipAddress = { ...OUTSIDE, type: 'Private', dnsNameLabel: 'shopping' };
    const address = await runs('shop', { containers: [WEB], ipAddress, subnetIds: [{ id: 'net' }] });
    expect(address).toMatch(process.platform === 'darwin' ? /^127\./ : /^127\.10\./);
    expect(asRecord((await send('GET', 'shop')).json['properties'])?.['ipAddress']).toMatchObject({
      type: 'Private',
      ip: address,
    });
    expect(groupOf('shop')?.fqdn).toBeUndefined();
    expect((await ask(address, '/')).status).toBe(200);
  });

  test('is private only in a subnet', async () => {
    expect((await put('shop', { containers: [WEB], ipAddress: { ...OUTSIDE, type: 'Private' } })).status).toBe(400);
  });

  test('is none where none is asked for', async () => {
    await runs('shop', { containers: [WEB] });
    expect([groupOf('shop')?.ip, groupOf('shop')?.fqdn]).toEqual([undefined, undefined]);
  });

  test('may have ports of UDP, which are shown', async () => {
    const ports = [
      { port: 8080, protocol: 'TCP' },
      { port: 5353, protocol: 'UDP' },
    ];
    const address = await runs('shop', { containers: [WEB], ipAddress: { ...OUTSIDE, ports } });
    expect((await ask(address, '/')).status).toBe(200);
    expect(asRecord((await send('GET', 'shop')).json['properties'])?.['ipAddress']).toMatchObject({ ports });
  });
});

describe('init containers', () => {
  const INIT = { name: 'init', properties: { image: 'local.azurecr.io/init:1.0.0' } };
  const viewOf = async (name: string) => {
    const shown = asRecord((await send('GET', name)).json['properties'])?.['initContainers'];
    return asRecord(asRecord(asRecord(Array.isArray(shown) ? shown[0] : undefined)?.['properties'])?.['instanceView']);
  };

  test('have ended when the containers run', async () => {
    await runs('shop', { containers: [WEB], initContainers: [INIT], ipAddress: OUTSIDE });
    expect(await viewOf('shop')).toMatchObject({ restartCount: 0, currentState: { state: 'Terminated', exitCode: 0 } });
  });

  test('that fail are tried again, and keep the group from running', async () => {
    azure.push({ repository: 'init', tag: '1.0.0', program: { crash: true, exitCode: 3 } });
    await put('shop', { containers: [WEB], initContainers: [INIT], ipAddress: OUTSIDE });
    await expect.poll(() => groupOf('shop')?.initContainers[0]?.restarts, { interval: 10 }).toBeGreaterThan(1);
    await expect
      .poll(async () => asRecord((await viewOf('shop'))?.['currentState']), { interval: 5 })
      .toMatchObject({ state: 'Terminated', exitCode: 3 });
    expect(groupOf('shop')).toMatchObject({ state: 'Pending', provisioning: 'Creating' });
  });

  test('that fail in a group that is not restarted fail it', async () => {
    azure.push({ repository: 'init', tag: '1.0.0', program: { crash: true, exitCode: 3 } });
    await put('shop', { restartPolicy: 'Never', containers: [WEB], initContainers: [INIT] });
    await expect.poll(() => groupOf('shop')?.state, { interval: 10 }).toBe('Failed');
    expect(JSON.stringify((await send('GET', 'shop')).json)).not.toContain('"state":"Running"');
  });

  test('need their image', async () => {
    const missing = { name: 'init', properties: { image: 'local.azurecr.io/init:9.9.9' } };
    expect(await put('shop', { containers: [WEB], initContainers: [missing] })).toMatchObject({
      status: 400,
      json: { error: { code: 'InaccessibleImage' } },
    });
  });
});

test('a Spot group takes no connections from outside', async () => {
  const code = 'SpotPriorityContainerGroupNotSupportedForInboundConnectivity';
  expect(await put('shop', { priority: 'Spot', containers: [WEB], ipAddress: OUTSIDE })).toMatchObject({
    status: 400,
    json: { error: { code } },
  });
  await runs('batch', { priority: 'Spot', containers: [WEB] });
});

test('a mount of a volume that is not there is refused', async () => {
  expect(await put('shop', { containers: [WEB], volumes: [] })).toMatchObject({ status: 400 });
});
