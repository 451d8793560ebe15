/**
 * The config file as written: the one source of its types, its checks, config/schema.json and the tables in
 * docs/configuration.md. Pure. What spans several fields or needs a look at the disk is checked in load.ts.
 */
import { z } from 'zod';
import { duration, secret, statuses, text } from './fields.ts';
import { groupsSchema, modeSchema, mostRollouts, windowsSchema } from './gates-schema.ts';
import { notifySchema } from './notify-schema.ts';
import { policySchema } from './policy-schema.ts';
import { rolloutSchema } from './rollout-schema.ts';
import { overridesSchema, templateSchema } from './template-schema.ts';
import { trafficSchema } from './traffic.ts';
import { vaultSchema } from './vault-schema.ts';

/** In each location. */
export const MOST_REPLICAS = 20;
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

function name(longest: number, description: string) {
  const error = `expected at most ${longest} lower-case letters, digits and hyphens, beginning with a letter`;
  return z.string({ error }).max(longest, { error }).regex(NAME, { error }).describe(description);
}

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

const azure = z
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

const registry = z.strictObject({
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

const pemFiles = (description: string) => z.array(text('Path, beside this file.')).min(1).max(20).describe(description);

const verify = z
  .strictObject({
    cosign: z
      .strictObject({
        keys: pemFiles('PEM files of public keys (ECDSA P-256, RSA, Ed25519).'),
        reference: text('The name that must be in the signature, such as `shop.azurecr.io/web`.').optional(),
      })
      .optional()
      .describe('Signatures of cosign with a key pair.'),
    notation: z
      .strictObject({
        certificates: pemFiles('PEM files of certificates: of authorities, or of signers themselves.'),
      })
      .optional()
      .describe('Signatures of Notation (JWS).'),
  })
  .refine(({ cosign, notation }) => (cosign === undefined) !== (notation === undefined), {
    error: 'expected one of cosign and notation',
  })
  .optional()
  .describe('Whose signatures count, one of which an image must have; absent: none is asked for.');

const image = z.strictObject({
  container: text('Name of the container in the template.'),
  image: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?\/[a-z0-9]+([._/-]+[a-z0-9]+)*$/, {
      error: 'expected registry/repository without a tag, such as shop.azurecr.io/shop/web',
    })
    .describe('Registry and repository, without a tag.'),
  policy: policySchema,
  verify,
});

const probe = z
  .strictObject({
    scheme: z
      .enum(['http', 'https', 'tcp'])
      .default('http')
      .describe(
        '`http`, `https` (its certificate is not checked, as Traffic Manager does not) or `tcp`: a connection alone, without `path`, `host` and `status`.',
      ),
    port: z.number().int().min(1).max(65_535).describe('Port of the group.'),
    path: z
      .string()
      .startsWith('/', { error: 'expected a path that begins with /' })
      .default('/')
      .describe('Path of the request.'),
    host: text('Host header; the group’s own name where absent.').optional(),
    status: statuses,
    interval: duration('Pause between two probes of a group.', '10ms').prefault('5s'),
    timeout: duration('How long one request, or one connection, may take.', '10ms').prefault('5s'),
    successes: z.number().int().min(1).max(100).default(3).describe('Successes in a row that verify a group.'),
    failures: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(6)
      .describe('Failures in a row that condemn the release, once `grace` is over.'),
    grace: duration('From the moment that a group runs: failures do not count before it is over.').prefault('1m'),
  })
  .describe('How a group is proven by direct requests; without it, by running 30 s with no restart.');

const app = z.strictObject({
  name: name(25, 'Begins the names of its groups.'),
  template: templateSchema,
  overrides: overridesSchema,
  secretVersions: z
    .enum(['ignore', 'newRelease'])
    .default('ignore')
    .describe(
      '`newRelease`: a new version of a key vault’s secret that the template refers to without a version is a new release. `ignore`: it is read by whatever is made next.',
    ),
  resourceGroup: text('Where its groups are made.'),
  locations: z
    .array(z.string().regex(/^[a-z0-9]+$/, { error: 'expected a location such as westeurope' }))
    .min(1)
    .max(20)
    .describe('Azure regions.'),
  replicas: z
    .number()
    .int()
    .min(1)
    .max(MOST_REPLICAS)
    .optional()
    .describe('Groups in each location; as many as a Kubernetes manifest says, else 1, where absent.'),
  images: z.array(image).min(1).max(20).describe('Containers that follow a repository.'),
  settle: duration(
    'Once an image has changed, a rollout waits until none has changed for so long (five times as long at most), so that a set becomes one rollout; without effect where fewer than two images can change.',
  ).prefault('1m'),
  traffic: trafficSchema.optional().describe('How it is reached; absent for a worker.'),
  probe: probe.optional(),
  repairAfter: duration('A live endpoint that stays Degraded for so long makes its stack be replaced.', '1m').prefault(
    '10m',
  ),
  mode: modeSchema.optional().describe('In place of the `mode` of the whole config.'),
  windows: windowsSchema
    .optional()
    .describe('When its rollouts may start; those of the whole config must be open too.'),
  group: text('One of `groups`.').optional(),
  after: z
    .array(text('Name of an app.'))
    .max(50)
    .default([])
    .describe('Apps that go first: its rollouts start once those run their newest release, or stand still.'),
  rollout: rolloutSchema,
});

const listen = (address: string) =>
  z
    .string()
    .regex(/^((\d{1,3}\.){3}\d{1,3}|localhost|\[[0-9a-fA-F:]+\]):\d{1,5}$/, {
      error: `expected an address and a port, such as ${address}`,
    })
    .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, {
      error: 'expected a port of 65535 at most',
    })
    .default(address)
    .describe('Address and port.');

const tls = z
  .strictObject({
    cert: text('PEM file of the certificate and those above it.'),
    key: text('PEM file of its key.'),
  })
  .optional()
  .describe('Speaks https; plain http where absent.');

const push = z
  .strictObject({
    listen: listen('127.0.0.1:8081'),
    secret,
    header: z
      .string()
      .regex(/^[\w-]{1,64}$/, { error: 'expected the name of a header' })
      .default('Authorization')
      .describe('Header that carries the secret, by itself or after `Bearer `.'),
    tls,
  })
  .describe('Registries tell of pushes here, so that no poll is waited for; absent: polls only.');

const api = z
  .strictObject({
    listen: listen('127.0.0.1:8080').describe(
      'Address and port; one that other machines reach needs `tls`, as tokens would travel in plain text.',
    ),
    tokens: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^\w[\w.@-]{0,63}$/, { error: 'expected a name of letters, digits, and . _ @ - after the first' })
            .describe('Who it is: what is done with the token is written down by this name.'),
          token: secret,
        }),
      )
      .min(1)
      .max(100)
      .describe('Who may ask; a token of 16 characters or more for each person.'),
    tls,
  })
  .describe('Operators ask and command here, by `viridian status` and the like; absent: nobody can.');
const price = (description: string) => z.number().min(0).max(1000).optional().describe(description);
const prices = z
  .strictObject({
    currency: text('As it is shown, such as `EUR`.'),
    cpuPerSecond: price('Of one CPU core.'),
    memoryGbPerSecond: price('Of one GB of memory.'),
    groupPerSecond: price('Of a group besides, such as for its address.'),
  })
  .describe('What running costs, to tell what the overlap of two stacks cost; absent: told in container-seconds only.');

export const configSchema = z
  .strictObject({
    version: z.literal(1, { error: 'expected version: 1' }).describe('Version of this format: 1.'),
    owner: name(20, 'Marks what is ours: no two daemons share it, unless they share one config and its state.').default(
      'viridian',
    ),
    azure,
    registries: z.array(registry).max(50).default([]).describe('Registries that need more than the defaults.'),
    state: z
      .strictObject({
        folder: text('Folder of the state files, of one daemon.').optional(),
        blob: z
          .strictObject({
            url: z
              .string()
              .regex(/^https:\/\/[^\s/]+(\/[^\s/]+)?\/[a-z0-9](-?[a-z0-9]){2,62}$/, {
                error: 'expected the URL of a container, such as https://ACCOUNT.blob.core.windows.net/viridian',
              })
              .describe('URL of a container; it is made where it is missing.'),
          })
          .optional()
          .describe('Azure Blob Storage, shared by several daemons that take over from each other.'),
      })
      .refine(({ folder, blob }) => (folder === undefined) !== (blob === undefined), {
        error: 'expected one of folder and blob',
      })
      .optional()
      .describe('Where state is kept; `./state` of the working directory where absent.'),
    onRemoval: z
      .enum(['keep', 'retire'])
      .default('keep')
      .describe('What becomes of the groups of an app that is here no more, or has another name: they stay, or go.'),
    push: push.optional(),
    api: api.optional(),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
      })
      .prefault({})
      .describe('The log.'),
    prices: prices.optional(),
    notify: notifySchema.optional(),
    mode: modeSchema
      .default('act')
      .describe('`act`, or `notify`: new releases are reported, and nothing is ever changed in Azure.'),
    windows: windowsSchema
      .optional()
      .describe('When rollouts of new releases may start: any app, any time where absent.'),
    maxConcurrentRollouts: mostRollouts('The most rollouts at a time over all apps; no limit where absent.'),
    groups: groupsSchema.prefault({}).describe('Groups of apps, by name, with a limit of their own.'),
    apps: z.array(app).min(1).max(1000).describe('The services kept upgraded.'),
  })
  .describe('Config of Viridian.');

export const appSchema = app;
export const azureSchema = azure;
export const registrySchema = registry;

export type Config = z.output<typeof configSchema>;
export type RegistryConfig = Config['registries'][number];
export type RawAppConfig = Config['apps'][number];
/** With its replicas, which its template may say. */
export type AppConfig = RawAppConfig & { readonly replicas: number };

/** JSON Schema of the file as written. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
