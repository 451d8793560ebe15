/** What proves to the other side who asks: a secret of the config, or a token of the daemon's own identity. */
import { StalledError } from '../model/errors.ts';
import type { SecretReference } from '../model/app.ts';
import type { Asking } from './context.ts';

/** Throws StalledError, without its value, where a secret cannot be read or could never stand in a header. */
export async function withSecret(
  secret: SecretReference | undefined,
  asking: Asking,
): Promise<{ readonly authorization?: string }> {
  if (secret === undefined) return {};
  const value = await asking.readSecret(secret);
  asking.conceal(value);
  if (/^[!-~]([ -~]{0,4094}[!-~])?$/.test(value)) return { authorization: `Bearer ${value}` };
  throw new StalledError(
    'its secret: expected 1 to 4096 printable ASCII characters without a space at either end, as a header can carry',
  );
}

export async function withToken(
  audience: string | undefined,
  asking: Asking,
): Promise<{ readonly authorization?: string }> {
  if (audience === undefined) return {};
  const got = await asking.credential.getToken(`${audience.replace(/\/+$/, '')}/.default`, {
    abortSignal: asking.signal,
  });
  if (got === null) throw new StalledError(`no token for ${audience}; check azure.credential`);
  asking.conceal(got.token);
  return { authorization: `Bearer ${got.token}` };
}
