/** Lists of what refers to an image, page by page, from a registry that answers anything. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpAnswer, HttpRequest } from '../../src/simulator/http.ts';
import { startRegistry } from '../support/open-registry.ts';
import type { OpenRegistry } from '../support/open-registry.ts';
import { BUNDLE, ecKeys, INDEX, MANIFEST, sigstoreBundle, trusted } from '../support/signing.ts';

const keys = ecKeys();
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const CONFIG = JSON.stringify({ os: 'linux', architecture: 'amd64' });
const manifest = (config: object, layers: readonly object[] = []) => JSON.stringify({ config, layers });
const IMAGE = manifest({ mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(CONFIG) });
const SIGNATURE = JSON.stringify(sigstoreBundle(digestOf(IMAGE), keys));
const SIGNED = manifest({}, [{ mediaType: BUNDLE, digest: digestOf(SIGNATURE), size: SIGNATURE.length }]);
const CONTENTS = [CONFIG, IMAGE, SIGNATURE, SIGNED];

let registry: OpenRegistry | undefined;
afterEach(() => registry?.close());

/** `page`: of the list, by its number from 0. */
async function check(page: (number: number, request: HttpRequest) => HttpAnswer) {
  registry = await startRegistry((request): HttpAnswer => {
    const { path, query } = request;
    if (path.includes('/referrers/')) return page(Number(query.get('page') ?? 0), request);
    const text = CONTENTS.find((content) => path.endsWith(digestOf(content)));
    return text === undefined
      ? { status: 404, text: '' }
      : { status: 200, headers: { 'content-type': MANIFEST }, text };
  });
  const verify = { kind: 'cosign', keys: [trusted(keys)], reference: undefined } as const;
  const platform = { os: 'linux', architecture: 'amd64' };
  return registry.open().checkCandidate({ tag: undefined, digest: digestOf(IMAGE), platform, verify });
}

const pageOf = (manifests: readonly object[], next?: string): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': INDEX, ...(next === undefined ? {} : { link: `<${next}>; rel="next"` }) },
  text: JSON.stringify({ manifests }),
});

const ENTRY = { mediaType: MANIFEST, digest: digestOf(SIGNED), size: SIGNED.length, artifactType: BUNDLE };

describe('a signature on a later page', () => {
  test('is found', async () => {
    const found = await check((number, { path }) =>
      number === 2 ? pageOf([ENTRY]) : pageOf([], `${path}?page=${number + 1}`),
    );
    expect(found).toMatchObject({ kind: 'fit' });
  });

  test.each<[string, number, HttpAnswer]>([
    ['cannot be had', 1, { status: 503, text: '' }],
    ['is not there', 1, { status: 404, text: '' }],
    ['is no list', 0, { status: 200, text: '{"manifests":[' }],
    ['is of another host', 0, pageOf([], 'https://elsewhere.example/page')],
  ])('R6: is unknown where the page %s', async (_, broken, answer) => {
    const found = await check((number, { path }) => (number === broken ? answer : pageOf([], `${path}?page=1`)));
    expect(found).toMatchObject({ kind: 'unknown' });
  });

  test('R6: is unknown where the pages have no end', async () => {
    const found = await check((number, { path }) => pageOf([], `${path}?page=${number + 1}`));
    expect(found).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('more than 10 pages') });
  });
});

test.each([303, 404, 405, 501])('a registry that answers %i keeps no such lists', async (status) => {
  expect(await check(() => ({ status, text: '' }))).toMatchObject({ kind: 'unfit', why: 'signature' });
});
