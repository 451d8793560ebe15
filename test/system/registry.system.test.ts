/** The open protocol against the registry server that most registries are built on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegistryCredential } from '../../src/azure/cloud.ts';
import { openRegistries } from '../../src/registry/open.ts';
import { cosignLayer, ecKeys, trusted } from '../support/signing.ts';
import { isDistributionInstalled, startDistribution } from './distribution.ts';
import type { Distribution } from './distribution.ts';

const isInstalled = isDistributionInstalled();
if (!isInstalled) {
  process.stderr.write(
    'docker-registry is not installed: its tests are skipped; apt-get install docker-registry brings it on Debian\n',
  );
}

const LINUX = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64' };
const BASIC: RegistryCredential = { kind: 'basic', username: 'robot', password: { env: 'PASSWORD' } };

describe.skipIf(!isInstalled).each([
  ['without a password', { kind: 'anonymous' } as const],
  ['with a password', BASIC],
])('the Distribution registry %s', (_, credential) => {
  let registry: Distribution;
  let digest = '';
  const names = Array.from({ length: 250 }, (_, number) => `1.0.${number}`);

  const open = (given: { credential?: RegistryCredential; password?: string; repository?: string } = {}) =>
    openRegistries({
      credential: { getToken: async () => null },
      audience: 'https://management.azure.com',
      readSecret: async () => given.password ?? 'right',
      onUnknownError: () => undefined,
      now: () => Date.now(),
    })(
      { host: registry.host, endpoint: registry.url, kind: 'oci', credential: given.credential ?? credential },
      given.repository ?? 'web',
    );

  beforeAll(async () => {
    registry = await startDistribution({ withPassword: credential.kind === 'basic' });
    digest = await registry.push(names, [LINUX]);
  });
  afterAll(() => registry?.close());

  test('lists all of 250 tags', async () => {
    const list = await open().listTags();
    expect(list.kind === 'known' && list.tags.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test('tells the digest of a wanted tag, and the new one once it has moved', async () => {
    const repository = open();
    repository.want?.('moving');
    await registry.push(['moving'], [LINUX]);
    const digestNow = async () => {
      const list = await repository.listTags();
      return list.kind === 'known' ? list.tags.find(({ name }) => name === 'moving')?.digest : list.reason;
    };
    expect(await digestNow()).toBe(digest);
    const moved = await registry.push(['moving'], [ARM]);
    expect(await digestNow()).toBe(moved);
    expect(await repository.resolveDigest('moving')).toBe(moved);
  });

  test('an image fits its platform only, an index any of its own', async () => {
    const repository = open();
    const check = (tag: string, of: string) => repository.checkCandidate({ tag, digest: of, platform: { ...LINUX } });
    expect(await check('1.0.0', digest)).toEqual({ kind: 'fit', imageDigest: digest });
    const arm = await registry.push(['arm'], [ARM]);
    expect(await check('arm', arm)).toMatchObject({ kind: 'unfit', why: 'platform' });
    const both = await registry.push(['both'], [ARM, LINUX]);
    expect(await check('both', both)).toEqual({ kind: 'fit', imageDigest: digest });
    expect(await check('both', digest)).toMatchObject({ kind: 'unfit', why: 'moved' });
  });

  test('a signed image fits by its signature, though this registry keeps no referrers', async () => {
    const keys = ecKeys();
    const verify = { kind: 'cosign', keys: [trusted(keys)], reference: undefined } as const;
    const asked = { tag: undefined, digest, platform: LINUX, verify };
    expect(await open().checkCandidate(asked)).toMatchObject({ kind: 'unfit', why: 'signature' });
    await registry.attach(`${digest.replace(':', '-')}.sig`, cosignLayer(digest, keys));
    expect(await open().checkCandidate(asked)).toEqual({ kind: 'fit', imageDigest: digest });
  });

  test('what was deleted since it was listed is gone', async () => {
    const gone = await registry.push(['gone'], [{ os: 'linux', architecture: 's390x' }]);
    await registry.remove(gone);
    const asked = { tag: undefined, digest: gone, platform: LINUX };
    expect(await open().checkCandidate(asked)).toMatchObject({ kind: 'unfit', why: 'gone' });
  });

  test('R6: a repository that nobody has pushed to is unknown', async () => {
    const list = await open({ repository: 'none' }).listTags();
    expect(list).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('NAME_UNKNOWN') });
  });

  test.skipIf(credential.kind !== 'basic').each([
    ['a wrong password', BASIC, 'wrong'],
    ['none', { kind: 'anonymous' } as const, ''],
  ])('refuses %s', async (_, credential, password) => {
    const list = await open({ credential, password }).listTags();
    expect(list).toMatchObject({ kind: 'unknown', stalled: true, reason: expect.stringContaining('under registries') });
  });
});
