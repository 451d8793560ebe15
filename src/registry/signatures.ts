/**
 * Whether an image is signed by somebody whom the config trusts. One good signature is enough, whatever else is attached.
 * Where there is none, the reason names each signature that was seen and why it was refused.
 */
import type { Verification } from '../model/app.ts';
import type { ImageContent } from './candidate.ts';
import { RefusedSignature } from './refused-signature.ts';

export type SignatureCheck =
  /** `by`: the file with the key or certificate. */
  { readonly kind: 'signed'; readonly by: string } | { readonly kind: 'unsigned'; readonly reason: string };

export interface SignedImage {
  readonly content: ImageContent;
  readonly digest: string;
  /** For what is valid for a time only. */
  readonly now: number;
}

/** One signature found. */
export interface Signature {
  /** For messages, e.g. `cosign signature 1`. */
  readonly name: string;
  /** Resolves with the file of the signer. Throws RefusedSignature, or what kept it from being told. */
  check(): Promise<string>;
}

/** A place in the registry where signatures may be; throws where that cannot be told. */
export type Place = () => Promise<readonly Signature[]>;

/** Whoever may push to a repository may attach anything: so many are looked at, the last of each place. */
const MOST_SIGNATURES = 20;
const LONGEST_REASON = 200;

/** Throws RestError or TypeError where it cannot be told; never where a good signature was found. */
export async function verifySignatures(
  content: ImageContent,
  asked: { digest: string; verify: Verification },
  { now }: { now: number },
): Promise<SignatureCheck> {
  const { digest, verify } = asked;
  const places = await placesOf({ content, digest, now }, verify);
  const tally = new Tally();
  for (const place of places) {
    const by = await lookAt(place, tally);
    if (by !== undefined) return { kind: 'signed', by };
  }
  if (tally.failure !== undefined) throw tally.failure.error;
  return { kind: 'unsigned', reason: tally.reason(verify) };
}

/** Loaded only where they are wanted, with the libraries that they bring along. */
async function placesOf(image: SignedImage, verify: Verification): Promise<readonly Place[]> {
  if (verify.kind === 'notation') return (await import('./notation.ts')).notationPlaces(image, verify);
  return (await import('./cosign.ts')).cosignPlaces(image, verify);
}

async function lookAt(place: Place, tally: Tally): Promise<string | undefined> {
  const found = await tally.attempt('what is attached', place);
  for (const signature of (found ?? []).toReversed()) {
    if (!tally.mayLook()) continue;
    const by = await tally.attempt(signature.name, () => signature.check());
    if (by !== undefined) return by;
  }
  return undefined;
}

/** What was seen, and what came of it. */
class Tally {
  readonly #refusals: string[] = [];
  #looks = 0;
  #left = 0;
  /** The first failure that is no signature's. */
  failure: { readonly error: unknown } | undefined;

  mayLook(): boolean {
    if (this.#looks < MOST_SIGNATURES) this.#looks += 1;
    else this.#left += 1;
    return this.#left === 0;
  }

  async attempt<T>(name: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof RefusedSignature)
        this.#refusals.push(`${name}: ${printable(error.message).slice(0, LONGEST_REASON)}`);
      else this.failure ??= { error };
      return undefined;
    }
  }

  reason(verify: Verification): string {
    const wanted =
      verify.kind === 'cosign'
        ? `cosign signature by ${namesOf(verify.keys)}`
        : `Notation signature under ${namesOf(verify.certificates)}`;
    if (this.#refusals.length === 0) return `has no ${verify.kind} signature; expected a ${wanted}`;
    const left = this.#left === 0 ? '' : `; ${this.#left} more were not looked at, at most ${MOST_SIGNATURES} are`;
    return `has no good ${wanted}: ${this.#refusals.join('; ')}${left}`;
  }
}

function namesOf(trusted: readonly { readonly file: string }[]): string {
  return [...new Set(trusted.map(({ file }) => file))].join(' or ');
}

/** What a signature says of itself is a stranger's word. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
