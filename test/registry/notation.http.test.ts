/** Images signed by Notation, on the local Azure: envelopes, and where they are looked for. Chains have tests of their own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTHORITY, certify, INDEX, JWS, MANIFEST, NOTATION, notationEnvelope } from '../support/signing.ts';
import type { Certified } from '../support/signing.ts';
import { SigningAzure } from '../support/signing-azure.ts';
import type { Image } from '../support/signing-azure.ts';

const OTHER = `sha256:${'0'.repeat(64)}`;
const HOUR_MS = 3_600_000;
const fromNow = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

let azure: SigningAzure;
let root: Certified;
let stranger: Certified;
let chain: readonly Certified[];
beforeAll(async () => {
  azure = await SigningAzure.start();
  root = await certify('root', { extensions: AUTHORITY });
  stranger = await certify('stranger', { extensions: AUTHORITY });
  chain = [await certify('signer', { ca: root }), root];
});
afterAll(() => azure.close());

const check = (image: Image, trusted: readonly Certified[] = [root]) =>
  azure.check(image, {
    kind: 'notation',
    certificates: trusted.map(({ cert }) => ({ file: 'root.pem', pem: cert })),
  });

const unsigned = (reason: string) => ({ kind: 'unfit', why: 'signature', reason: expect.stringContaining(reason) });

/** An image with a signature over its digest. */
async function signed(header?: Readonly<Record<string, unknown>>): Promise<Image> {
  const image = azure.push();
  image.repository.notation(image.digest, await notationEnvelope(image.digest, chain, header));
  return image;
}

describe('an image with a Notation signature', () => {
  test('under a configured certificate fits, under another it does not', async () => {
    const image = await signed();
    expect(await check(image)).toEqual({ kind: 'fit', imageDigest: image.digest });
    expect(await check(image, [stranger])).toMatchObject(
      unsigned('no good Notation signature under root.pem: signature sha256:'),
    );
    expect(await check(image, [stranger])).toMatchObject(unsigned('lead to CN=root, which is not configured'));
  });

  test('needs one good one of many', async () => {
    const image = await signed();
    image.repository.notation(image.digest, '{}');
    image.repository.notation(image.digest, await notationEnvelope(OTHER, chain));
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });

  test('for another image does not fit', async () => {
    const image = azure.push();
    image.repository.notation(image.digest, await notationEnvelope(OTHER, chain));
    expect(await check(image)).toMatchObject(unsigned(`it signs another image, ${OTHER}`));
  });

  test('whose payload was changed does not', async () => {
    const image = azure.push();
    const [good, other] = [await notationEnvelope(image.digest, chain), await notationEnvelope(OTHER, chain)];
    const payload = /"payload":"[^"]*"/;
    const changed = other.replace(payload, payload.exec(good)?.[0] ?? '');
    image.repository.notation(image.digest, changed);
    expect(await check(image)).toMatchObject(unsigned('its envelope does not verify: signature verification failed'));
  });

  test('by a key that is not the certificate’s does not', async () => {
    const image = azure.push();
    const [leaf] = chain;
    const thief = { cert: leaf?.cert ?? '', key: stranger.key };
    image.repository.notation(image.digest, await notationEnvelope(image.digest, [thief, root]));
    expect(await check(image)).toMatchObject(unsigned('its envelope does not verify'));
  });

  test.each<[string, Readonly<Record<string, unknown>>, string | undefined]>([
    ['that has not expired fits', { 'io.cncf.notary.expiry': fromNow(1) }, undefined],
    ['that has expired does not', { 'io.cncf.notary.expiry': fromNow(-0.1) }, 'it expired at 20'],
    ['that was made before its certificate does not', { 'io.cncf.notary.signingTime': fromNow(-2) }, 'is valid from'],
    ['that tells no time does not', { 'io.cncf.notary.signingTime': undefined }, 'its protected header is not'],
    [
      'of another scheme does not',
      { 'io.cncf.notary.signingScheme': 'notary.x509.signingAuthority' },
      'the scheme notary.x509.signingAuthority is not supported',
    ],
    [
      'with a critical header that is not known does not',
      { crit: ['io.cncf.notary.verificationPlugin'], 'io.cncf.notary.verificationPlugin': 'x' },
      'its envelope does not verify',
    ],
    ['of another type does not', { cty: 'text/plain' }, 'its protected header is not'],
  ])('%s', async (_, header, reason) => {
    const found = await check(await signed(header));
    expect(found).toMatchObject(reason === undefined ? { kind: 'fit' } : unsigned(reason));
  });

  test.each([
    ['in a COSE envelope', 'x', 'application/cose', 'a COSE envelope is not supported; sign with'],
    ['that is no JSON', 'x', JWS, 'its envelope cannot be read'],
    ['of 1 MiB and a byte', ' '.repeat(1024 * 1024 + 1), JWS, 'it has 1048577 bytes, at most 1048576 are read'],
  ])('%s does not', async (_, text, mediaType, reason) => {
    const image = azure.push();
    image.repository.notation(image.digest, text, mediaType);
    expect(await check(image)).toMatchObject(unsigned(reason));
  });
});

describe('signatures are looked for', () => {
  test('by the tag schema where the registry keeps no referrers', async () => {
    const image = azure.push();
    const digest = image.repository.notation(image.digest, await notationEnvelope(image.digest, chain));
    azure.fail(image, 'referrers/', 404);
    expect(await check(image)).toMatchObject(unsigned('has no notation signature'));
    const index = { manifests: [{ mediaType: MANIFEST, digest, size: 1, artifactType: NOTATION }] };
    image.repository.put(INDEX, JSON.stringify(index), image.digest.replace(':', '-'));
    expect(await check(image)).toMatchObject({ kind: 'fit' });
  });

  test.each([503, 429, 401])('R7: but a %i condemns nothing', async (status) => {
    const image = await signed();
    azure.fail(image, 'referrers/', status);
    expect(await check(image)).toMatchObject({ kind: 'unknown' });
  });

  test('R7: nor does a list or a blob that cannot be read', async () => {
    const image = azure.push();
    azure.fail(image, 'referrers/', 200);
    expect(await check(image)).toMatchObject({ kind: 'unknown' });
    const other = await signed();
    azure.fail(other, 'blobs/', 503);
    expect(await check(other)).toMatchObject({ kind: 'unknown' });
  });

  test('whatever else is attached', async () => {
    const image = azure.push();
    image.repository.manifest([{ mediaType: 'text/plain', text: 'x' }], {
      subject: image.digest,
      artifactType: 'x/sbom',
    });
    expect(await check(image)).toMatchObject(
      unsigned('has no notation signature; expected a Notation signature under'),
    );
  });
});
