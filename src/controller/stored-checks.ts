/** Checks and tallies as they are stored with a rollout, parsed when they are read. */
import { z } from 'zod';
import { AGGREGATIONS, CHECKED_REASONS, MEASUREMENT_KINDS } from '../model/check.ts';
import type { AskedCheck, Check, Checks } from '../model/check.ts';
import { OPERATORS } from '../model/condition.ts';
import type { Tally } from '../rollout/check-tally.ts';

const absent = <T extends z.ZodType>(type: T) => type.optional().transform((value): z.output<T> | undefined => value);

const vault = z.object({ vault: z.string(), secret: z.string(), version: absent(z.string()) });
const secret = z.union([z.object({ env: z.string() }), z.object({ file: z.string() }), z.object({ keyVault: vault })]);
const headers = z.record(z.string(), z.string());
const refusal = z.enum(MEASUREMENT_KINDS).exclude(['success']);

const asked = [
  z.object({
    kind: z.literal('http'),
    url: z.string(),
    statuses: z.array(z.object({ from: z.number(), to: z.number() })),
    host: absent(z.string()),
    bodyIncludes: absent(z.string()),
    json: absent(z.string()),
  }),
  z.object({ kind: z.literal('tcp'), port: z.number() }),
  z.object({
    kind: z.literal('webhook'),
    url: z.string(),
    secret: absent(secret),
    headers,
    on4xx: refusal,
    on5xx: refusal,
    laterMs: absent(z.number()),
    waitMs: absent(z.number()),
  }),
  z.object({
    kind: z.literal('prometheus'),
    url: z.string(),
    query: z.string(),
    secret: absent(secret),
    audience: absent(z.string()),
    headers,
  }),
  z.object({
    kind: z.literal('azureMetrics'),
    resourceId: z.string(),
    namespace: z.string(),
    metrics: z.array(z.string()),
    aggregation: z.enum(AGGREGATIONS),
    windowMs: z.number(),
    endpoint: z.string(),
    audience: z.string(),
  }),
  z.object({
    kind: z.literal('azureLogs'),
    workspaceId: z.string(),
    query: z.string(),
    windowMs: z.number(),
    endpoint: z.string(),
    audience: z.string(),
  }),
] as const;
const job = z.object({
  kind: z.literal('job'),
  image: z.string(),
  container: z.string(),
  command: absent(z.array(z.string())),
  cpu: z.number(),
  memoryGb: z.number(),
  deadlineMs: z.number(),
});
const source = z.discriminatedUnion('kind', [...asked, job]);

const condition = z.object({ op: z.enum(OPERATORS), value: z.number() });

const storedCheck = z.object({
  name: z.string(),
  source,
  successWhen: absent(condition),
  failureWhen: absent(condition),
  intervalMs: z.number(),
  count: z.number(),
  timeoutMs: z.number(),
  failureLimit: z.number(),
  errorLimit: z.number(),
  inconclusiveLimit: z.number(),
  isDryRun: z.boolean(),
  on: absent(z.array(z.enum(CHECKED_REASONS))),
}) satisfies z.ZodType<Check>;

/** Of `drainUntil`. */
export const storedAskedCheck = storedCheck.extend({
  source: z.discriminatedUnion('kind', asked),
}) satisfies z.ZodType<AskedCheck>;

export const storedChecks = z.object({
  before: z.array(storedCheck),
  after: z.array(storedCheck),
}) satisfies z.ZodType<Checks>;

const kind = z.enum(MEASUREMENT_KINDS);

export const storedTally = z.object({
  counts: z.object({ success: z.number(), failure: z.number(), error: z.number(), inconclusive: z.number() }),
  errorsInRow: z.number(),
  lastAt: z.number(),
  lastDetail: z.string(),
  againAt: absent(z.number()),
  recent: z.array(z.object({ at: z.number(), kind, detail: z.string(), value: absent(z.number()) })),
}) satisfies z.ZodType<Tally>;
