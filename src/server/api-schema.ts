/**
 * What the API takes and gives: the one source of its types, of the check of bodies and of the OpenAPI document. Fields may
 * be added; what is absent is not so. Pure.
 */
import { z } from 'zod';
import { COMMAND_KINDS } from '../model/command.ts';
import { EVIDENCE_KINDS } from '../rollout/evidence.ts';
import { OUTCOMES, REASONS, STEP_KINDS } from '../rollout/state.ts';

const time = z.string().meta({ format: 'date-time' });
const sentence = z.string().describe('For people.');
const by = z.string().describe('Name of the token.');

export const release = z
  .object({ id: z.string(), name: z.string().describe('Its tags.') })
  .meta({ id: 'Release', description: 'One digest for each container, and the hash of the template.' });

export const says = z
  .object({
    kind: z.enum(['idle', 'held', 'waiting', 'moving', 'failed', 'stopped']),
    text: sentence,
    hold: z.string().optional().describe('What kind of hold.'),
    until: time.optional().describe('When it ends by itself.'),
    at: time,
  })
  .meta({
    id: 'Says',
    description: 'The last that the log said of it. Absent: nothing since the daemon began to drive it.',
  });

const hold = z.object({ reason: z.string(), by, at: time }).describe('No new rollout starts.');
const pause = z.object({ reason: z.string().optional(), by, at: time }).describe('Nothing is looked at or changed.');
const step = z.object({
  kind: z.enum(STEP_KINDS),
  side: z.enum(['live', 'candidate']).describe('The stack that it works on.'),
  part: z.string().optional().describe('Which of several steps of its kind, e.g. `preview`, `batch 2`.'),
  groups: z.int().optional().describe('Container groups that it works on.'),
  number: z.int().min(1),
  of: z.int().min(1).describe('How many steps there are.'),
});

export const rollout = z
  .object({
    id: z.string(),
    reason: z.enum(REASONS),
    from: release.optional(),
    to: release.optional(),
    direction: z.enum(['forward', 'back']),
    step: step.optional().describe('Absent: at its end.'),
    startedAt: time,
    stepSince: time,
    deadline: time
      .optional()
      .describe('When the step is overdue. Absent in a pause, and while people are waited for: it stands still.'),
    turnedBack: z.object({ outcome: z.enum(OUTCOMES), reason: sentence, at: time }).optional(),
    votes: z.array(z.object({ by, at: time, full: z.boolean() })),
  })
  .meta({ id: 'Rollout' });

export const appSummary = z
  .object({
    app: z.string(),
    isDriven: z.boolean().describe('By the daemon that answers; others know more of their own.'),
    live: release.optional(),
    rollout: rollout.optional(),
    hold: hold.optional(),
    pause: pause.optional(),
    says: says.optional(),
  })
  .meta({ id: 'AppSummary' });

export const appList = z.object({ at: time, apps: z.array(appSummary) }).meta({ id: 'AppList' });

export const appStatus = z
  .object({
    ...appSummary.shape,
    at: time,
    groups: z.array(z.string()).describe('Container groups of the live stack.'),
    images: z.array(z.object({ container: z.string(), image: z.string().describe('By digest.'), tag: z.string() })),
    desired: z
      .object({
        release: release.optional().describe('Absent: that is not known, or nothing may run.'),
        reason: sentence,
      })
      .describe('What should run, by the policies.'),
    refused: z
      .object({ release, after: z.enum(['abort', 'rollback']), by, at: time })
      .optional()
      .describe('Not started by itself, until it is retried or a newer one is there.'),
    rollback: z.object({ to: release, by, at: time }).optional().describe('Asked for, and not begun.'),
    retry: z.object({ release: z.string(), attempts: z.int(), notBefore: time }).optional(),
    retained: z
      .array(z.object({ release, as: z.enum(['warm', 'stopped', 'failed']), until: time.optional() }))
      .optional()
      .describe(
        'Stacks that are kept out of rotation, running but for those that are stopped, until then, or until newer ones push them out; oldest first.',
      ),
    failed: z.array(z.object({ release, reason: sentence, at: time })).describe('Not tried again by themselves.'),
  })
  .meta({ id: 'AppStatus' });

const figures = z
  .object({
    totalMs: z.number(),
    heldMs: z.number().describe('In gates and pauses.'),
    progressionMs: z.number().describe('The rest.'),
    armReads: z.int(),
    armWrites: z.int(),
    overlapContainerSeconds: z.number(),
    overlapCost: z.number().optional(),
    currency: z.string().optional(),
  })
  .describe('What it took and cost.');
const evidenceMark = {
  at: time.describe('When it was looked for.'),
  bytes: z.int(),
  isCut: z.boolean().describe('Something was left out for want of room or time.'),
};

export const appHistory = z
  .object({
    app: z.string(),
    rollouts: z
      .array(
        z.object({
          rollout: z.string(),
          reason: z.enum(REASONS),
          from: z.string().optional(),
          to: z.string().optional(),
          release: z.string().optional().describe('Id of the release that it led to.'),
          outcome: z.enum(OUTCOMES),
          detail: sentence.optional(),
          startedAt: time,
          endedAt: time,
          figures: figures.optional(),
          evidence: z
            .object(evidenceMark)
            .optional()
            .describe('There is some, to be asked for by the id of the rollout.'),
        }),
      )
      .describe('Oldest first.'),
    commands: z
      .array(z.object({ command: z.enum(COMMAND_KINDS), by, from: z.string(), at: time, outcome: sentence }))
      .describe('Those that changed something, oldest first.'),
  })
  .meta({ id: 'AppHistory' });

export const rolloutEvidence = z
  .object({
    app: z.string(),
    rollout: z.string(),
    to: z.string().optional().describe('Name of the release that failed.'),
    outcome: z.enum(OUTCOMES).optional().describe('Absent while it is under way.'),
    ...evidenceMark,
    items: z.array(
      z.object({
        kind: z.enum(EVIDENCE_KINDS),
        of: z.string().describe('A group, with its container where it is a log; or a check.'),
        text: z.string().describe('Lines, oldest first, without secrets.'),
      }),
    ),
  })
  .meta({ id: 'RolloutEvidence', description: 'What was seen of a candidate that failed, 32 KiB at most.' });

export const appExplanation = z
  .object({
    app: z.string(),
    says: says.optional(),
    evidence: z
      .object({ rollout: z.string(), to: z.string().optional(), at: time })
      .optional()
      .describe('Of the last rollout, where it failed and something was kept.'),
    heldBack: z.array(sentence).describe('What is held against the app, or against releases of it.'),
    images: z.array(
      z.object({
        container: z.string(),
        repository: z.string(),
        running: z.string().optional(),
        chosen: z.string().optional().describe('Absent: nothing can be told.'),
        reason: sentence,
        skipped: z.array(z.object({ tag: z.string(), reason: sentence })).describe('The first ones.'),
        skippedCount: z.int(),
      }),
    ),
  })
  .meta({ id: 'AppExplanation' });

const words = (description: string) =>
  z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^\P{Cc}*$/u, { error: 'expected one line of text without control characters' })
    .describe(description);
const onlyRollout = z.string().min(1).max(100).optional().describe('Only if this rollout is under way.');
const oneRelease = (description: string) => z.string().min(1).max(300).optional().describe(description);

export const commandBody = z
  .discriminatedUnion('command', [
    z.strictObject({
      command: z.literal('promote'),
      full: z.boolean().default(false).describe('Past all further waits, not only the present one.'),
      rollout: onlyRollout,
    }),
    z.strictObject({ command: z.literal('pause'), reason: words('Why.').optional() }),
    z.strictObject({ command: z.literal('resume') }),
    z.strictObject({ command: z.literal('abort'), reason: words('Why.').optional(), rollout: onlyRollout }),
    z.strictObject({
      command: z.literal('retry'),
      release: oneRelease('Its name or its id; what should run where absent.'),
    }),
    z.strictObject({
      command: z.literal('rollback'),
      release: oneRelease('Its name, its id, or its rollout’s; the one before where absent.'),
      rollout: onlyRollout,
    }),
    z.strictObject({ command: z.literal('hold'), reason: words('The message that is shown.') }),
    z.strictObject({ command: z.literal('release') }),
    z.strictObject({
      command: z.literal('bypass'),
      forSeconds: z
        .int()
        .min(0)
        .max(7 * 86_400)
        .describe('For so long, a week at most, its windows do not count; 0 ends that.'),
    }),
  ])
  .meta({ id: 'Command' });

export const commandAnswer = z
  .object({ app: z.string(), result: z.enum(['applied', 'unchanged']), message: sentence })
  .meta({ id: 'CommandAnswer' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: sentence,
    app: z.string().optional(),
    because: z
      .enum(['situation', 'elsewhere', 'busy', 'unclear', 'stopped'])
      .optional()
      .describe('Why a command was refused.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

export type AppSummary = z.output<typeof appSummary>;
export type AppList = z.output<typeof appList>;
export type AppStatus = z.output<typeof appStatus>;
export type AppHistory = z.output<typeof appHistory>;
export type RolloutEvidence = z.output<typeof rolloutEvidence>;
export type AppExplanation = z.output<typeof appExplanation>;
export type CommandAnswer = z.output<typeof commandAnswer>;
export type Problem = z.output<typeof problem>;
