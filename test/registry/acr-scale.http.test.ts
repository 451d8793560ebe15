/** Azure's registry at any size: pages, what a steady look costs, and who asks. */
import { createDefaultHttpClient, createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, describe, expect, test } from 'vitest';
import type { RegistryCredential } from '../../src/azure/cloud.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { AcrRepository } from '../../src/registry/acr.ts';
import { Local } from '../support/local.ts';

let local: Local | undefined;
afterEach(async () => {
  await local?.close();
  local = undefined;
});

const asked: string[] = [];
const lists = () => asked.filter((line) => line.includes('_tags'));

async function open(names: readonly string[]) {
  asked.length = 0;
  local = await Local.start({ onRequest: ({ method, path }) => asked.push(`${method} ${path}`) });
  const { azure, configFile } = local;
  const { registry, images } = azure;
  for (const [at, tag] of names.entries()) images.push({ registry, repository: 'web', tag, program: {}, at });
  const { settings } = loadSettings(configFile);
  const [place] = settings.registries;
  if (place === undefined) throw new Error('no registry');
  return { azure, place, edges: await joinEdges(settings) };
}

const many = (count: number) => Array.from({ length: count }, (_, number) => `1.0.${number}`);

describe('Azure’s registry', () => {
  test.each([101, 1001, 9036])(
    'S07: all of %i tags are listed, and later looks are one request each',
    async (count) => {
      const { edges, place } = await open(many(count));
      const repository = edges.openRepository(place, 'web');
      const first = await repository.listTags();
      expect(first.kind === 'known' && first.tags.length).toBe(count);
      asked.length = 0;
      for (let look = 0; look < 5; look += 1) expect(await repository.listTags()).toEqual(first);
      expect(lists()).toHaveLength(5);
    },
  );

  test('a steady look at the longest tags is less than 16 KiB', async () => {
    const { edges, place } = await open(many(1000).map((name) => name.padEnd(128, 'x')));
    let bytes = 0;
    const inner = createDefaultHttpClient();
    const httpClient: HttpClient = {
      async sendRequest(request) {
        const response = await inner.sendRequest(request);
        bytes += (response.bodyAsText ?? '').length + JSON.stringify(response.headers.toJSON()).length;
        return response;
      },
    };
    const given = { credential: edges.credential, audience: 'https://management.azure.com', httpClient };
    const repository = new AcrRepository(
      { ...place, repository: 'web' },
      { ...given, onUnknownError: () => undefined },
    );
    await repository.listTags();
    bytes = 0;
    expect((await repository.listTags()).kind).toBe('known');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(16 * 1024);
  });

  test('S08: a size that is refused makes pages smaller, not the list unknown', async () => {
    const { azure, edges, place } = await open(many(250));
    azure.faults.add({ path: '/_tags', status: 200, times: 1 });
    azure.faults.add({ path: '/_tags', status: 400, body: 'n is too large', times: 1 });
    const list = await edges.openRepository(place, 'web').listTags();
    expect(list.kind === 'known' && list.tags.length).toBe(250);
  });

  test.each<[string, RegistryCredential]>([
    ['anonymously', { kind: 'anonymous' }],
    ['as a token with a scope map', { kind: 'basic', username: 'robot', password: { env: 'ROBOT' } }],
  ])('is asked %s', async (_, credential) => {
    process.env['ROBOT'] = 'right';
    const { edges, place, azure } = await open(many(30));
    const repository = edges.openRepository({ ...place, credential }, 'web');
    expect(await repository.listTags()).toMatchObject({ kind: 'known', tags: { length: 30 } });
    expect(asked.filter((line) => line.includes('oauth2'))).toContain('GET /oauth2/token');
    expect(asked.filter((line) => line.includes('exchange'))).toEqual([]);
    const digest = azure.images.tags(azure.registry, 'web')?.[0]?.digest ?? '';
    const platform = { os: 'linux', architecture: 'amd64' };
    expect(await repository.checkCandidate({ tag: '1.0.29', digest, platform })).toMatchObject({ kind: 'fit' });
  });

  test('refuses a wrong password in a way that names the credential, and not the password', async () => {
    process.env['ROBOT'] = 'wrong';
    const { edges, place } = await open(many(3));
    const credential: RegistryCredential = { kind: 'basic', username: 'robot', password: { env: 'ROBOT' } };
    expect(await edges.openRepository({ ...place, credential }, 'web').listTags()).toMatchObject({
      kind: 'unknown',
      stalled: true,
      reason: expect.stringMatching(/^(?!.*wrong).*check the credential of this host under registries/),
    });
  });

  test('a secret that is not set is named', async () => {
    const { edges, place } = await open(many(3));
    const credential: RegistryCredential = { kind: 'basic', username: 'robot', password: { env: 'UNSET_SECRET' } };
    expect(await edges.openRepository({ ...place, credential }, 'web').listTags()).toMatchObject({
      kind: 'unknown',
      stalled: true,
      reason: expect.stringContaining('secret {env: UNSET_SECRET} is not set'),
    });
  });
});

test('a page of 10,000 tags, whatever size was asked for, is read whole', async () => {
  const entry = { digest: `sha256:${'a'.repeat(64)}`, createdTime: '2026-01-01T00:00:00Z', changeableAttributes: {} };
  const tags = many(10_000).map((name) => ({
    ...entry,
    name: name.padEnd(128, 'x'),
    lastUpdateTime: entry.createdTime,
  }));
  const body = JSON.stringify({ registry: 'x', imageName: 'web', tags });
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  const httpClient: HttpClient = {
    sendRequest: async (request) => ({ request, status: 200, headers, bodyAsText: body }),
  };
  const repository = new AcrRepository(
    { host: 'shop.azurecr.io', endpoint: 'https://shop.azurecr.io', repository: 'web' },
    { credential: undefined, audience: 'https://management.azure.com', httpClient, onUnknownError: () => undefined },
  );
  expect(await repository.listTags()).toMatchObject({ kind: 'known', tags: { length: 10_000 } });
});

describe('links between the pages of Azure’s registry', () => {
  /** A page that always links to `link`. */
  const linking = (link: string, urls: string[], repeats = false): HttpClient => ({
    async sendRequest(request) {
      urls.push(request.url);
      const entry = {
        name: `1.0.${repeats ? 0 : urls.length}`,
        digest: `sha256:${'a'.repeat(64)}`,
        createdTime: '2026-01-01T00:00:00.0000000Z',
        lastUpdateTime: '2026-01-01T00:00:00.0000000Z',
        changeableAttributes: {},
      };
      const headers = createHttpHeaders({
        'content-type': 'application/json',
        ...(urls.length < 5 ? { link: `<${link}>; rel="next"` } : {}),
      });
      const body = JSON.stringify({ registry: 'x', imageName: 'web', tags: [entry] });
      return { request, status: 200, headers, bodyAsText: body };
    },
  });
  const list = (httpClient: HttpClient) =>
    new AcrRepository(
      { host: 'shop.azurecr.io', endpoint: 'https://shop.azurecr.io', repository: 'web' },
      { credential: undefined, audience: 'https://management.azure.com', httpClient, onUnknownError: () => undefined },
    ).listTags();

  test.each([
    '/acr/v1/web/_tags?last=a',
    'https://shop.azurecr.io:443/acr/v1/web/_tags?last=a',
    'http://shop.azurecr.io:80/acr/v1/web/_tags?last=a',
  ])('S07: are followed to the registry itself: %s', async (link) => {
    const urls: string[] = [];
    expect(await list(linking(link, urls))).toMatchObject({ kind: 'known', tags: { length: 5 } });
    expect(new Set(urls.map((url) => new URL(url).origin))).toEqual(new Set(['https://shop.azurecr.io']));
  });

  test('to another host are refused, and nothing is sent there', async () => {
    const urls: string[] = [];
    const found = await list(linking('https://elsewhere.example/acr/v1/web/_tags', urls));
    expect(found).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('to another host, elsewhere.example'),
    });
    expect(urls).toHaveLength(1);
  });

  test('in a circle end the list', async () => {
    const found = await list(linking('/acr/v1/web/_tags?last=a', [], true));
    expect(found).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('in a circle') });
  });
});
