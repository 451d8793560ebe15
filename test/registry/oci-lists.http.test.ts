/** Lists of tags by the open protocol: pages and their links, sizes that are refused, and every kind of bad answer. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TagList } from '../../src/model/tag.ts';
import { nextLink } from '../../src/registry/address.ts';
import type { HttpAnswer, HttpRequest } from '../../src/simulator/http.ts';
import { paged, startRegistry } from '../support/open-registry.ts';
import type { OpenRegistry } from '../support/open-registry.ts';

const open: OpenRegistry[] = [];
afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())));

async function start(answer: (request: HttpRequest) => HttpAnswer): Promise<OpenRegistry> {
  const registry = await startRegistry(answer);
  open.push(registry);
  return registry;
}

const many = (count: number) => Array.from({ length: count }, (_, number) => `1.0.${number}`);
const names = (list: TagList) => (list.kind === 'known' ? list.tags.map(({ name }) => name) : []);
const reason = (list: TagList) => (list.kind === 'unknown' ? list.reason : '');

describe('S07: every page is followed', () => {
  test.each([101, 1001, 9036])('%i tags', async (count) => {
    const registry = await start(paged(many(count), (path) => path));
    const list = await registry.open().listTags();
    expect(names(list)).toEqual(many(count));
    expect(registry.asked).toHaveLength(Math.ceil(count / 1000));
  });

  test.each([
    ['without a host', (path: string) => path],
    ['with host and port', (path: string, { base }: HttpRequest) => `${base}${path}`],
    ['with another scheme and no port, from behind a proxy', (path: string) => `https://127.0.0.1${path}`],
    ['relative to the list', (path: string) => path.replace('/v2/web/tags/', '')],
  ])('by a link %s', async (_, link) => {
    const registry = await start(paged(many(1001), link));
    expect(names(await registry.open().listTags())).toHaveLength(1001);
  });

  test('10,000 tags in one page, by a registry that knows no sizes', async () => {
    const registry = await start(() => ({ status: 200, json: { name: 'web', tags: many(10_000) } }));
    expect(names(await registry.open().listTags())).toHaveLength(10_000);
  });

  test('tags have neither a time nor, unless it is wanted, a digest', async () => {
    const registry = await start(paged(['1.0.0'], (path) => path));
    expect(await registry.open().listTags()).toEqual({
      kind: 'known',
      tags: [{ name: '1.0.0', digest: undefined, pushedAt: undefined }],
    });
  });

  test('S01: a repository without tags is known to be empty', async () => {
    const registry = await start(() => ({ status: 200, json: { name: 'web', tags: null } }));
    expect(await registry.open().listTags()).toEqual({ kind: 'known', tags: [] });
  });
});

describe('S08: a size that is refused', () => {
  test.each([400, 405, 413, 422])('by %i makes pages smaller, then and later', async (status) => {
    const pages = paged(many(250), (path) => path);
    const registry = await start((request) =>
      Number(request.query.get('n')) > 100 ? { status, text: 'Member must have value at most 100' } : pages(request),
    );
    const repository = registry.open();
    expect(names(await repository.listTags())).toHaveLength(250);
    const asked = () => registry.asked.map(({ line }) => line).filter((line) => line.endsWith('n=1000'));
    expect(asked()).toHaveLength(1);
    expect(names(await repository.listTags())).toHaveLength(250);
    expect(asked()).toHaveLength(1);
  });

  test('of any kind makes the list be asked for as it comes', async () => {
    const registry = await start(({ query }) =>
      query.has('n') ? { status: 400, text: '' } : { status: 200, json: { name: 'web', tags: ['1'] } },
    );
    expect(names(await registry.open().listTags())).toEqual(['1']);
  });
});

describe('R6: what cannot be listed to its end is unknown, never empty', () => {
  const error = (code: string) => JSON.stringify({ errors: [{ code, message: 'no' }] });
  test.each<[string, HttpAnswer, boolean, string]>([
    ['401', { status: 401, text: error('UNAUTHORIZED') }, true, 'check the credential of this host under registries'],
    ['403', { status: 403, text: error('DENIED') }, true, 'DENIED: no; check the credential'],
    ['404', { status: 404, text: error('NAME_UNKNOWN') }, false, 'push a first image'],
    ['429', { status: 429, text: error('TOOMANYREQUESTS') }, false, 'throttles'],
    ['500', { status: 500, text: '' }, false, 'HTTP 500'],
    ['503', { status: 503, text: 'down' }, false, 'HTTP 503: down'],
    ['HTML', { status: 200, text: '<html>' }, false, 'no list of tags'],
    ['JSON that is cut off', { status: 200, text: '{"name":"web","tags":["1.0.0","1.1' }, false, 'no list of tags'],
    ['an empty object', { status: 200, text: '{}' }, false, 'no list of tags'],
    ['a tag that is a number', { status: 200, text: '{"name":"web","tags":[1]}' }, false, 'no tag (1)'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, text: '' }, false, 'HTTP 302'],
    ['no answer at all', { status: 0 }, false, 'cannot be listed'],
  ])('%s', async (_, answer, stalled, expected) => {
    const registry = await start(() => answer);
    const list = await registry.open().listTags();
    expect(list).toMatchObject({ kind: 'unknown', stalled });
    expect(reason(list)).toContain(`tags of ${registry.host}/web cannot be listed`);
    expect(reason(list)).toContain(expected);
  });

  test.each([
    ['seconds', '7', 7000],
    ['so many seconds that it would be for ever', '999999999999', 3_600_000],
    ['nonsense', 'soon', undefined],
  ])('429 says when to come back, in %s', async (_, header, expected) => {
    const registry = await start(() => ({ status: 429, headers: { 'retry-after': header }, text: '' }));
    const list = await registry.open().listTags();
    expect(list.kind === 'unknown' && list.retryAfterMs).toBe(expected);
  });

  test('503 says when to come back as a date', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 60_000).toUTCString() };
    const registry = await start(() => ({ status: 503, headers, text: '' }));
    const list = await registry.open().listTags();
    const retryAfterMs = list.kind === 'unknown' ? list.retryAfterMs : undefined;
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('a failure on the second page', async () => {
    const pages = paged(many(1500), (path) => path);
    const registry = await start((request) => (request.query.has('last') ? { status: 500, text: '' } : pages(request)));
    expect((await registry.open().listTags()).kind).toBe('unknown');
  });

  test.each([
    [128, 'known'],
    [129, 'unknown'],
  ])('a tag of %i characters: %s', async (length, expected) => {
    const registry = await start(() => ({ status: 200, json: { name: 'web', tags: ['a'.repeat(length)] } }));
    expect((await registry.open().listTags()).kind).toBe(expected);
  });

  test('an answer that does not end is cut off', async () => {
    const registry = await start(() => ({ status: 200, text: ' '.repeat(16 * 1024 * 1024 + 1) }));
    expect(reason(await registry.open().listTags())).toContain('has more than 16777216 bytes');
  });
});

describe('links', () => {
  test('to another host are refused, and nothing is sent there', async () => {
    const other = await start(paged(many(5), (path) => path));
    const elsewhere = other.url.replace('127.0.0.1', 'localhost');
    const registry = await start(paged(many(1001), (path) => `${elsewhere}${path}`));
    const list = await registry.open().listTags();
    expect(reason(list)).toContain(`to another host, ${elsewhere.replace('http://', '')}, and is not followed`);
    expect(other.asked).toEqual([]);
  });

  test.each([
    ['to the page itself', '</v2/web/tags/list?n=1000>; rel="next"', 1],
    ['back and forth', '</v2/web/tags/list?n=1000&last=1>; rel="next"', 2],
  ])('in a circle, %s, end the list', async (_, link, requests) => {
    const registry = await start(() => ({ status: 200, headers: { link }, json: { name: 'web', tags: ['1'] } }));
    expect(reason(await registry.open().listTags())).toContain('in a circle');
    expect(registry.asked.length).toBe(requests);
  });

  test('that never end are followed no more than 2500 times', async () => {
    let page = 0;
    const registry = await start(() => {
      page += 1;
      const headers = { link: `</v2/web/tags/list?page=${page}>; rel="next"` };
      return { status: 200, headers, json: { name: 'web', tags: [] } };
    });
    expect(reason(await registry.open().listTags())).toContain('more than 2500 pages');
    expect(registry.asked).toHaveLength(2500);
  });

  test('in a header full of beginnings of links are looked for in no time', () => {
    const from = performance.now();
    expect(nextLink('<'.repeat(100_000))).toBeUndefined();
    expect(performance.now() - from).toBeLessThan(2000);
  });

  test('to something else than the next page are none', async () => {
    const headers = { link: '</v2/web/tags/list?n=1>; rel="prev", </help>; rel=help' };
    const registry = await start(() => ({ status: 200, headers, json: { name: 'web', tags: ['1'] } }));
    expect(names(await registry.open().listTags())).toEqual(['1']);
  });
});
