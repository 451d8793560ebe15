/** The local Azure on the wire: the oddities of the real one, as recorded, and what it forgives in requests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOCAL_SUBSCRIPTION, startAzure } from '../../src/simulator/start.ts';
import type { LocalAzure } from '../../src/simulator/start.ts';
import { exchange, signIn } from '../support/exchange.ts';

let azure: LocalAzure;
let token: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viridian-azure-'));
  azure = await startAzure({ folder, createMs: 20, restartMs: 10, probeIntervalMs: 10 });
  azure.push({ repository: 'web', tag: '1.0.0' });
  azure.push({ repository: 'web', tag: 'broken', program: { crash: true, exitCode: 0 } });
  token = await signIn(azure);
});
afterEach(async () => {
  await azure.close();
  await rm(folder, { recursive: true });
});

const SCOPE = `/subscriptions/${LOCAL_SUBSCRIPTION}/resourceGroups/test`;
const GROUP = `${SCOPE}/providers/Microsoft.ContainerInstance/containerGroups`;
const PROFILE = `${SCOPE}/providers/Microsoft.Network/trafficmanagerprofiles`;
const groups = (path = '', version = '2023-05-01') => `${GROUP}${path}?api-version=${version}`;
const profiles = (path = '', version = '2022-04-01') => `${PROFILE}${path}?api-version=${version}`;

async function send(method: string, url: string, json?: unknown) {
  const body = json === undefined ? '' : JSON.stringify(json);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await exchange(azure, { method, url, body }, headers);
  return { ...answer, json: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown) };
}

const body = (tag: string) => ({
  location: 'westeurope',
  properties: {
    osType: 'Linux',
    containers: [
      {
        name: 'web',
        properties: { image: `local.azurecr.io/web:${tag}`, resources: { requests: { cpu: 1, memoryInGB: 1 } } },
      },
    ],
  },
});
const profile = {
  location: 'global',
  properties: {
    trafficRoutingMethod: 'Weighted',
    dnsConfig: { relativeName: 'shop', ttl: 10 },
    monitorConfig: { protocol: 'HTTP', port: 80, path: '/' },
  },
};
const endpoint = { properties: { target: 'hello.example', weight: 1, endpointStatus: 'Enabled' } };

describe('container groups', () => {
  test('PUT answers 201 at once with a group that is Pending, its operation and the rate that is left', async () => {
    const { status, headers, json } = await send('PUT', groups('/hello'), body('1.0.0'));
    expect(status).toBe(201);
    expect(json).toMatchObject({
      properties: {
        provisioningState: 'Pending',
        instanceView: { events: [], state: 'Pending' },
        sku: 'Standard',
        initContainers: [],
      },
    });
    expect(headers['azure-asyncoperation']).toContain(
      '/providers/Microsoft.ContainerInstance/locations/westeurope/operations/',
    );
    expect(Number(headers['x-ms-ratelimit-remaining-subscription-writes'])).toBeGreaterThan(0);
    expect(headers['x-ms-ratelimit-remaining-subscription-resource-requests-pt5m']).toBeDefined();
    expect(headers['etag']).toBeUndefined();
  });

  test('a crash loop says Succeeded and Running; only its container tells the truth', async () => {
    await send('PUT', groups('/broken'), body('broken'));
    const { json } = await vi.waitFor(async () => {
      const answer = await send('GET', groups('/broken'));
      expect(answer.body).toContain('CrashLoopBackOff');
      return answer;
    });
    expect(json).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        instanceView: { state: 'Running' },
        containers: [
          {
            properties: {
              instanceView: {
                restartCount: expect.any(Number),
                currentState: { state: 'Waiting', detailStatus: 'CrashLoopBackOff: Back-off 10s restarting failed' },
                previousState: { state: 'Terminated', exitCode: 0, detailStatus: 'Completed' },
                events: expect.arrayContaining([
                  expect.objectContaining({ name: 'BackOff', type: 'Warning', count: expect.any(Number) }),
                ]),
              },
            },
          },
        ],
      },
    });
  });

  test('a list has no instance views, a single look has them', async () => {
    await send('PUT', groups('/hello'), body('1.0.0'));
    expect((await send('GET', groups())).body).not.toContain('instanceView');
    expect((await send('GET', groups('/hello'))).body).toContain('instanceView');
  });

  test('DELETE of what is not there is 204; GET of it 404 with the code and id', async () => {
    expect((await send('DELETE', groups('/none'))).status).toBe(204);
    const { status, json } = await send('GET', groups('/none'));
    expect(status).toBe(404);
    expect(json).toMatchObject({
      error: { code: 'ResourceNotFound', message: expect.stringContaining('containerGroups/none') },
    });
  });
});

describe('Traffic Manager', () => {
  test('PUT of a profile is 201, then 200; of an endpoint always 201, with a NestedProfile of null; no ETag anywhere', async () => {
    const [first, second] = [
      await send('PUT', profiles('/shop'), profile),
      await send('PUT', profiles('/shop'), profile),
    ];
    expect([first.status, second.status]).toEqual([201, 200]);
    const [made, again] = [
      await send('PUT', profiles('/shop/externalEndpoints/one'), endpoint),
      await send('PUT', profiles('/shop/ExternalEndpoints/one'), endpoint),
    ];
    expect([made.status, again.status]).toEqual([201, 201]);
    expect(made.json).toMatchObject({
      properties: {
        endpointMonitorStatus: 'CheckingEndpoint',
        priority: 1,
        endpointLocation: null,
        NestedProfile: null,
      },
    });
    for (const { headers } of [first, second, made, again]) expect(headers['etag']).toBeUndefined();
  });

  test('ids are canonical whatever the request said, and slashes in JSON are escaped', async () => {
    const answer = await send('PUT', profiles('/shop'), profile);
    expect(answer.body).toContain(String.raw`\/providers\/Microsoft.Network\/trafficManagerProfiles\/shop`);
  });

  test('health is in a GET, never in a list', async () => {
    await send('PUT', profiles('/shop'), profile);
    expect((await send('GET', profiles('/shop'))).json).toMatchObject({
      properties: { monitorConfig: { profileMonitorStatus: 'Inactive' } },
    });
    await send('PUT', profiles('/shop/externalEndpoints/one'), endpoint);
    expect((await send('GET', profiles('/shop'))).json).toMatchObject({
      properties: { monitorConfig: { profileMonitorStatus: 'CheckingEndpoints' } },
    });
    expect((await send('GET', profiles())).json).toMatchObject({
      value: [{ properties: { monitorConfig: { profileMonitorStatus: null } } }],
    });
  });

  test('DELETE is 200 with nothing in it', async () => {
    await send('PUT', profiles('/shop'), profile);
    await send('PUT', profiles('/shop/externalEndpoints/one'), endpoint);
    for (const path of ['/shop/externalEndpoints/one', '/shop']) {
      expect(await send('DELETE', profiles(path))).toMatchObject({ status: 200, body: '' });
    }
  });
});

describe('what it forgives', () => {
  test.each([
    ['capitals', GROUP.toUpperCase()],
    ['small letters', GROUP.toLowerCase()],
    ['doubled slashes', GROUP.replace('ContainerInstance/', 'ContainerInstance//')],
  ])('%s in the path', async (_, path) => {
    await send('PUT', groups('/hello'), body('1.0.0'));
    expect((await send('GET', `${path}/hello?api-version=2023-05-01`)).json).toMatchObject({ name: 'hello' });
  });

  test.each(['2018-10-01', '2021-10-01', '2025-09-01', '2022-04-01-preview'])('API version %s', async (version) => {
    expect((await send('GET', groups('', version))).status).toBe(200);
    expect((await send('GET', profiles('', version))).status).toBe(200);
  });

  test('reads of the resource group', async () => {
    expect((await send('GET', `${SCOPE}?api-version=2021-04-01`)).json).toMatchObject({
      name: 'test',
      properties: { provisioningState: 'Succeeded' },
    });
  });
});

describe('what it refuses', () => {
  test('no API version, no token, a wrong token, a wrong secret', async () => {
    expect((await send('GET', GROUP)).json).toMatchObject({ error: { code: 'MissingApiVersionParameter' } });
    const get = { method: 'GET', url: groups(), body: '' };
    expect((await exchange(azure, get)).status).toBe(401);
    const forged = await exchange(azure, get, { authorization: 'Bearer forged' });
    expect(forged).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringContaining('Bearer ') } });
    expect(await signIn(azure, 'wrong')).toBe('');
  });

  test('a body that is no JSON', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await exchange(azure, { method: 'PUT', url: groups('/hello'), body: '{' }, headers);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'InvalidRequestContent' } });
  });

  test('errors that were asked for: before or after the effect, so many times', async () => {
    azure.faults.add({
      method: 'PUT',
      path: 'containerGroups',
      status: 503,
      code: 'ServiceUnavailable',
      when: 'after',
      times: 1,
    });
    azure.faults.add({ method: 'PUT', path: 'containerGroups', status: 429, retryAfterSeconds: 5, times: 1 });
    expect(await send('PUT', groups('/one'), body('1.0.0'))).toMatchObject({
      status: 503,
      json: { error: { code: 'ServiceUnavailable' } },
    });
    expect(await send('PUT', groups('/two'), body('1.0.0'))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
    });
    expect((await send('PUT', groups('/three'), body('1.0.0'))).status).toBe(201);
    expect(azure.groups.all().map(({ key }) => key.name)).toEqual(['one', 'three']);
  });
});
