/** `/simulator/…`, as `curl` uses it, and the identities that the real SDK signs in with. */
import { ManagedIdentityCredential } from '@azure/identity';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { exchange } from '../support/exchange.ts';
import { Local } from '../support/local.ts';

let local: Local;
beforeEach(async () => {
  local = await Local.start();
});
afterEach(() => local.close());

async function control(method: string, path: string, json?: unknown) {
  const body = json === undefined ? '' : JSON.stringify(json);
  const answer = await exchange(local.azure, { method, url: `/simulator/${path}`, body });
  return { status: answer.status, json: JSON.parse(answer.body) as unknown };
}

describe('the control face', () => {
  test('pushes an image and shows it', async () => {
    expect(await control('POST', 'images', { repository: 'web', tag: '1.0.0' })).toMatchObject({
      status: 201,
      json: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
    expect((await control('GET', 'state')).json).toMatchObject({
      images: [{ repository: 'web', tags: [{ name: '1.0.0' }] }],
    });
  });

  test.each([
    ['an unknown key', 'images', { repository: 'web', tag: '1', programm: {} }, 'programm'],
    ['a wrong type', 'images', { repository: 'web', tag: '1', program: { healthy: 'no' } }, 'program.healthy'],
    ['a missing key', 'images', { repository: 'web' }, 'tag'],
    ['a status that is none', 'faults', { path: '/', status: 1000 }, 'status'],
  ])('%s is refused by its name', async (_, what, body, expected) => {
    const { status, json } = await control('POST', what, body);
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain(expected);
  });

  test('sets how Traffic Manager behaves, one thing at a time', async () => {
    await control('POST', 'traffic', { propagationMs: 5000, nestedTtl: 'child' });
    expect(await control('POST', 'traffic', { refuseSameLocation: true })).toEqual({
      status: 200,
      json: { count: 1, delayMs: 5000, nestedTtl: 'child', refuseSameLocation: true },
    });
    expect((await control('POST', 'traffic', { propagationMs: -1 })).status).toBe(400);
  });

  test('restricts permissions and quotas, and gives them back', async () => {
    const scope = `/subscriptions/${LOCAL_SUBSCRIPTION}/resourceGroups/test`;
    const roles = [{ actions: ['*/read'], notActions: [] }];
    expect(await control('POST', 'permissions', { scope, roles })).toEqual({ status: 200, json: { scope, roles } });
    expect(local.azure.permissions.on(`${scope}/providers/a/b`)).toEqual(roles);
    await control('DELETE', 'permissions');
    expect(local.azure.permissions.on(scope)).toEqual([{ actions: ['*'], notActions: [] }]);
    const capabilities = [{ osType: 'Linux', maxCpu: 2, maxMemoryInGB: 8 }];
    expect(
      await control('POST', 'locations', {
        location: 'westeurope',
        quotas: [{ name: 'StandardCores', limit: 2 }],
        capabilities,
      }),
    ).toMatchObject({
      status: 200,
      json: { capabilities: [{ osType: 'Linux', gpu: 'None', capabilities: { maxCpu: 2, maxMemoryInGB: 8 } }] },
    });
    expect((await control('POST', 'locations', { quotas: [] })).status).toBe(400);
    expect((await control('POST', 'permissions', { scope: 'test', roles })).status).toBe(400);
  });

  test('names what it knows', async () => {
    expect(await control('GET', 'nothing')).toMatchObject({
      status: 404,
      json: { error: { message: expect.stringContaining('POST images') } },
    });
    expect(await control('POST', 'groups/none/crash')).toMatchObject({ status: 404 });
  });

  test('makes a group of the live stack crash, heal and vanish', async () => {
    local.push('1.0.0');
    const journal = await local.run();
    await journal.next('rollout.finished');
    await local.stop();
    const [name = ''] = local.groups();
    const group = () => local.azure.groups.all().find(({ key }) => key.name === name);
    await control('POST', `groups/${name}/crash`);
    await vi.waitFor(() => expect(group()?.isCrashing).toBe(true));
    await control('POST', `groups/${name}/heal`);
    await vi.waitFor(() => expect(group()?.isCrashing).toBe(false));
    expect(await control('POST', `groups/${name}/explode`)).toMatchObject({ status: 400 });
    await control('POST', `groups/${name}/vanish`);
    expect(group()).toBeUndefined();
  });
});

test('a managed identity gets a token from its own endpoint, and ARM takes it', async () => {
  vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', local.azure.identityUrl);
  const { token } = await new ManagedIdentityCredential().getToken('https://management.azure.com/.default');
  const url = `/subscriptions/${LOCAL_SUBSCRIPTION}/resourceGroups/test?api-version=2021-04-01`;
  const answer = await exchange(local.azure, { method: 'GET', url, body: '' }, { authorization: `Bearer ${token}` });
  expect(answer.status).toBe(200);
  vi.unstubAllEnvs();
});
