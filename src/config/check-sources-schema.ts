/** What a check may measure, as written. Pure. */
import { z } from 'zod';
import { AGGREGATIONS } from '../model/check.ts';
import { duration, secret, statuses, text } from './fields.ts';

const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])([:/]|$)/;
/** What a client sets itself, and what carries secrets. */
const OWN_HEADERS =
  /^(authorization|proxy-authorization|cookie|host|content-length|content-type|connection|transfer-encoding|expect|upgrade)$/i;

function url(description: string, placeholder?: string) {
  const what = placeholder === undefined ? 'no placeholders' : `no placeholder but ${placeholder}`;
  const filled = (given: string) => (placeholder === undefined ? given : given.replaceAll(placeholder, 'x'));
  return z
    .string()
    .max(2000)
    .refine((given) => /^https?:\/\/[^\s/]/.test(given) && URL.canParse(filled(given)), {
      error: 'expected a URL that begins with http:// or https://',
      abort: true,
    })
    .refine((given) => !/^https?:\/\/[^/?#]*@/.test(given), {
      error: 'expected no user name or password in the URL: a secret never stands in the config itself',
    })
    .refine((given) => !/[{}]/.test(filled(given)), { error: `expected ${what}` })
    .describe(description);
}

const headers = z
  .record(
    z.string(),
    z.string().regex(/^[ -~]{0,1000}$/, { error: 'expected at most 1000 printable ASCII characters' }),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > 20) context.addIssue('expected at most 20 headers');
    for (const name of names) {
      const issue = (message: string) => context.addIssue({ code: 'custom', path: [name], message });
      if (!/^[\w-]{1,64}$/.test(name)) issue('expected the name of a header');
      else if (OWN_HEADERS.test(name))
        issue('expected another header: this one is set by Viridian, or carries a secret (see secret)');
    }
  })
  .default({})
  .describe('Further headers, without secrets.');

const SENT_SECRET = { error: 'expected https:// where a secret is sent', path: ['url'] };
const mayCarry = (given: string) => given.startsWith('https:') || LOOPBACK.test(given);

export const http = z
  .strictObject({
    url: url('With `{target}` for the name of a group: each group is asked. Without it: asked once.', '{target}'),
    status: statuses,
    bodyIncludes: z.string().min(1).max(1000).optional().describe('Text that the answer must have (64 KiB are read).'),
    json: z
      .string()
      .regex(/^[^.\s]{1,100}(\.[^.\s]{1,100}){0,9}$/, {
        error: 'expected keys joined by dots, such as connections.active',
      })
      .optional()
      .describe(
        'Where in an answer of JSON the number is that successWhen and failureWhen are for, such as `connections.active`.',
      ),
    host: z
      .string()
      .refine((host) => /^[\w.:[\]-]{1,255}$/.test(host) && URL.canParse(`http://${host}`), {
        error: 'expected a host name',
      })
      .optional()
      .describe('Host header; that of the URL where absent.'),
  })
  .optional()
  .describe('A GET; redirects are not followed.');

export const tcp = z
  .strictObject({ port: z.number().int().min(1).max(65_535).describe('Port of the groups.') })
  .optional()
  .describe('A connection to each group.');

const refusal = (preset: 'failure' | 'error', description: string) =>
  z.enum(['failure', 'error', 'inconclusive']).default(preset).describe(description);

export const webhook = z
  .strictObject({
    url: url('Where app, rollout, release, phase and checksum are posted to.'),
    secret: secret.optional(),
    headers,
    on4xx: refusal('failure', 'What an answer of 400–499 is (408, 425 and 429: always an error).'),
    on5xx: refusal('error', 'What an answer of 500–599 is.'),
    later: duration(
      'For how long it may put its answer off, by 409, 425, 429 or 503 with Retry-After.',
      '0s',
      '168h',
    ).prefault('1h'),
    waitFor: duration(
      'Makes it a confirmation: it is asked until it answers 2xx, and holds the rollout meanwhile as a gate does, for so long; then the rollout goes back. Absent: its answers are judged by `on4xx` and `on5xx`.',
      '1s',
      '720h',
    ).optional(),
  })
  .refine((given) => given.secret === undefined || mayCarry(given.url), SENT_SECRET)
  .optional()
  .describe('A POST of JSON; 2xx is a success.');

const query = z.string().min(1).max(4000);
const PLACES = '`{app}`, `{rollout}`, `{release}` and `{groups}` (names, joined by `|`) are filled in';

export const prometheus = z
  .strictObject({
    url: url('Base URL, without `/api/v1/query`.'),
    query: query.describe(`PromQL that gives one number, or one per series; ${PLACES}.`),
    secret: secret.optional(),
    audience: url(
      'Sends a token of the daemon’s identity for this audience, as an Azure Monitor workspace wants.',
    ).optional(),
    headers,
  })
  .refine(({ secret, audience, url }) => (secret === undefined && audience === undefined) || mayCarry(url), SENT_SECRET)
  .refine(({ secret, audience }) => secret === undefined || audience === undefined, {
    error: 'expected one of secret and audience at most',
    path: ['audience'],
  })
  .optional()
  .describe('A query of Prometheus, or of what speaks its HTTP API.');

const window = duration('How far back from now.', '1m', '24h').prefault('5m');
const RESOURCE = /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/\s]+\/providers\/[^/\s]+(\/[^/\s]+\/[^/\s]+)+$/i;

export const azureMetrics = z
  .strictObject({
    resource: z
      .string()
      .regex(RESOURCE, { error: 'expected a resource id, /subscriptions/…/resourceGroups/…/providers/…' })
      .describe('Id of the resource; with `{group}` for the name of a group: each group is asked about.'),
    namespace: text('Of the metrics; the type of the resource where absent.').optional(),
    metrics: z
      .array(z.string().regex(/^[^,]{1,200}$/, { error: 'expected the name of a metric' }))
      .min(1)
      .max(20)
      .describe('Names of metrics; each must hold.'),
    aggregation: z.enum(AGGREGATIONS).default('average').describe('Over the window.'),
    window,
    region: z
      .string()
      .regex(/^[a-z0-9]{1,50}$/, { error: 'expected a region such as westeurope' })
      .optional()
      .describe('Region of the resource: its endpoint is asked.'),
    endpoint: url('In place of that of the region.').optional(),
    audience: url('Token audience; that of the cloud where absent.').optional(),
  })
  .refine(({ region, endpoint }) => (region === undefined) !== (endpoint === undefined), {
    error: 'expected one of region and endpoint',
  })
  .optional()
  .describe('Metrics of an Azure resource (role Monitoring Reader).');

export const azureLogs = z
  .strictObject({
    workspace: z
      .guid({ error: 'expected the id of a workspace, such as 00000000-0000-0000-0000-000000000000' })
      .describe('Id of a Log Analytics workspace.'),
    query: query.describe(`KQL whose rows have one column of a number each; ${PLACES}.`),
    window,
    endpoint: url('Base URL; that of the cloud where absent.').optional(),
    audience: url('Token audience; that of the cloud where absent.').optional(),
  })
  .optional()
  .describe('A query of logs (role Log Analytics Reader).');

export const job = z
  .strictObject({
    image: z
      .string()
      .regex(
        /^([a-z0-9.-]+(:\d+)?\/[a-z0-9]+([._/-]+[a-z0-9]+)*(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})|[a-z0-9-]{1,63})$/,
        {
          error:
            'expected an image with its tag or digest, such as shop.azurecr.io/smoke:1.2.0, the name of a container, or candidate',
        },
      )
      .describe(
        'Image with its tag or digest; or the name of a container of the app: its image in the release (`candidate`: of the first).',
      ),
    container: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'expected lower-case letters, digits and hyphens' })
      .default('check')
      .describe('Name of its container.'),
    command: z.array(z.string().max(4000)).min(1).max(100).optional().describe('In place of the image’s own.'),
    cpu: z.number().min(0.1).max(32).default(1).describe('Cores.'),
    memory: z.number().min(0.1).max(256).default(1).describe('GB.'),
    deadline: duration('From when it runs to its end.', '1s', '24h').prefault('10m'),
  })
  .optional()
  .describe('A container group that is run to completion; exit code 0 is a success.');
