/** Whether a Sigstore bundle was made with one of some keys, and says that an image is signed. */
import { bundleFromJSON } from '@sigstore/bundle';
import type { Bundle } from '@sigstore/bundle';
import { crypto } from '@sigstore/core';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { z } from 'zod';
import type { TrustedPem } from '../model/app.ts';
import { parseJson } from './attached.ts';
import { SIGN_PREDICATE } from './cosign.ts';
import { RefusedSignature } from './refused-signature.ts';

const STATEMENT_TYPE = 'application/vnd.in-toto+json';
const statement = z.object({
  predicateType: z.string(),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })).max(1000),
});

/** The file of the signer. Throws RefusedSignature. */
export function checkBundle(json: unknown, digest: string, keys: readonly TrustedPem[]): string {
  const bundle = readBundle(json);
  if (bundle.verificationMaterial.content.$case !== 'publicKey')
    throw new RefusedSignature('it was made with a certificate (keyless), which is not supported; expected a key');
  if (bundle.content.$case !== 'dsseEnvelope')
    throw new RefusedSignature('it signs a message, which is not supported; expected a DSSE envelope');
  const signer = keys.find(({ pem }) => isSignedBy(bundle, pem));
  if (signer === undefined) throw new RefusedSignature('it was not made with a configured key, or was changed');
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  const parsed = statement.safeParse(parseJson(payload.toString()));
  if (payloadType !== STATEMENT_TYPE || !parsed.success) throw new RefusedSignature('its statement cannot be read');
  const { predicateType, subject } = parsed.data;
  if (predicateType !== SIGN_PREDICATE)
    throw new RefusedSignature(`it is no signature but a statement of type ${predicateType}`);
  if (subject.some((one) => `sha256:${one.digest['sha256'] ?? ''}` === digest)) return signer.file;
  throw new RefusedSignature(`it signs another image, sha256:${subject[0]?.digest['sha256'] ?? ''}`);
}

function readBundle(json: unknown): Bundle {
  try {
    return bundleFromJSON(json);
  } catch (error) {
    throw new RefusedSignature(`it is no bundle: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Without the log and the time stamps of a bundle: a key is trusted as long as the config names it. */
function isSignedBy(bundle: Bundle, pem: string): boolean {
  const publicKey = crypto.createPublicKey(pem);
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const trust = { ...nobody, publicKey: () => ({ publicKey, validFor: () => true }) };
  const verifier = new Verifier(trust, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 });
  try {
    verifier.verify({ ...toSignedEntity(bundle), tlogEntries: [], timestamps: [] });
    return true;
  } catch {
    return false;
  }
}
