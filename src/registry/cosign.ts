/**
 * Signatures of cosign made with a key pair: payloads in the image `sha256-HEX.sig`, as cosign 1 and 2 leave them, and
 * Sigstore bundles among the referrers, as cosign 3 does. Transparency logs and keyless signatures play no part.
 */
import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import type { TrustedPem, Verification } from '../model/app.ts';
import { attachedTo, layersOf, parseJson, readLayer } from './attached.ts';
import type { Attached, Layer } from './attached.ts';
import { RefusedSignature } from './refused-signature.ts';
import type { Place, Signature, SignedImage } from './signatures.ts';

type Cosign = Extract<Verification, { kind: 'cosign' }>;

const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE_TYPE = 'application/vnd.dev.cosign.artifact.sig.v1+json';
const BUNDLE_TYPE = /^application\/vnd\.dev\.sigstore\.bundle(\.v\d+\.\d+)?\+json/;
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const PREDICATE = 'dev.sigstore.bundle.predicateType';
/** What a bundle says of an image; others say how it was built, or what is in it. */
export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** As containers/image has it: "simple signing". */
const payload = z.object({
  critical: z.object({
    identity: z.object({ 'docker-reference': z.string() }),
    image: z.object({ 'docker-manifest-digest': z.string() }),
  }),
});

export function cosignPlaces(image: SignedImage, wanted: Cosign): readonly Place[] {
  return [
    async () => {
      const layers = await layersOf(image.content, `${image.digest.replace(':', '-')}.sig`);
      return payloadsAmong(layers ?? []).map((layer, index) => ({
        name: `cosign signature ${index + 1}`,
        check: () => checkPayload(image, layer, wanted),
      }));
    },
    async () => {
      const attached = await attachedTo(image.content, image.digest);
      return attached.flatMap((one) => toSignature(image, one, wanted) ?? []);
    },
  ];
}

function toSignature(image: SignedImage, attached: Attached, wanted: Cosign): Signature | undefined {
  const { artifactType = '', digest } = attached;
  const predicate = attached.annotations?.[PREDICATE] ?? SIGN_PREDICATE;
  if (BUNDLE_TYPE.test(artifactType) && predicate === SIGN_PREDICATE)
    return { name: `Sigstore bundle ${digest}`, check: () => checkBundleOf(image, digest, wanted) };
  if (artifactType !== SIGNATURE_TYPE) return undefined;
  const check = async () => {
    const layer = payloadsAmong((await layersOf(image.content, digest)) ?? []).at(-1);
    if (layer === undefined) throw new RefusedSignature('its manifest is not in the registry, or has no payload');
    return checkPayload(image, layer, wanted);
  };
  return { name: `cosign signature ${digest}`, check };
}

function payloadsAmong(layers: readonly Layer[]): readonly Layer[] {
  return layers.filter(({ mediaType }) => mediaType === PAYLOAD_TYPE);
}

async function checkPayload({ content, digest }: SignedImage, layer: Layer, wanted: Cosign): Promise<string> {
  const signature = layer.annotations?.[SIGNATURE];
  if (signature === undefined) throw new RefusedSignature(`it has no annotation ${SIGNATURE}`);
  const text = await readLayer(content, layer);
  const signer = wanted.keys.find((key) => isSignedBy(key, Buffer.from(text), Buffer.from(signature, 'base64')));
  if (signer === undefined) throw new RefusedSignature('it was not made with a configured key, or was changed');
  const parsed = payload.safeParse(parseJson(text));
  if (!parsed.success) throw new RefusedSignature('its payload cannot be read');
  const { identity, image } = parsed.data.critical;
  const signed = image['docker-manifest-digest'];
  if (signed !== digest) throw new RefusedSignature(`it signs another image, ${signed}`);
  const reference = identity['docker-reference'];
  if (wanted.reference !== undefined && reference !== wanted.reference)
    throw new RefusedSignature(`it is for the name ${reference}, not for ${wanted.reference}`);
  return signer.file;
}

/** RSA by PKCS #1 v1.5, as cosign's; Ed25519 has no digest of its own to name. */
function isSignedBy({ pem }: TrustedPem, payload: Buffer, signature: Buffer): boolean {
  const key = createPublicKey(pem);
  return verify(key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256', payload, key, signature);
}

async function checkBundleOf({ content, digest }: SignedImage, reference: string, wanted: Cosign): Promise<string> {
  if (wanted.reference !== undefined)
    throw new RefusedSignature(`it is for no name, and ${wanted.reference} is expected`);
  const layers = await layersOf(content, reference);
  const layer = layers?.find(({ mediaType }) => BUNDLE_TYPE.test(mediaType));
  if (layer === undefined) throw new RefusedSignature('its manifest is not in the registry, or has no bundle');
  const text = await readLayer(content, layer);
  // Loaded only where a bundle was found: it brings protocol buffers along.
  const { checkBundle } = await import('./sigstore-bundle.ts');
  return checkBundle(parseJson(text), digest, wanted.keys);
}
