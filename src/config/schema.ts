/**
 * The config file as written: the one source of its types, its checks, config/schema.json and the tables in
 * docs/configuration.md. Pure. What spans several fields or needs a look at the disk is checked in load.ts.
 */
import { z } from 'zod';
import { azureSchema, registrySchema } from './azure-schema.ts';
import { duration, statuses, text } from './fields.ts';
import { groupsSchema, modeSchema, mostRollouts, windowsSchema } from './gates-schema.ts';
import { apiSchema, pushSchema } from './listen-schema.ts';
import { notifySchema } from './notify-schema.ts';
import { policySchema } from './policy-schema.ts';
import { rolloutSchema } from './rollout-schema.ts';
import { overridesSchema, templateSchema } from './template-schema.ts';
import { trafficSchema } from './traffic.ts';

/** In each location. */
export const MOST_REPLICAS = 20;
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

function name(longest: number, description: string) {
  const error = `expected at most ${longest} lower-case letters, digits and hyphens, beginning with a letter`;
  return z.string({ error }).max(longest, { error }).regex(NAME, { error }).describe(description);
}

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
    azure: azureSchema,
    registries: z.array(registrySchema).max(50).default([]).describe('Registries that need more than the defaults.'),
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
    push: pushSchema.optional(),
    api: apiSchema.optional(),
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

export type Config = z.output<typeof configSchema>;
export type RegistryConfig = Config['registries'][number];
export type RawAppConfig = Config['apps'][number];
/** With its replicas, which its template may say. */
export type AppConfig = RawAppConfig & { readonly replicas: number };

/** JSON Schema of the file as written. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
