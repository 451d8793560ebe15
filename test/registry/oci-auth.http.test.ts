/** Who asks a registry of the open protocol, and who gets to see the credential. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { RegistryCredential } from '../../src/azure/cloud.ts';
import type { HttpAnswer, HttpRequest } from '../../src/simulator/http.ts';
import { SECRET, startRegistry } from '../support/open-registry.ts';
import type { OpenRegistry } from '../support/open-registry.ts';

const open: OpenRegistry[] = [];
afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())));

async function start(answer: (request: HttpRequest) => HttpAnswer): Promise<OpenRegistry> {
  const registry = await startRegistry(answer);
  open.push(registry);
  return registry;
}

const BASIC: RegistryCredential = { kind: 'basic', username: 'robot', password: { env: 'PASSWORD' } };
const BASIC_HEADER = `Basic ${Buffer.from(`robot:${SECRET}`).toString('base64')}`;
const LIST: HttpAnswer = { status: 200, json: { name: 'web', tags: ['1.0.0'] } };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const SCOPE = 'repository:web:pull';

/** Asks for a bearer token of `realm`, and takes each that begins with `good`. */
function wantsBearer(realm: (request: HttpRequest) => string, token: () => HttpAnswer) {
  return (request: HttpRequest): HttpAnswer => {
    if (request.path === '/token') return token();
    if (request.headers['authorization']?.startsWith('Bearer good')) return LIST;
    const challenge = `Bearer realm="${realm(request)}/token",service="the registry",scope="${SCOPE}"`;
    return { status: 401, headers: { 'www-authenticate': challenge }, text: '' };
  };
}

const good = (expires_in?: number) => () => ({ status: 200, json: { token: 'good', expires_in } });

describe('a bearer token', () => {
  test('is asked for with realm, service and scope, and used until shortly before it expires', async () => {
    let now = 0;
    const registry = await start(wantsBearer(({ base }) => base, good(300)));
    const repository = registry.open({ now: () => now });
    const tokens = () => registry.asked.filter(({ line }) => line.includes('/token'));
    for (now of [0, 100_000, 249_000]) expect((await repository.listTags()).kind).toBe('known');
    expect(tokens().map(({ line, authorization }) => [line, authorization])).toEqual([
      [`GET /token?service=the+registry&scope=${encodeURIComponent(SCOPE)}`, undefined],
    ]);
    now = 251_000;
    expect((await repository.listTags()).kind).toBe('known');
    expect(tokens()).toHaveLength(2);
    // One refusal in all: later requests are authorized before they are sent.
    expect(registry.asked.filter(({ line, authorization }) => line.includes('/v2/') && !authorization)).toHaveLength(1);
  });

  test('for a user name goes by way of the token service: the registry itself never sees the password', async () => {
    const registry = await start(wantsBearer(({ base }) => base, good()));
    expect((await registry.open({ credential: BASIC }).listTags()).kind).toBe('known');
    expect(registry.asked.map(({ line, authorization }) => [line.split('?')[0], authorization])).toEqual([
      ['GET /v2/web/tags/list', undefined],
      ['GET /token', BASIC_HEADER],
      ['GET /v2/web/tags/list', 'Bearer good'],
    ]);
  });

  test('that is refused before its time is asked for anew, once', async () => {
    let isRevoked = false;
    let made = 0;
    const registry = await start((request) => {
      if (request.path === '/token')
        return { status: 200, json: { access_token: `token${(made += 1)}`, expires_in: 3600 } };
      const isRight = request.headers['authorization'] === (isRevoked ? 'Bearer token2' : 'Bearer token1');
      if (isRight) return LIST;
      const challenge = `Bearer realm="${request.base}/token",scope="${SCOPE}"`;
      return { status: 401, headers: { 'www-authenticate': challenge }, text: '' };
    });
    const repository = registry.open();
    expect((await repository.listTags()).kind).toBe('known');
    isRevoked = true;
    expect((await repository.listTags()).kind).toBe('known');
    expect(made).toBe(2);
  });

  test.each<[string, HttpAnswer, boolean, string]>([
    ['refuses', { status: 401, text: '{"details":"wrong"}' }, true, 'check the credential of this host'],
    ['is down', { status: 503, text: '' }, false, 'HTTP 503'],
    ['gives none', { status: 200, text: '{}' }, false, 'no token in it'],
    ['gives what no header can hold', { status: 200, json: { token: 'a\r\nb' } }, false, 'no token in it'],
  ])('where the token service %s, is a list that is unknown', async (_, answer, stalled, expected) => {
    const registry = await start(
      wantsBearer(
        ({ base }) => base,
        () => answer,
      ),
    );
    const list = await registry.open({ credential: BASIC }).listTags();
    expect(list).toMatchObject({ kind: 'unknown', stalled, reason: expect.stringContaining(expected) });
    expect(JSON.stringify(list)).not.toContain(SECRET);
  });

  test('of a token service elsewhere is fetched without the credential, or not at all', async () => {
    const other = await start(() => ({ status: 200, json: { token: 'good' } }));
    const elsewhere = other.url.replace('127.0.0.1', 'localhost');
    const registry = await start(wantsBearer(() => elsewhere, good()));
    const list = await registry.open({ credential: BASIC }).listTags();
    expect(list).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('is not given the credential') });
    expect(other.asked).toEqual([]);
    expect((await registry.open().listTags()).kind).toBe('known');
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('of one’s own is sent as it is', async () => {
    const registry = await start(({ headers }) =>
      headers['authorization'] === `Bearer ${SECRET}` ? LIST : { status: 401, text: '' },
    );
    const credential: RegistryCredential = { kind: 'bearer', token: { env: 'TOKEN' } };
    expect((await registry.open({ credential }).listTags()).kind).toBe('known');
  });
});

describe('a password', () => {
  const wantsBasic = ({ headers }: HttpRequest): HttpAnswer =>
    headers['authorization'] === BASIC_HEADER
      ? LIST
      : { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' }, text: '' };

  test('is sent to a registry that asks for it', async () => {
    const registry = await start(wantsBasic);
    expect((await registry.open({ credential: BASIC }).listTags()).kind).toBe('known');
  });

  test('that is not there makes a refusal, at one request', async () => {
    const registry = await start(wantsBasic);
    const list = await registry.open().listTags();
    expect(list).toMatchObject({
      kind: 'unknown',
      stalled: true,
      reason: expect.stringContaining('asks for a password'),
    });
    expect(registry.asked).toHaveLength(1);
  });

  test('is not sent to a registry that asks for none', async () => {
    const registry = await start(() => LIST);
    await registry.open({ credential: BASIC }).listTags();
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe('digests', () => {
  test('are asked for by HEAD, which counts as no pull, and for wanted tags only', async () => {
    let digest = DIGEST;
    const registry = await start(({ method }) =>
      method === 'HEAD' ? { status: 200, headers: { 'docker-content-digest': digest } } : LIST,
    );
    const repository = registry.open();
    await repository.listTags();
    expect(registry.asked.map(({ line }) => line)).toEqual(['GET /v2/web/tags/list?n=1000']);
    expect([repository.want?.('1.0.0'), repository.want?.('1.0.0'), repository.want?.('9.9.9')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await repository.listTags()).toMatchObject({ tags: [{ name: '1.0.0', digest: DIGEST }] });
    digest = `sha256:${'b'.repeat(64)}`;
    expect(await repository.listTags()).toMatchObject({ tags: [{ name: '1.0.0', digest }] });
    expect(registry.asked.filter(({ line }) => line.includes('manifests')).map(({ line }) => line)).toEqual([
      'HEAD /v2/web/manifests/1.0.0',
      'HEAD /v2/web/manifests/1.0.0',
    ]);
  });

  test('are asked for no more once nobody has wanted them for a while', async () => {
    const registry = await start(({ method }) =>
      method === 'HEAD' ? { status: 200, headers: { 'docker-content-digest': DIGEST } } : LIST,
    );
    const repository = registry.open();
    repository.want?.('1.0.0');
    for (let look = 0; look < 25; look += 1) await repository.listTags();
    expect(registry.asked.filter(({ line }) => line.startsWith('HEAD'))).toHaveLength(20);
  });

  test.each([200, 405])('come from the manifest itself where HEAD is answered by %i and no digest', async (status) => {
    const text = '{"schemaVersion":2}';
    const registry = await start(({ method }) => (method === 'HEAD' ? { status } : { status: 200, text }));
    const digest = await registry.open().resolveDigest('1.0.0');
    expect(digest).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
    expect(registry.asked.map(({ line }) => line.split(' ')[0])).toEqual(['HEAD', 'GET']);
  });

  test('of a tag deleted since it was listed stay unknown, those of the others do not', async () => {
    const registry = await start(({ method, path }) => {
      if (method !== 'HEAD') return { status: 200, json: { name: 'web', tags: ['gone', 'here'] } };
      return path.endsWith('gone') ? { status: 404 } : { status: 200, headers: { 'docker-content-digest': DIGEST } };
    });
    const repository = registry.open();
    for (const tag of ['gone', 'here']) repository.want?.(tag);
    expect(await repository.listTags()).toMatchObject({ tags: [{ digest: undefined }, { digest: DIGEST }] });
    await expect(repository.resolveDigest('gone')).rejects.toThrow('404');
  });

  test('R6: that cannot be told for another reason make the list unknown', async () => {
    const registry = await start(({ method }) => (method === 'HEAD' ? { status: 429 } : LIST));
    const repository = registry.open();
    repository.want?.('1.0.0');
    expect((await repository.listTags()).kind).toBe('unknown');
  });
});
