/** The part of the config that says which Azure, as whom, and which registries. */
import { z } from 'zod';
import { duration, secret, text } from './fields.ts';
import { vaultSchema } from './vault-schema.ts';

function url(scheme: 'https' | 'http or https', description: string) {
  const error = `expected a URL that begins with ${scheme === 'https' ? 'https://' : 'http:// or https://'}`;
  const pattern = scheme === 'https' ? /^https:\/\/[^\s/]+/ : /^https?:\/\/[^\s/]+/;
  return z.string({ error }).regex(pattern, { error }).describe(description);
}

const credential = z
  .union(
    [
      z.enum(['managedIdentity', 'environment']),
      z.strictObject({ managedIdentity: z.strictObject({ clientId: text('Client id of a user-assigned identity.') }) }),
      z.strictObject({
        servicePrincipal: z.strictObject({
          tenant: text('Tenant id.'),
          clientId: text('Client id.'),
          clientSecret: secret.refine((reference) => !('keyVault' in reference), {
            error:
              'cannot come from a key vault: the daemon needs this very secret to sign in there; use {env: NAME} or {file: PATH}, or credential: managedIdentity, which needs none',
          }),
        }),
      }),
    ],
    {
      error:
        'expected managedIdentity, environment, {managedIdentity: {clientId}} or {servicePrincipal: {tenant, clientId, clientSecret: {env: NAME}}}',
    },
  )
  .default('managedIdentity')
  .describe(
    'Who the daemon is: `managedIdentity`, `environment`, `{managedIdentity: {clientId}}` or `{servicePrincipal: {tenant, clientId, clientSecret}}`.',
  );

function nameServers(most: number) {
  const error = 'expected an address, with a port where it is not 53, such as 127.0.0.1:5300';
  const server = z.string().regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/, { error });
  return z.array(server).max(most).default([]);
}

export const azureSchema = z
  .strictObject({
    cloud: z
      .enum(['public', 'usGovernment', 'china'])
      .default('public')
      .describe('Sets the defaults of the endpoints below.'),
    subscription: z
      .guid({ error: 'expected a subscription id, such as 00000000-0000-0000-0000-000000000000' })
      .describe('Subscription id.'),
    resourceManager: url('https', 'Base URL of Azure Resource Manager.').optional(),
    audience: url('https', 'Token audience of Azure Resource Manager.').optional(),
    authority: url('https', 'Base URL of the token service.').optional(),
    managedIdentityEndpoint: url(
      'http or https',
      'Base URL of the managed identity endpoint; the platform’s own where absent.',
    ).optional(),
    credential,
    caFile: text('PEM file with further certificate authorities.').optional(),
    nameServers: nameServers(10).describe('Name servers asked when groups are probed; the system’s own where empty.'),
    trafficManagerNameServers: nameServers(8).describe(
      'Traffic Manager’s own name servers, asked whether a removal has reached them; found by the NS records of the profile’s zone where empty.',
    ),
    keyVault: vaultSchema,
  })
  .describe('Which Azure, and as whom.');

const registryCredential = z
  .union(
    [
      z.enum(['azure', 'anonymous']),
      z.strictObject({
        username: z
          .string()
          .regex(/^[^:\p{Cc}]+$/u, { error: 'expected a user name without a colon' })
          .describe('User name, or the name of a token.'),
        password: secret,
      }),
      z.strictObject({ token: secret }),
    ],
    { error: 'expected azure, anonymous, {username, password: {env: NAME}} or {token: {env: NAME}}' },
  )
  .optional()
  .describe(
    'Who asks: `azure` (the daemon’s identity; default of kind acr), `anonymous` (default of kind oci), `{username, password}` (also a token with a scope map), or `{token}`, sent as it is.',
  );

export const registrySchema = z.strictObject({
  host: text('Host as in image names.'),
  endpoint: z
    .string()
    .regex(/^(https:\/\/[^\s/@]+|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?)\/*$/, {
      error: 'expected a URL that begins with https://, without a path (http:// for an address of this machine only)',
    })
    .describe('Base URL; `https://{host}` where absent.')
    .optional(),
  kind: z
    .enum(['acr', 'oci'])
    .optional()
    .describe('`acr` (default of `*.azurecr.io`, `.cn` and `.us`) or `oci`, any registry of the open protocol.'),
  credential: registryCredential,
  poll: text('Cron expression with seconds: when its repositories are polled.').default('*/30 * * * * *'),
  jitter: duration('Each poll is delayed by a random time up to this.').prefault('5s'),
});
