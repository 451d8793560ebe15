/** The `rollout` block of an app, declared once: strategy, gates, bake, what is kept, and deadlines. Pure. */
import { z } from 'zod';
import { checksSchema } from './checks-schema.ts';
import { drainUntilSchema } from './drain-until-schema.ts';
import { duration } from './fields.ts';

const promotion = z
  .strictObject({
    approvals: z.number().int().min(1).max(20).default(1).describe('So many different people have to promote it.'),
    timeout: duration('How long people are waited for.', '1s').prefault('24h'),
    onTimeout: z
      .enum(['rollBack', 'promote'])
      .default('rollBack')
      .describe('What becomes of a rollout that nobody has promoted in time.'),
    after: duration('It opens by itself after that, though nobody has promoted it.', '1s').optional(),
  })
  .describe('Where people are waited for.');

const bake = (description: string) => duration(description).prefault('0s');
const share = z
  .number()
  .gt(0, { error: 'expected a share above 0 and below 100 percent' })
  .lt(100, { error: 'expected a share above 0 and below 100 percent' })
  .describe('Percent of new answers that lead to the candidate.');

const canary = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        share,
        bake: bake('How long it is watched at this share.'),
        promotion: promotion.optional(),
      }),
    )
    .min(1)
    .max(20)
    .describe('Shares, growing.'),
});

const rolling = z
  .strictObject({
    maxSurge: z.number().int().min(0).max(400).default(1).describe('Groups beyond the wanted number.'),
    maxUnavailable: z.number().int().min(0).max(400).default(0).describe('Groups that may be missing meanwhile.'),
  })
  .refine(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0, {
    error: 'expected maxSurge or maxUnavailable to be at least 1: with both 0 nothing could be replaced',
  });

const waves = z
  .array(
    z.strictObject({
      locations: z.array(z.string()).min(1).max(20).describe('Locations of the app.'),
      bake: bake('How long a wave is watched before the next one.'),
      promotion: promotion.optional(),
    }),
  )
  .min(1)
  .max(20);

const recreate = z.strictObject({
  order: z
    .enum(['newFirst', 'oldFirst'])
    .default('newFirst')
    .describe('`oldFirst`: never both at a time, as a single writer needs.'),
});

const strategy = z
  .union(
    [
      z.enum(['blueGreen', 'rolling', 'recreate']),
      z.strictObject({ rolling }),
      z.strictObject({ canary }),
      z.strictObject({ waves }),
      z.strictObject({ recreate }),
    ],
    {
      error:
        'expected blueGreen, rolling, recreate, {rolling: {maxSurge, maxUnavailable}}, {canary: {steps: [{share, bake}]}}, {waves: [{locations, bake}]} or {recreate: {order}}',
    },
  )
  .default('blueGreen')
  .describe(
    'How one stack takes the other’s place: `blueGreen`, `{rolling: {maxSurge, maxUnavailable}}`, `{canary: {steps: [{share, bake, promotion}]}}`, `{waves: [{locations, bake, promotion}]}` or `{recreate: {order}}`.',
  );

const deadlines = z
  .strictObject({
    provision: duration('All groups run.', '1s').prefault('30m'),
    verify: duration('All groups are verified.', '1s').prefault('10m'),
    register: duration('All endpoints are written.', '1s').prefault('5m'),
    online: duration('All endpoints are Online.', '1s').prefault('15m'),
    deregister: duration('All old endpoints are out of rotation.', '1s').prefault('5m'),
    retire: duration(
      'All old groups are deleted, or stopped; after it an alert is logged, and it goes on.',
      '1s',
    ).prefault('15m'),
    total: duration(
      'The whole rollout up to the first deletion of an old group, without the time in gates and pauses; no limit where absent.',
      '1s',
    ).optional(),
  })
  .prefault({})
  .describe('How long each step may take, counted from its last progress, before the rollout turns back.');

const retain = z
  .strictObject({
    for: duration(
      'How long a replaced stack is kept, out of rotation; where absent, until newer ones push it out.',
      '1s',
    ).optional(),
    count: z
      .number()
      .int()
      .min(1)
      .max(5)
      .optional()
      .describe('Replaced stacks that are kept at most; 1 where only `for` says how long.'),
    as: z
      .enum(['warm', 'stopped', 'gone'])
      .default('warm')
      .describe(
        '`warm`: it stays running; `stopped`: its groups are stopped once they have drained, and started again on the way back; `gone`: it is deleted, and made anew on the way back.',
      ),
  })
  .refine((given) => given.for !== undefined || given.count !== undefined, {
    error: 'expected for, count or both: how long replaced stacks are kept, and how many',
  })
  .describe('Keeps what was replaced for a way back that makes nothing; absent: it is deleted.');

const tagName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^<>%&\\?/\p{Cc}]*$/u, {
    error: String.raw`expected the name of an Azure tag, at most 512 characters without < > % & \ ? / and control characters`,
  });
const roleTags = (description: string) =>
  z.record(tagName, z.string().max(256)).default({}).describe(`${description} Names and values, at most 50 in all.`);

const tags = z
  .strictObject({
    candidate: roleTags('Of new groups, until they take over.'),
    live: roleTags('From then on, until they have left rotation.'),
  })
  .describe('Tags of groups by what they are, beside those of the template; they are no secrets, and no new release.');

export const rolloutSchema = z
  .strictObject({
    strategy,
    promotion: promotion.optional().describe('People are waited for before the candidate gets traffic.'),
    preview: z
      .strictObject({
        replicas: z.number().int().min(1).max(100).describe('Groups per location that come first.'),
      })
      .optional()
      .describe('A few new groups are made, checked and shown to people; the rest is made only then.'),
    bake: bake('How long the candidate is watched after the switch, with the old stack still there.'),
    retain: retain.optional(),
    tags: tags.optional(),
    keepFailed: duration(
      'How long a failed candidate is kept, out of rotation, for somebody to look at it.',
      '0s',
      '168h',
    ).prefault('0s'),
    propagationMargin: duration(
      'Added to the TTL: until Traffic Manager’s own name servers know of a change.',
    ).prefault('1m'),
    drain: duration('After that: for connections that are still open.').prefault('30s'),
    drainUntil: drainUntilSchema.optional(),
    observeInterval: duration(
      'How often what is in motion is looked at, at most; less often where nothing can have changed.',
      '100ms',
    ).prefault('5s'),
    onlineLooks: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(2)
      .describe('In so many looks in a row Traffic Manager must find every new endpoint Online.'),
    afterRollback: z
      .enum(['hold', 'untilNewer'])
      .default('untilNewer')
      .describe(
        'After an operator’s rollback: `hold` starts nothing until it is released, `untilNewer` only what is newer than the release that was left.',
      ),
    deadlines,
    onDeadline: z
      .enum(['rollBack', 'wait'])
      .default('rollBack')
      .describe('When a deadline passes while there is a way back; `wait`: it is reported, and may still succeed.'),
    checks: checksSchema.optional(),
  })
  .prefault({})
  .describe('How a rollout goes.');

export type RolloutConfig = z.output<typeof rolloutSchema>;
export type PromotionConfig = z.output<typeof promotion>;
