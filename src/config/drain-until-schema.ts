/** `rollout.drainUntil`: what says that old groups have no traffic left, as written. Pure. */
import { z } from 'zod';
import { azureMetrics, http, prometheus } from './check-sources-schema.ts';
import { condition } from './checks-schema.ts';
import { duration } from './fields.ts';

const SOURCES = ['http', 'prometheus', 'azureMetrics'] as const;

export const drainUntilSchema = z
  .strictObject({
    http,
    prometheus,
    azureMetrics,
    successWhen: condition('Of a number: what makes the groups drained; `"== 0"` where absent.'),
    interval: duration('Pause between two measurements.', '10ms', '1h').prefault('5s'),
    times: z.number().int().min(1).max(20).default(3).describe('So many times in a row it has to say so.'),
    timeout: duration('How long one measurement may take.', '10ms', '1m').prefault('10s'),
    max: duration('The longest that is waited, from the end of the TTL; at least `drain`.', '1s', '24h'),
  })
  .superRefine((given, context) => {
    const [source, other] = SOURCES.filter((key) => given[key] !== undefined);
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (source === undefined || other !== undefined) issue([], `expected exactly one of ${SOURCES.join(', ')}`);
    if (source === 'http' && given.http?.json === undefined && given.successWhen !== undefined)
      issue(['successWhen'], 'expected none: http gives no number without json');
  })
  .describe(
    'After the TTL the old groups are kept until this says that no traffic is left, `drain` at least and `max` at most.',
  );

export type DrainUntilConfig = z.output<typeof drainUntilSchema>;
