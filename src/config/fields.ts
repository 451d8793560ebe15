/** Kinds of fields that several parts of the config share. Pure. */
import { z } from 'zod';
import { DURATION, parseDuration } from '../model/duration.ts';

/** Written with its unit, read as milliseconds; `least` and `most` as they are written. */
export function duration(description: string, least = '0s', most = '9999h') {
  const error = 'expected a duration with its unit, such as 200ms, 90s, 5m or 1h30m';
  const leastMs = parseDuration(least) ?? 0;
  const mostMs = parseDuration(most) ?? 0;
  return z
    .string({ error })
    .regex(DURATION, { error })
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= leastMs, { error: `expected at least ${least}` })
    .refine((ms) => ms <= mostMs, { error: `expected at most ${most}` })
    .describe(description);
}

export const text = (description: string) => z.string().min(1).describe(description);

export const VAULT = /^https:\/\/[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+\/?$/i;
export const SECRET_NAME = /^[0-9a-z-]{1,127}$/i;
export const SECRET_VERSION = /^[0-9a-f]{32}$/i;

const vaultSecret = z
  .strictObject({
    vault: z
      .string()
      .regex(VAULT, { error: 'expected the URL of a key vault, such as https://shop.vault.azure.net' })
      .describe('URL of the vault.'),
    secret: z
      .string()
      .regex(SECRET_NAME, { error: 'expected the name of a secret: letters, digits and hyphens' })
      .describe('Name of the secret.'),
    version: z
      .string()
      .regex(SECRET_VERSION, { error: 'expected the id of a version: 32 hex digits' })
      .describe('Id of a version; the newest where absent.')
      .optional(),
  })
  .describe('A secret of Azure Key Vault, read as the daemon’s identity.');

export const secret = z
  .union(
    [
      z.strictObject({ env: text('Name of an environment variable.') }),
      z.strictObject({ file: text('Path of a file.') }),
      z.strictObject({ keyVault: vaultSecret }),
    ],
    {
      error:
        'expected a reference, {env: NAME}, {file: PATH} or {keyVault: {vault, secret}}: a secret never stands in the config itself',
    },
  )
  .describe('Where a secret is read from: `{env: NAME}`, `{file: PATH}` or `{keyVault: {vault, secret}}`.');

const STATUS = { error: 'expected a status such as 200 or a range such as 200-299' };
const statusRange = z.union(
  [z.number().int().min(100, STATUS).max(599, STATUS), z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, STATUS)],
  STATUS,
);

/** HTTP status codes; 200–299 where nothing is said. */
export const statuses = z
  .union([statusRange, z.array(statusRange).min(1).max(8)], {
    error: 'expected a status, a range such as 200-299, or a list of them',
  })
  .default('200-299')
  .describe('Accepted status codes.');

/** Both ends included. */
export function toStatuses(given: z.output<typeof statuses>): { from: number; to: number }[] {
  return (Array.isArray(given) ? given : [given]).map((status) => {
    const [from, to] = String(status).split('-').map(Number);
    return { from: from ?? 200, to: to ?? from ?? 200 };
  });
}
