/** Images signed by cosign with a key, on the local Azure; what is not well signed is never `fit`. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BUNDLE,
  cosignLayer,
  ecKeys,
  INDEX,
  MANIFEST,
  PAYLOAD,
  sigstoreBundle,
  simplePayload,
} from '../support/signing.ts';
import { digestOf, trusted } from '../support/signing.ts';
import type { KeyPair } from '../support/signing.ts';
import { SigningAzure } from '../support/signing-azure.ts';
import type { Image } from '../support/signing-azure.ts';

const OTHER = `sha256:${'0'.repeat(64)}`;
const keys = ecKeys();

let azure: SigningAzure;
beforeAll(async () => {
  azure = await SigningAzure.start();
});
afterAll(() => azure.close());

const check = (image: Image, pairs: readonly KeyPair[] = [keys], reference?: string) =>
  azure.check(image, { kind: 'cosign', keys: pairs.map((pair) => trusted(pair)), reference });

const unsigned = (reason: string) => ({ kind: 'unfit', why: 'signature', reason: expect.stringContaining(reason) });

describe('an image with a cosign signature', () => {
  test.each<[string, KeyPair]>([
    ['ECDSA P-256', keys],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['Ed25519', generateKeyPairSync('ed25519')],
  ])('by a configured key of %s fits', async (_, pair) => {
    const image = azure.push();
    image.repository.cosign(image.digest, [cosignLayer(image.digest, pair)]);
    expect(await check(image, [ecKeys(), pair])).toEqual({ kind: 'fit', imageDigest: image.digest });
    expect(await check(image, [ecKeys()])).toMatchObject(unsigned('cosign signature 1: it was not made with'));
  });

  test('needs one good one of many', async () => {
    const image = azure.push();
    const bad = cosignLayer(image.digest, ecKeys());
    image.repository.cosign(image.digest, [bad, cosignLayer(image.digest, keys), bad]);
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });

  test('for another image does not fit', async () => {
    const image = azure.push();
    image.repository.cosign(image.digest, [cosignLayer(OTHER, keys)]);
    expect(await check(image)).toMatchObject(unsigned(`it signs another image, ${OTHER}`));
  });

  test('whose payload was changed does not', async () => {
    const image = azure.push();
    const layer = { ...cosignLayer(OTHER, keys), text: simplePayload(image.digest) };
    image.repository.cosign(image.digest, [layer]);
    expect(await check(image)).toMatchObject(unsigned('or was changed'));
  });

  test('fits by the name that it is for, where one is configured', async () => {
    const image = azure.push();
    image.repository.cosign(image.digest, [cosignLayer(image.digest, keys)]);
    expect(await check(image, [keys], 'shop.example/web')).toMatchObject({ kind: 'fit' });
    expect(await check(image, [keys], 'shop.example/api')).toMatchObject(
      unsigned('it is for the name shop.example/web'),
    );
  });

  test.each([
    ['no signature in it', { mediaType: PAYLOAD, text: '{}' }, 'it has no annotation'],
    ['a payload that is no JSON', cosignLayer('', keys, 'x'), 'its payload cannot be read'],
  ])('with %s does not', async (_, layer, reason) => {
    const image = azure.push();
    image.repository.cosign(image.digest, [layer]);
    expect(await check(image)).toMatchObject(unsigned(reason));
  });

  test.each([
    ['is not even fetched', undefined],
    ['is refused whatever its manifest says', 1],
  ])('that is too large %s', async (_, size) => {
    const image = azure.push();
    const layer = cosignLayer('', keys, ' '.repeat(1024 * 1024 + 1));
    image.repository.cosign(image.digest, [size === undefined ? layer : { ...layer, size }]);
    if (size === undefined) azure.fail(image, `blobs/${digestOf(layer.text)}`, 503);
    expect(await check(image)).toMatchObject(unsigned('it has 1048577 bytes, at most 1048576 are read'));
  });

  test('in a manifest that cannot be read does not', async () => {
    const image = azure.push();
    image.repository.put(MANIFEST, '{}', `${image.digest.replace(':', '-')}.sig`);
    expect(await check(image)).toMatchObject(unsigned('its manifest cannot be read'));
  });

  test('behind twenty others is not looked for', async () => {
    const image = azure.push();
    const bad = Array.from({ length: 20 }, () => cosignLayer(image.digest, ecKeys()));
    image.repository.cosign(image.digest, [cosignLayer(image.digest, keys), ...bad]);
    expect(await check(image)).toMatchObject(unsigned('1 more were not looked at, at most 20 are'));
    image.repository.cosign(image.digest, [...bad.slice(1), cosignLayer(image.digest, keys)]);
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });
});

test('an image without any signature does not fit where one is asked for', async () => {
  const image = azure.push();
  expect(await check(image)).toMatchObject(
    unsigned('has no cosign signature; expected a cosign signature by cosign.pub'),
  );
});

describe('R7: what cannot be read condemns nothing', () => {
  test.each(['manifests', 'blobs', 'referrers'])('a 503 of %s is unknown', async (kind) => {
    const image = azure.push();
    image.repository.cosign(image.digest, [cosignLayer(image.digest, ecKeys())]);
    const rest = kind === 'referrers' ? '' : kind === 'manifests' ? 'sha256-' : digestOf(simplePayload(image.digest));
    azure.fail(image, `${kind}/${rest}`, 503);
    expect(await check(image)).toMatchObject({ kind: 'unknown', stalled: false });
  });

  test('but a good signature elsewhere still counts', async () => {
    const image = azure.push();
    attachBundle(image, sigstoreBundle(image.digest, keys));
    azure.fail(image, 'manifests/sha256-', 503);
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });
});

const attachBundle = ({ repository, digest }: Image, bundle: unknown) =>
  repository.manifest([{ mediaType: BUNDLE, text: JSON.stringify(bundle) }], { subject: digest, artifactType: BUNDLE });

describe('a Sigstore bundle among the referrers', () => {
  test.each<[string, KeyPair]>([
    ['ECDSA P-256', keys],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['Ed25519', generateKeyPairSync('ed25519')],
  ])('by a configured key of %s fits', async (_, pair) => {
    const image = azure.push();
    attachBundle(image, sigstoreBundle(image.digest, pair));
    expect(await check(image, [pair])).toMatchObject({ kind: 'fit' });
    expect(await check(image, [ecKeys()])).toMatchObject(unsigned('it was not made with a configured key'));
  });

  test('fits with the entry of a transparency log in it, which is not looked at', async () => {
    const image = azure.push();
    const bundle = sigstoreBundle(image.digest, keys);
    const entry = {
      logIndex: '1',
      logId: { keyId: 'AAAA' },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: '1700000000',
      inclusionProof: { logIndex: '1', rootHash: 'AAAA', treeSize: '2', hashes: [], checkpoint: { envelope: 'x' } },
      canonicalizedBody: 'AAAA',
    };
    attachBundle(image, { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [entry] } });
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });

  test.each([
    ['of another image', () => sigstoreBundle(OTHER, keys), `it signs another image, ${OTHER}`],
    ['about something else', (digest: string) => sigstoreBundle(digest, keys, 'https://spdx.dev/Document'), 'spdx.dev'],
    ['that is none', () => ({ mediaType: 'x' }), 'it is no bundle'],
    ['made without a key', keyless, '(keyless), which is not supported'],
  ])('%s does not', async (_, make, reason) => {
    const image = azure.push();
    attachBundle(image, make(image.digest));
    expect(await check(image)).toMatchObject(unsigned(reason));
  });

  test('is found by the tag schema where the registry keeps no referrers', async () => {
    const image = azure.push();
    const digest = attachBundle(image, sigstoreBundle(image.digest, keys));
    azure.fail(image, 'referrers/', 404);
    expect(await check(image)).toMatchObject(unsigned('has no cosign signature'));
    const index = { manifests: [{ mediaType: MANIFEST, digest, size: 1, artifactType: BUNDLE }] };
    image.repository.put(INDEX, JSON.stringify(index), image.digest.replace(':', '-'));
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });
});

function keyless(digest: string) {
  const bundle = sigstoreBundle(digest, keys);
  return { ...bundle, verificationMaterial: { certificate: { rawBytes: 'AAAA' }, tlogEntries: [] } };
}
