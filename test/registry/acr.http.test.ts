/** The registry over the real SDK client: sign-in, pages, the watermark, and every kind of bad answer. */
import { afterEach, describe, expect, test } from 'vitest';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { OpenedRepository } from '../../src/registry/open.ts';
import { Local } from '../support/local.ts';

let local: Local | undefined;
afterEach(() => local?.close());

const DAY = Date.UTC(2026, 0, 1);
const asked: string[] = [];

async function open(tags: number): Promise<{ repository: OpenedRepository; push: (tag: string, at: number) => void }> {
  asked.length = 0;
  local = await Local.start({ onRequest: ({ method, path }) => asked.push(`${method} ${path}`) });
  const { azure, configFile } = local;
  const { registry, images } = azure;
  // Another time makes another program, and so another digest.
  const push = (tag: string, at: number) =>
    void images.push({ registry, repository: 'web', tag, program: { startMs: at % 1000 }, at: at - (at % 1000) });
  images.makeRepository(registry, 'web');
  for (let number = 0; number < tags; number += 1) push(`1.0.${number}`, DAY + number * 1000);
  const { settings } = loadSettings(configFile);
  const [place] = settings.registries;
  if (place === undefined) throw new Error('no registry');
  return { repository: (await joinEdges(settings)).openRepository(place, 'web'), push };
}

const pages = () => asked.filter((line) => line.endsWith('/_tags')).length;

describe('listing tags', () => {
  test('goes the whole way of sign-in: token service, exchange, scoped token', async () => {
    const { repository } = await open(1);
    expect(await repository.listTags()).toMatchObject({ kind: 'known', tags: [{ name: '1.0.0', pushedAt: DAY }] });
    const signIn = asked.filter((line) => line.includes('oauth2'));
    expect(signIn).toEqual([
      expect.stringMatching(/^POST .*\/oauth2\/v2\.0\/token$/),
      'POST /oauth2/exchange',
      'POST /oauth2/token',
    ]);
  });

  test('S07: follows every page', async () => {
    const { repository } = await open(250);
    const list = await repository.listTags();
    expect(list.kind === 'known' && list.tags.length).toBe(250);
    expect(list.kind === 'known' && list.tags.every(({ digest }) => /^sha256:[0-9a-f]{64}$/.test(digest ?? ''))).toBe(
      true,
    );
  });

  test('later looks stop at the first page that reaches what is known', async () => {
    const { repository, push } = await open(250);
    await repository.listTags();
    const before = pages();
    push('2.0.0', DAY + 1_000_000);
    const list = await repository.listTags();
    expect(pages() - before).toBe(1);
    expect(list.kind === 'known' && list.tags.length).toBe(251);
  });

  test('S16: a tag that moved has its new digest, wherever it stood', async () => {
    const { repository, push } = await open(250);
    const first = await repository.listTags();
    const digestOf = (list: typeof first) =>
      list.kind === 'known' ? list.tags.find(({ name }) => name === '1.0.3')?.digest : undefined;
    push('1.0.3', DAY + 1_000_001);
    const second = await repository.listTags();
    expect(digestOf(second)).not.toBe(digestOf(first));
    expect(second.kind === 'known' && second.tags.length).toBe(250);
  });

  test('S01: an empty repository is known to be empty', async () => {
    const { repository } = await open(0);
    expect(await repository.listTags()).toEqual({ kind: 'known', tags: [] });
  });

  test('resolves the digest that a tag has now', async () => {
    const { repository } = await open(3);
    const list = await repository.listTags();
    const wanted = list.kind === 'known' ? list.tags.find(({ name }) => name === '1.0.1')?.digest : '';
    expect(await repository.resolveDigest('1.0.1')).toBe(wanted);
    await expect(repository.resolveDigest('9.9.9')).rejects.toThrow('TAG_UNKNOWN');
  });
});

describe('R6: what cannot be listed is unknown, never empty', () => {
  const notAList = 'the answer is no list of tags';
  test.each([
    ['401', { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}' }, true, 'AcrPull'],
    ['403', { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' }, true, 'AcrPull'],
    ['404', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}' }, false, 'push a first image'],
    ['429', { status: 429, retryAfterSeconds: 7, body: '{}' }, false, 'throttles'],
    ['503', { status: 503, body: 'down' }, false, 'HTTP 503: down'],
    [
      'JSON that is cut off',
      { status: 200, body: '{"imageName":"web","tags":[{"name":"1.0' },
      false,
      'cannot be listed',
    ],
    ['HTML', { status: 200, body: '<html>Sign in</html>' }, false, 'cannot be listed'],
    ['an empty object', { status: 200, body: '{}' }, false, notAList],
    ['a list of nothing', { status: 200, body: '[]' }, false, notAList],
    ['tags that are none', { status: 200, body: '{"imageName":"web","tags":[{"name":1}]}' }, false, 'cannot be listed'],
    ['a cut connection', { status: 0 }, false, 'cannot be listed'],
  ])('%s', async (_, fault, stalled, expected) => {
    const { repository } = await open(3);
    local?.azure.faults.add({ path: '/_tags', ...fault });
    const list = await repository.listTags();
    expect(list).toMatchObject({ kind: 'unknown', stalled });
    const reason = list.kind === 'unknown' ? list.reason : '';
    expect(reason).toContain('tags of local.azurecr.io/web');
    expect(reason).toContain(expected);
  });

  test('429 carries when to come back', async () => {
    const { repository } = await open(3);
    local?.azure.faults.add({ path: '/_tags', status: 429, retryAfterSeconds: 7 });
    expect(await repository.listTags()).toMatchObject({ kind: 'unknown', retryAfterMs: 7000 });
  });

  test('a failure on the second page loses nothing and the next look has all', async () => {
    const { repository } = await open(250);
    local?.azure.faults.add({ path: '/_tags', status: 200, times: 2 });
    local?.azure.faults.add({ path: '/_tags', status: 500, times: 1 });
    expect((await repository.listTags()).kind).toBe('unknown');
    const list = await repository.listTags();
    expect(list.kind === 'known' && list.tags.length).toBe(250);
  });

  test('no token: the identity is named as what somebody must look at', async () => {
    const { repository } = await open(3);
    local?.azure.faults.add({ path: '/oauth2/v2.0/token', status: 401, body: '{"error":"invalid_client"}' });
    expect(await repository.listTags()).toMatchObject({ kind: 'unknown', stalled: true });
  });
});
