/** How key vaults are reached, as written in the config. Pure. */
import { z } from 'zod';
import { text } from './fields.ts';

export const vaultSchema = z
  .strictObject({
    domain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, { error: 'expected a domain such as vault.azure.net' })
      .describe('Domain that vaults must be in; that of the cloud where absent.')
      .optional(),
    endpoint: z
      .string()
      .regex(/^https:\/\/[^\s/@?#]+\/?$/, { error: 'expected a URL that begins with https://, without a path' })
      .describe(
        'Base URL that vaults are reached at in place of their own hosts, such as a proxy; their names stay, also in the certificate.',
      )
      .optional(),
    poll: text(
      'Cron expression with seconds: when the versions of secrets are looked up, for apps with `secretVersions: newRelease`.',
    ).default('0 * * * * *'),
  })
  .prefault({})
  .describe('Azure Key Vault, where secrets refer to it.');
