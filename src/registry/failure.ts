/** What a registry's refusal means, and what somebody can do about it. */
import { isRestError } from '@azure/core-rest-pipeline';
import { readRetryAfter } from '../azure/retry-after.ts';
import { StalledError, TransientError } from '../model/errors.ts';

export interface RegistryFailure {
  readonly reason: string;
  readonly stalled: boolean;
  readonly retryAfterMs: number | undefined;
  readonly isForeseen: boolean;
}

/** What somebody has to do where the registry refuses, by its kind and credential. */
export interface RightsHints {
  readonly rights: string;
  readonly credential: string;
}

export const AZURE_HINTS: RightsHints = {
  rights: 'give the daemon’s identity AcrPull (or Container Registry Repository Reader) on this registry',
  credential: 'check azure.credential',
};
export const OWN_CREDENTIAL_HINTS: RightsHints = {
  rights: 'check the credential of this host under registries: it needs the right to pull and to list tags',
  credential: 'check the credential of this host under registries',
};

/** `attempt` says what failed, e.g. `tags of shop.azurecr.io/web cannot be listed`. */
export function describeRegistryFailure(
  error: unknown,
  attempt: string,
  hints: RightsHints = AZURE_HINTS,
): RegistryFailure {
  const text = messageOf(error);
  const status = isRestError(error) ? error.statusCode : undefined;
  const failure = (hint: string, stalled: boolean): RegistryFailure => ({
    reason: `${attempt}: ${text}${hint}`,
    stalled,
    retryAfterMs: retryAfterMs(error),
    isForeseen: isForeseen(error),
  });
  switch (status) {
    case 401:
    case 403:
      return failure(`; ${hints.rights}`, true);
    case 404:
      return failure('; push a first image, or correct the repository in the config', false);
    case 429:
      return failure('; the registry throttles, waiting as it asks', false);
    case undefined:
      if (error instanceof StalledError) return failure('', true);
      return failure(isCredentialError(error) ? `; ${hints.credential}` : '', isCredentialError(error));
    default:
      return failure('', false);
  }
}

function retryAfterMs(error: unknown): number | undefined {
  if (error instanceof TransientError) return error.retryAfterMs;
  const headers = isRestError(error) ? error.response?.headers : undefined;
  return headers === undefined ? undefined : readRetryAfter(headers);
}

function isForeseen(error: unknown): boolean {
  if (!isRestError(error))
    return isCredentialError(error) || (error instanceof Error && /Abort|Timeout|Stalled|Transient/.test(error.name));
  const { statusCode } = error;
  return statusCode === undefined || [401, 403, 404, 408, 429].includes(statusCode) || statusCode >= 500;
}

function isCredentialError(error: unknown): boolean {
  return error instanceof Error && /Credential|Authentication/.test(error.name);
}

/** The registry's own code and message, out of the raw body that the SDK gives; at most 300 characters. */
function messageOf(error: unknown): string {
  const body = isRestError(error) ? error.response?.bodyAsText : undefined;
  const text = body || (error instanceof Error ? error.message : String(error));
  const status = isRestError(error) && error.statusCode !== undefined ? `HTTP ${error.statusCode}: ` : '';
  try {
    const parsed: unknown = JSON.parse(text);
    const errors: unknown =
      typeof parsed === 'object' && parsed !== null && 'errors' in parsed ? parsed.errors : undefined;
    const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
    if (typeof first === 'object' && first !== null && 'code' in first && 'message' in first) {
      return `${status}${String(first.code)}: ${String(first.message)}`;
    }
  } catch {
    // not JSON: the text itself is all there is
  }
  return `${status}${text.split('\n')[0] ?? ''}`.slice(0, 300);
}
