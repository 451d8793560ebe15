/**
 * Signatures of Notation among the referrers of an image: JWS envelopes of the scheme notary.x509. Its certificates must be
 * valid both when it was made, by its own word, and now: without a countersigned time that word proves nothing.
 */
import { X509Certificate } from 'node:crypto';
import { errors, flattenedVerify } from 'jose';
import { z } from 'zod';
import type { Verification } from '../model/app.ts';
import { attachedTo, layersOf, parseJson, readLayer } from './attached.ts';
import type { Layer } from './attached.ts';
import { trustedSigner } from './certificate-chain.ts';
import { RefusedSignature } from './refused-signature.ts';
import type { Place, SignedImage } from './signatures.ts';

type Notation = Extract<Verification, { kind: 'notation' }>;

const ARTIFACT_TYPE = 'application/vnd.cncf.notary.signature';
const JWS_TYPE = 'application/jose+json';
const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json';
const SCHEME = 'notary.x509';
const ALGORITHMS = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const MOST_CERTIFICATES = 10;
/** Headers that a signer may mark as critical; any other makes jose refuse the envelope. */
const UNDERSTOOD = { 'io.cncf.notary.signingScheme': true, 'io.cncf.notary.expiry': true };

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const envelope = z.object({
  payload: z.string(),
  protected: z.string(),
  signature: z.string(),
  header: z.object({ x5c: z.array(z.base64()).min(1).max(MOST_CERTIFICATES) }),
});
const protectedHeader = z.object({
  cty: z.literal(PAYLOAD_TYPE),
  crit: z.array(z.string()),
  'io.cncf.notary.signingScheme': z.string(),
  'io.cncf.notary.signingTime': time,
  'io.cncf.notary.expiry': time.optional(),
});
const payload = z.object({ targetArtifact: z.object({ digest: z.string() }) });

type Envelope = z.output<typeof envelope>;

export function notationPlaces(image: SignedImage, wanted: Notation): readonly Place[] {
  return [
    async () => {
      const attached = await attachedTo(image.content, image.digest);
      return attached
        .filter(({ artifactType }) => artifactType === ARTIFACT_TYPE)
        .map(({ digest }) => ({ name: `signature ${digest}`, check: () => checkSignature(image, digest, wanted) }));
    },
  ];
}

async function checkSignature(image: SignedImage, reference: string, wanted: Notation): Promise<string> {
  const layers = (await layersOf(image.content, reference)) ?? [];
  const read = envelope.safeParse(parseJson(await readLayer(image.content, envelopeAmong(layers))));
  if (!read.success) throw new RefusedSignature('its envelope cannot be read');
  const chain = read.data.header.x5c.map(readCertificate);
  const { headers, text } = await checkJws(read.data, chain);
  const expiry = headers['io.cncf.notary.expiry'];
  if (expiry !== undefined && expiry <= image.now)
    throw new RefusedSignature(`it expired at ${new Date(expiry).toISOString()}`);
  const times = [headers['io.cncf.notary.signingTime'], image.now];
  const signer = trustedSigner(chain, wanted.certificates, times);
  const parsed = payload.safeParse(parseJson(text));
  if (!parsed.success) throw new RefusedSignature('its payload cannot be read');
  const signed = parsed.data.targetArtifact.digest;
  if (signed !== image.digest) throw new RefusedSignature(`it signs another image, ${signed}`);
  return signer;
}

function envelopeAmong(layers: readonly Layer[]): Layer {
  const [layer] = layers;
  if (layer === undefined) throw new RefusedSignature('its manifest is not in the registry, or has no envelope');
  if (layer.mediaType === JWS_TYPE) return layer;
  const kind = layer.mediaType === 'application/cose' ? 'a COSE envelope' : `an envelope of type ${layer.mediaType}`;
  throw new RefusedSignature(`${kind} is not supported; sign with --signature-format jws`);
}

async function checkJws(jws: Envelope, [leaf]: readonly X509Certificate[]) {
  if (leaf === undefined) throw new RefusedSignature('it has no certificate');
  const { payload, protected: header, signature } = jws;
  const verified = await flattenedVerify({ payload, protected: header, signature }, leaf.publicKey, {
    algorithms: ALGORITHMS,
    crit: UNDERSTOOD,
  }).catch((error: unknown) => {
    if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) throw error;
    throw new RefusedSignature(`its envelope does not verify: ${error.message}`);
  });
  const parsed = protectedHeader.safeParse(verified.protectedHeader);
  if (!parsed.success) throw new RefusedSignature('its protected header is not that of Notation');
  const scheme = parsed.data['io.cncf.notary.signingScheme'];
  if (scheme !== SCHEME) throw new RefusedSignature(`the scheme ${scheme} is not supported; expected ${SCHEME}`);
  return { headers: parsed.data, text: Buffer.from(verified.payload).toString() };
}

function readCertificate(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new RefusedSignature('a certificate of its chain cannot be read');
  }
}
