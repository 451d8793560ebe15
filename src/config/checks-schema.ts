/** The checks of a rollout as written: what is measured before and after the switch, and what is made of it. Pure. */
import { z } from 'zod';
import { CHECKED_REASONS } from '../model/check.ts';
import { parseCondition } from '../model/condition.ts';
import { azureLogs, azureMetrics, http, job, prometheus, tcp, webhook } from './check-sources-schema.ts';
import { duration } from './fields.ts';

const METRICS = ['prometheus', 'azureMetrics', 'azureLogs'] as const;
const SOURCES = ['http', 'tcp', 'webhook', ...METRICS, 'job'] as const;
const CONDITIONS = ['successWhen', 'failureWhen'] as const;

export const condition = (description: string) =>
  z
    .string({ error: 'expected a condition in quotes, such as "< 0.01"' })
    .max(100)
    .refine((given) => parseCondition(given) !== undefined, {
      error: 'expected <, <=, >, >=, == or != and a number, such as "< 0.01"',
    })
    .optional()
    .describe(description);

const check = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, {
        error: 'expected at most 40 lower-case letters, digits and hyphens',
      })
      .describe('Unique among the checks of the app.'),
    http,
    tcp,
    webhook,
    prometheus,
    azureMetrics,
    azureLogs,
    job,
    successWhen: condition('Of a metric: what makes a number a success, such as `"< 0.01"`.'),
    failureWhen: condition(
      'Of a metric: what makes a number a failure. With both, a number that fulfils neither is inconclusive.',
    ),
    interval: duration('Pause between two measurements.', '10ms', '24h').prefault('10s'),
    count: z.number().int().min(1).max(1000).default(1).describe('Measurements wanted, errors not counted.'),
    timeout: duration('How long one measurement may take (a job has its deadline).', '10ms', '1m').prefault('10s'),
    failureLimit: z.number().int().min(0).max(999).default(0).describe('More failures fail the check.'),
    errorLimit: z.number().int().min(0).max(999).default(4).describe('More errors in a row end it as an error.'),
    inconclusiveLimit: z
      .number()
      .int()
      .min(0)
      .max(999)
      .default(0)
      .describe('More inconclusive measurements hold for a person.'),
    on: z
      .array(z.enum(CHECKED_REASONS))
      .min(1)
      .max(CHECKED_REASONS.length)
      .optional()
      .describe('Rollouts that it applies to; `[firstDeployment, newRelease]` where absent. Repairs ask nobody.'),
    dryRun: z.boolean().default(false).describe('Measured and told, and never decides.'),
  })
  .superRefine((given, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const [source, other] = SOURCES.filter((key) => given[key] !== undefined);
    if (source === undefined || other !== undefined) issue([], `expected exactly one of ${SOURCES.join(', ')}`);
    for (const limit of ['failureLimit', 'inconclusiveLimit'] as const) {
      if (given[limit] >= given.count)
        issue([limit], `expected less than count (${given.count}), or it limits nothing`);
    }
    if (given.dryRun && given.webhook?.waitFor !== undefined)
      issue(['webhook', 'waitFor'], 'expected none with dryRun: a dry run holds nothing');
    const isMetric = METRICS.some((key) => key === source) || given.http?.json !== undefined;
    const conditions = CONDITIONS.filter((key) => given[key] !== undefined);
    if (source !== undefined && isMetric && conditions.length === 0)
      issue([source], 'expected successWhen or failureWhen beside it, such as successWhen: "< 0.01"');
    if (source !== undefined && !isMetric)
      for (const key of conditions) issue([key], `expected none: ${source} gives no number`);
  });

const list = z.array(check).max(20).default([]);

export const checksSchema = z
  .strictObject({
    before: list.describe('With the candidate verified, before any traffic is sent to it.'),
    after: list.describe('With the traffic moved, and the old groups still there to go back to.'),
  })
  .superRefine(({ before, after }, context) => {
    const names = new Set<string>();
    for (const [phase, checks] of Object.entries({ before, after })) {
      for (const [index, { name }] of checks.entries()) {
        if (names.has(name))
          context.addIssue({
            code: 'custom',
            path: [phase, index, 'name'],
            message: 'expected a name that no other check has',
          });
        names.add(name);
      }
    }
  })
  .describe('What is measured before and after the switch, beside the probe.');

export type ChecksConfig = z.output<typeof checksSchema>;
export type CheckConfig = ChecksConfig['before'][number];
