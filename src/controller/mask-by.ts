/**
 * Masks texts of others by secrets that are read once, at the first text, and forgotten with the function. What cannot be
 * masked by all of them is not shown.
 */
import { StalledError, TransientError } from '../model/errors.ts';
import { maskText } from '../model/mask.ts';

export function maskBy(readSecrets: () => Promise<readonly string[]>): (text: string) => Promise<string> {
  let secrets: Promise<readonly string[] | Error> | undefined;
  return async (text) => {
    secrets ??= readSecrets().catch((error: unknown) => unreadable(error));
    const known = await secrets;
    if (!(known instanceof Error)) return maskText(text, known);
    return `not shown, as it may have a secret: ${maskText(known.message, [])}`;
  };
}

/** A secret that cannot be read now; anything else is a bug. */
function unreadable(error: unknown): Error {
  if (error instanceof StalledError || error instanceof TransientError) return error;
  throw error;
}
