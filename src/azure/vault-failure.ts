/**
 * What it means that a key vault does not give a secret: something that passes, or something that a person must do, with
 * what. Of what the vault or its client says, codes alone are shown: an answer that cannot be read may hold the value.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { VaultSecret } from '../model/app.ts';
import { StalledError, TransientError } from '../model/errors.ts';
import { readRetryAfter } from './retry-after.ts';

const RIGHT = 'give the daemon’s identity the role Key Vault Secrets User on it (or the access policies Get and List)';

/** For people: what is read. */
export function nameOf({ secret, version, vault }: VaultSecret): string {
  return `secret ${secret}${version === undefined ? '' : ` (version ${version})`} of ${vault}`;
}

export function vaultFailure(error: unknown, asked: VaultSecret, doing: string): StalledError | TransientError {
  const what = `${nameOf(asked)} cannot be ${doing}`;
  if (error instanceof StalledError) return error;
  if (error instanceof TransientError) return transient(what, 'no token in time', error.retryAfterMs);
  if (!isRestError(error)) return unsent(what, error);
  const { statusCode: status, response } = error;
  const codes = codesOf(error);
  const shown = [...(status === undefined ? [] : [`HTTP ${status}`]), ...codes].join(', ');
  const hint = status === undefined ? undefined : hintOf(status, codes);
  if (hint !== undefined) return new StalledError(`${what} (${shown}); ${hint}`);
  const retryAfterMs = response === undefined ? undefined : readRetryAfter(response.headers);
  return transient(what, shown === '' ? 'no answer' : shown, retryAfterMs);
}

/** Undefined where it may pass by itself. */
function hintOf(status: number, codes: readonly string[]): string | undefined {
  if (status === 403 && codes.includes('SecretDisabled')) return 'enable it, or set a new version';
  if (status === 403 && codes.some((code) => /firewall|connection/i.test(code)))
    return 'let the daemon through the firewall of the vault';
  if (status === 403) return RIGHT;
  if (status === 404) return 'set it, or correct the reference';
  if (status === 401) return 'check azure.credential, azure.cloud and the tenant of the vault';
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return 'correct the reference';
  return undefined;
}

/** Nothing came back from the vault. */
function unsent(what: string, error: unknown): StalledError | TransientError {
  const name = error instanceof Error ? error.name : '';
  const message = error instanceof Error ? error.message : '';
  if (/^The challenge\b/.test(message))
    return new StalledError(`${what}: what answers there asks for a token of another domain; check the vault’s URL`);
  if (/Credential|Authentication/.test(name)) {
    const text = message.split('\n')[0] ?? '';
    return new StalledError(`${what}: no token could be had: ${text.slice(0, 300)}; check azure.credential`);
  }
  return transient(what, name === '' ? 'no answer' : name, undefined);
}

function transient(what: string, why: string, retryAfterMs: number | undefined): TransientError {
  const message = `${what} now (${why}); trying again`;
  return new TransientError(message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The vault's own code with the one within, as far as the client gives them; a code has no room for a secret. */
function codesOf(error: { readonly code?: string | undefined; readonly details?: unknown }): readonly string[] {
  const body = property(error.details, 'error');
  const inner = property(body, 'innerError') ?? property(body, 'innererror');
  const codes = [error.code, property(body, 'code'), property(inner, 'code')];
  return [...new Set(codes.filter((code) => typeof code === 'string' && /^[A-Za-z_]{1,60}$/.test(code)))].map(String);
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
