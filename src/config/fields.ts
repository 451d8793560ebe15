/** Kinds of fields that several parts of the config share. Pure. */
import { z } from 'zod';
import { DURATION, parseDuration } from '../model/duration.ts';

/** Written with its unit, read as milliseconds. */
export function duration(description: string, least = '0s') {
  const error = 'expected a duration with its unit, such as 200ms, 90s, 5m or 1h30m';
  const leastMs = parseDuration(least) ?? 0;
  return z
    .string({ error })
    .regex(DURATION, { error })
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= leastMs, { error: `expected at least ${least}` })
    .describe(description);
}

export const text = (description: string) => z.string().min(1).describe(description);
