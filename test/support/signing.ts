/** Signs images as cosign and Notation do, and attaches the signatures to them in a registry of the local Azure. */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { FlattenedSign } from 'jose';
import { generate } from 'selfsigned';
import type { LocalAzure } from '../../src/simulator/start.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const PAYLOAD = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const JWS = 'application/jose+json';
export const NOTATION = 'application/vnd.cncf.notary.signature';
const HOUR_MS = 3_600_000;

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const ecKeys = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const trusted = ({ publicKey }: KeyPair, file = 'cosign.pub') => ({
  file,
  pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
});

export interface LayerSpec {
  readonly mediaType: string;
  readonly text: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In place of the true one. */
  readonly size?: number;
}

/** One repository of the local Azure. */
export class Repository {
  readonly #azure: LocalAzure;
  readonly name: string;

  constructor(azure: LocalAzure, name: string) {
    this.#azure = azure;
    this.name = name;
  }

  put(mediaType: string, text: string, tag?: string): string {
    const { registry, images } = this.#azure;
    return images.put({ registry, repository: this.name, mediaType, text, tag, at: Date.now() }).digest;
  }

  /** A manifest with these layers; by a tag, or as what refers to `subject`. */
  manifest(layers: readonly LayerSpec[], given: { tag?: string; subject?: string; artifactType?: string }): string {
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: given.artifactType ?? 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}') },
      layers: layers.map(({ mediaType, text: content, annotations, size }) => ({
        mediaType,
        digest: this.put(mediaType, content),
        size: size ?? Buffer.byteLength(content),
        annotations,
      })),
      ...(given.subject === undefined ? {} : { subject: { mediaType: MANIFEST, digest: given.subject, size: 1 } }),
    });
    return this.put(MANIFEST, text, given.tag);
  }

  /** Signatures in the image that cosign 2 keeps beside another. */
  cosign(digest: string, layers: readonly LayerSpec[]): void {
    this.manifest(layers, { tag: `${digest.replace(':', '-')}.sig` });
  }

  notation(digest: string, envelope: string, mediaType = JWS): string {
    return this.manifest([{ mediaType, text: envelope }], { subject: digest, artifactType: NOTATION });
  }
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

export function simplePayload(digest: string, reference = 'shop.example/web'): string {
  const critical = {
    identity: { 'docker-reference': reference },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  };
  return JSON.stringify({ critical, optional: null });
}

export function cosignLayer(digest: string, { privateKey }: KeyPair, payload = simplePayload(digest)): LayerSpec {
  const annotations = { 'dev.cosignproject.cosign/signature': signWith(privateKey, Buffer.from(payload)) };
  return { mediaType: PAYLOAD, text: payload, annotations };
}

function signWith(key: KeyObject, bytes: Buffer): string {
  return sign(key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256', bytes, key).toString('base64');
}

/** As cosign 3 makes it with a key, its entry of the transparency log left out. */
export function sigstoreBundle(
  digest: string,
  { privateKey }: KeyPair,
  predicateType = 'https://sigstore.dev/cosign/sign/v1',
) {
  const payload = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType,
    predicate: {},
  });
  const payloadType = 'application/vnd.in-toto+json';
  const signed = `DSSEv1 ${payloadType.length} ${payloadType} ${Buffer.byteLength(payload)} ${payload}`;
  return {
    mediaType: BUNDLE,
    verificationMaterial: { publicKey: { hint: 'any' }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType,
      signatures: [{ sig: signWith(privateKey, Buffer.from(signed)), keyid: '' }],
    },
  };
}

type Options = NonNullable<Parameters<typeof generate>[1]>;

export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** `from` and `to`: hours from now. */
export async function certify(
  name: string,
  given: { ca?: Certified; extensions?: Options['extensions']; from?: number; to?: number } = {},
): Promise<Certified> {
  const { ca, extensions = LEAF, from = -1, to = 24 } = given;
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * HOUR_MS),
    notAfterDate: new Date(Date.now() + to * HOUR_MS),
    extensions,
    ...(ca === undefined ? {} : { ca: { key: ca.key, cert: ca.cert } }),
  });
  return { cert: made.cert, key: made.private };
}

export const AUTHORITY: NonNullable<Options['extensions']> = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, critical: true },
];
export const LEAF: NonNullable<Options['extensions']> = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, critical: true },
  { name: 'extKeyUsage', codeSigning: true },
];

/** `chain`: leaf first, whose key signs; `header`: in place of what Notation writes. */
export async function notationEnvelope(
  digest: string,
  chain: readonly Certified[],
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const payload = { targetArtifact: { mediaType: MANIFEST, digest, size: 1 } };
  const scheme = 'io.cncf.notary.signingScheme';
  const protectedHeader = {
    alg: 'ES256',
    cty: 'application/vnd.cncf.notary.payload.v1+json',
    crit: [scheme],
    [scheme]: 'notary.x509',
    'io.cncf.notary.signingTime': new Date().toISOString(),
    ...header,
  };
  const crit = Object.fromEntries(protectedHeader.crit.map((name) => [name, true]));
  const jws = await new FlattenedSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader(protectedHeader)
    .sign(createPrivateKey(chain[0]?.key ?? ''), { crit });
  return JSON.stringify({ ...jws, header: { x5c: chain.map(({ cert }) => derOf(cert)) } });
}

function derOf(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s/g, '');
}
