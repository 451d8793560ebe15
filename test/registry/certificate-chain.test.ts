/** Which chains of certificates lead to one that is trusted. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { trustedSigner } from '../../src/registry/certificate-chain.ts';
import { AUTHORITY, certify, LEAF } from '../support/signing.ts';
import type { Certified } from '../support/signing.ts';

let root: Certified;
let middle: Certified;
let leaf: Certified;
let self: Certified;
beforeAll(async () => {
  root = await certify('root', { extensions: AUTHORITY });
  middle = await certify('middle', { ca: root, extensions: AUTHORITY });
  leaf = await certify('leaf', { ca: middle });
  self = await certify('self');
});

function lookAt(chain: readonly Certified[], trusted: Certified, times = [Date.now()]): string {
  const certificates = chain.map(({ cert }) => new X509Certificate(cert));
  try {
    return trustedSigner(certificates, [{ file: 'trusted.pem', pem: trusted.cert }], times);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a chain leads to', () => {
  test.each<[string, () => readonly [readonly Certified[], Certified]]>([
    ['its root', () => [[leaf, middle, root], root]],
    ['its root, which was not sent along', () => [[leaf, middle], root]],
    ['an authority in between', () => [[leaf, middle, root], middle]],
    ['the signer’s own certificate', () => [[leaf], leaf]],
    ['one that is signed by itself', () => [[self], self]],
  ])('%s', (_, make) => {
    const [chain, trusted] = make();
    expect(lookAt(chain, trusted)).toBe('trusted.pem');
  });
});

describe('a chain is refused', () => {
  test('where it leads elsewhere, also to one of the same name', async () => {
    expect(lookAt([self], root)).toContain('lead to CN=self, which is not configured');
    const impostor = await certify('root', { extensions: AUTHORITY });
    expect(lookAt([leaf, middle], impostor)).not.toBe('trusted.pem');
    expect(lookAt([leaf, middle, root], impostor)).toContain('lead to CN=root, which is not configured');
  });

  test('where one did not issue the other', async () => {
    expect(lookAt([leaf, root], root)).toContain('CN=leaf was not issued by CN=root');
    expect(lookAt([self, root], root)).toContain('CN=self was not issued by CN=root');
    const forged = await certify('leaf', { ca: await certify('middle', { extensions: AUTHORITY }) });
    expect(lookAt([forged, middle, root], root)).toContain('CN=leaf was not issued by CN=middle');
  });

  test.each([
    ['that has expired', -48, -24],
    ['that is not valid yet', 1, 2],
  ])('with a certificate %s, wherever it stands', async (_, from, to) => {
    const old = await certify('old', { ca: root, from, to });
    expect(lookAt([old, root], root)).toContain('its certificate CN=old is valid from');
    const oldRoot = await certify('old root', { extensions: AUTHORITY, from, to });
    const young = await certify('young', { ca: oldRoot });
    expect(lookAt([young, oldRoot], oldRoot)).toContain('CN=old root is valid from');
    expect(lookAt([young], oldRoot)).toContain('CN=old root is valid from');
  });

  test('where it was not valid at one of the times', () => {
    const hour = 3_600_000;
    expect(lookAt([leaf, middle], root, [Date.now() - 2 * hour, Date.now()])).toContain('is valid from');
    expect(lookAt([leaf, middle], root, [Number.NaN])).not.toBe('trusted.pem');
  });

  test.each<[string, typeof LEAF, string]>([
    ['an authority’s', AUTHORITY, 'is an authority’s'],
    ['not for signatures', [{ name: 'keyUsage', keyEncipherment: true }], 'not for signatures (key usage)'],
    ['of no stated use', [{ name: 'basicConstraints', cA: false }], 'not for signatures (key usage)'],
    [
      'for servers',
      [
        { name: 'keyUsage', digitalSignature: true },
        { name: 'extKeyUsage', serverAuth: true },
      ],
      'not for signing code',
    ],
  ])('where the signer’s certificate is %s', async (_, extensions, reason) => {
    const wrong = await certify('wrong', { ca: root, extensions });
    expect(lookAt([wrong, root], root)).toContain(reason);
    expect(lookAt([wrong], wrong)).toContain(reason);
  });

  test('where a signer issues certificates, or one who may not', async () => {
    const signer = await certify('signer', { ca: root, extensions: LEAF });
    const below = await certify('below', { ca: signer });
    expect(lookAt([below, signer, root], root)).not.toBe('trusted.pem');
    const limited = await certify('limited', {
      extensions: [
        { name: 'basicConstraints', cA: true, pathLenConstraint: 0 },
        { name: 'keyUsage', keyCertSign: true },
      ],
    });
    const between = await certify('between', { ca: limited, extensions: AUTHORITY });
    const end = await certify('end', { ca: between });
    expect(lookAt([end, between, limited], limited)).toContain('CN=limited allows no chain with 1 authorities below');
    const plain = await certify('plain', { extensions: [{ name: 'keyUsage', keyCertSign: true }] });
    const issued = await certify('issued', { ca: plain });
    expect(lookAt([issued, plain], plain)).toContain('CN=plain may not issue certificates');
  });
});
