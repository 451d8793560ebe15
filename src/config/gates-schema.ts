/** What may keep a rollout from starting, as the config file says it. Pure. What spans fields is checked in gates.ts. */
import { z } from 'zod';
import { duration, text } from './fields.ts';

const window = z.strictObject({
  name: text('What messages call it; its expression where absent.').max(60).optional(),
  cron: text('When it opens: a cron expression of five fields, or six with seconds first.').max(100),
  timeZone: text('Time zone of the expression, such as `Europe/Berlin`.').max(60).default('UTC'),
  duration: duration('How long it stays open, in real time.', '1m'),
});

export const windowsSchema = z.strictObject({
  allow: z
    .array(window)
    .max(50)
    .default([])
    .describe('Rollouts of new releases start in these only; at any time where empty.'),
  deny: z
    .array(window)
    .max(50)
    .default([])
    .describe('Freeze windows: nothing new starts in these, whatever is allowed.'),
});

export const modeSchema = z.enum(['act', 'notify']);

export const mostRollouts = (description: string) => z.number().int().min(1).max(1000).optional().describe(description);

export const groupsSchema = z.record(
  z.string().regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, {
    error: 'expected a name of lower-case letters, digits and hyphens, beginning with a letter',
  }),
  z.strictObject({
    maxConcurrentRollouts: mostRollouts('The most rollouts of its apps at a time; no limit where absent.'),
  }),
);

export type WindowsConfig = z.output<typeof windowsSchema>;
