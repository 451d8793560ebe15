/** Whether an image may be rolled out: on the local Azure by an Azure identity, and on a registry that answers anything. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { HttpAnswer } from '../../src/simulator/http.ts';
import { Local } from '../support/local.ts';
import { startRegistry } from '../support/open-registry.ts';
import type { OpenRegistry } from '../support/open-registry.ts';

const LINUX = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64' };
const WINDOWS = { os: 'windows', architecture: 'amd64' };

let local: Local | undefined;
let registry: OpenRegistry | undefined;
afterEach(async () => {
  await local?.close();
  await registry?.close();
  [local, registry] = [undefined, undefined];
});

async function openLocal() {
  local = await Local.start();
  const { settings } = loadSettings(local.configFile);
  const [place] = settings.registries;
  if (place === undefined) throw new Error('no registry');
  const repository = (await joinEdges(settings)).openRepository(place, 'web');
  return { azure: local.azure, repository };
}

describe('on Azure’s registry', () => {
  test('an image for the group’s platform fits', async () => {
    const { azure, repository } = await openLocal();
    const { digest } = azure.push({ repository: 'web', tag: '1.0.0' });
    const check = await repository.checkCandidate({ tag: '1.0.0', digest, platform: LINUX });
    expect(check).toEqual({ kind: 'fit', imageDigest: digest });
  });

  test('an index fits by the manifest of the platform', async () => {
    const { azure, repository } = await openLocal();
    const { digest } = azure.push({ repository: 'web', tag: '1.0.0', platforms: [ARM, LINUX] });
    const check = await repository.checkCandidate({ tag: '1.0.0', digest, platform: LINUX });
    expect(check).toEqual({ kind: 'fit', imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(check).not.toMatchObject({ imageDigest: digest });
    expect(await repository.checkCandidate({ tag: undefined, digest, platform: WINDOWS })).toMatchObject({
      kind: 'unfit',
      why: 'platform',
      reason: expect.stringContaining('has no image for windows/amd64; it has linux/arm64, linux/amd64'),
    });
  });

  test('an image for another platform does not', async () => {
    const { azure, repository } = await openLocal();
    const { digest } = azure.push({ repository: 'web', tag: '1.0.0', platforms: [ARM] });
    expect(await repository.checkCandidate({ tag: '1.0.0', digest, platform: LINUX })).toMatchObject({
      why: 'platform',
      reason: expect.stringContaining('is for linux/arm64; the group needs linux/amd64'),
    });
  });

  test('a tag that has moved does not, and neither does one that is gone', async () => {
    const { azure, repository } = await openLocal();
    const { digest } = azure.push({ repository: 'web', tag: '1.0.0' });
    azure.push({ repository: 'web', tag: '1.0.0', program: { startMs: 1 } });
    const asked = { tag: '1.0.0', digest, platform: LINUX };
    expect(await repository.checkCandidate(asked)).toMatchObject({ kind: 'unfit', why: 'moved' });
    azure.images.deleteTag(azure.registry, 'web', '1.0.0');
    expect(await repository.checkCandidate(asked)).toMatchObject({ kind: 'unfit', why: 'gone' });
    azure.images.purge(azure.registry, 'web');
    const untagged = { ...asked, tag: undefined };
    expect(await repository.checkCandidate(untagged)).toMatchObject({ kind: 'unfit', why: 'gone' });
  });

  test.each([
    ['503', { status: 503, body: 'down' }, false],
    ['403', { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' }, true],
  ])('R7: %s condemns nothing: it is unknown', async (_, fault, stalled) => {
    const { azure, repository } = await openLocal();
    const { digest } = azure.push({ repository: 'web', tag: '1.0.0' });
    azure.faults.add({ path: '/v2/web/', ...fault });
    const check = await repository.checkCandidate({ tag: '1.0.0', digest, platform: LINUX });
    expect(check).toMatchObject({ kind: 'unknown', stalled, reason: expect.stringContaining('cannot be checked') });
  });
});

describe('fails closed', () => {
  const OCI = 'application/vnd.oci.image';
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const CONFIG = JSON.stringify(LINUX);
  const manifestOf = (config: string, mediaType = `${OCI}.config.v1+json`) =>
    JSON.stringify({ config: { mediaType, digest: digestOf(config), size: config.length } });
  const indexOf = (...manifests: unknown[]) => JSON.stringify({ manifests });
  const IMAGE = manifestOf(CONFIG);

  /** Answers each digest with its text: as what, is the type of the first. */
  async function check(type: string, top: string, others: readonly string[] = [], digest = digestOf(top)) {
    registry = await startRegistry(({ path }): HttpAnswer => {
      if (path.endsWith(digest)) return { status: 200, headers: { 'content-type': type }, text: top };
      const text = others.find((other) => path.endsWith(digestOf(other)));
      if (text === undefined) return { status: 404, text: '' };
      return { status: 200, headers: { 'content-type': `${OCI}.manifest.v1+json` }, text };
    });
    return registry.open().checkCandidate({ tag: undefined, digest, platform: LINUX });
  }

  test('but not on an image that is well', async () => {
    expect(await check(`${OCI}.manifest.v1+json`, IMAGE, [CONFIG])).toMatchObject({ kind: 'fit' });
  });

  test.each<[string, string, string, readonly string[], string, string]>([
    ['a config that names no platform', 'manifest', manifestOf('{}'), ['{}'], 'unfit platform', 'does not say which'],
    ['a config that is no JSON', 'manifest', manifestOf('x'), ['x'], 'unfit platform', 'does not say which'],
    ['a config that is not there', 'manifest', IMAGE, [], 'unfit gone', 'not in the registry'],
    [
      'an artifact',
      'manifest',
      manifestOf('{}', 'application/vnd.cncf.helm.config.v1+json'),
      ['{}'],
      'unfit notAnImage',
      'helm',
    ],
    ['an empty index', 'index', indexOf(), [], 'unfit platform', 'none that names its platform'],
    [
      'an index without platforms',
      'index',
      indexOf({ digest: digestOf(IMAGE) }),
      [IMAGE, CONFIG],
      'unfit platform',
      'none that names',
    ],
    [
      'an index that lies',
      'index',
      indexOf({ digest: digestOf(manifestOf(JSON.stringify(ARM))), platform: LINUX }),
      [manifestOf(JSON.stringify(ARM)), JSON.stringify(ARM)],
      'unfit platform',
      'is for linux/arm64',
    ],
    ['a manifest that is cut off', 'manifest', '{"config":', [], 'unknown', 'the manifest cannot be read'],
  ])('on %s', async (_, type, top, others, expected, reason) => {
    const found = await check(`${OCI}.${type}.v1+json`, top, others);
    expect(found.kind === 'unfit' ? `${found.kind} ${found.why}` : found.kind).toBe(expected);
    expect(found.kind === 'fit' ? '' : found.reason).toContain(reason);
  });

  test('on an old or foreign type of manifest', async () => {
    const found = await check('application/vnd.docker.distribution.manifest.v1+prettyjws', IMAGE);
    expect(found).toMatchObject({ kind: 'unfit', why: 'notAnImage' });
  });

  test('on content that is not what its digest says', async () => {
    const found = await check(`${OCI}.manifest.v1+json`, IMAGE, [CONFIG], digestOf('something else'));
    expect(found).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('is not what its digest says') });
  });

  test('and an image without a variant comes before one with', async () => {
    const [v3, plain] = [manifestOf(`${CONFIG} `), IMAGE];
    const index = indexOf(
      { digest: digestOf(v3), platform: { ...LINUX, variant: 'v3' } },
      { digest: digestOf(plain), platform: LINUX },
    );
    const found = await check(`${OCI}.index.v1+json`, index, [v3, plain, CONFIG]);
    expect(found).toEqual({ kind: 'fit', imageDigest: digestOf(plain) });
  });
});

describe('blobs behind a redirect', () => {
  test('are fetched without the credential', async () => {
    const config = JSON.stringify(LINUX);
    const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const mediaType = 'application/vnd.oci.image.config.v1+json';
    const top = JSON.stringify({ config: { mediaType, digest: digestOf(config) } });
    const storage = await startRegistry(() => ({ status: 200, text: config }));
    registry = await startRegistry(({ path, headers }): HttpAnswer => {
      if (headers['authorization'] === undefined)
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, text: '' };
      if (path.includes('/blobs/')) return { status: 307, headers: { location: `${storage.url}/x` }, text: '' };
      return { status: 200, headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }, text: top };
    });
    const repository = registry.open({ credential: { kind: 'basic', username: 'u', password: { env: 'P' } } });
    const check = await repository.checkCandidate({ tag: undefined, digest: digestOf(top), platform: LINUX });
    await storage.close();
    expect(check).toMatchObject({ kind: 'fit' });
    expect(storage.asked).toEqual([{ line: 'GET /x', authorization: undefined }]);
  });
});
