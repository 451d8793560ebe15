/** Webhooks that are told of events, as written. Pure. */
import { z } from 'zod';
import { secret } from './fields.ts';

/** What matters to people who do not read the log; its other events are too many, or of this daemon alone. */
const EVENTS = [
  'app.adopted',
  'app.held',
  'app.kept',
  'app.retired',
  'app.stopped',
  'config.applied',
  'config.refused',
  'release.available',
  'rollout.started',
  'rollout.step_done',
  'rollout.turned_back',
  'rollout.turned_forward',
  'rollout.step_left_out',
  'rollout.degraded',
  'rollout.overdue',
  'rollout.finished',
  'effect.refused',
] as const;

const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])([:/]|$)/;

const target = z.strictObject({
  url: z
    .string()
    .max(2000)
    .refine((url) => URL.canParse(url) && (url.startsWith('https://') || LOOPBACK.test(url)), {
      error: 'expected a URL that begins with https:// (http:// for an address of this machine only)',
      abort: true,
    })
    .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), {
      error: 'expected no user name or password in the URL: a secret never stands in the config itself',
    })
    .describe('Where each event is posted to, as the JSON object of its log line. Redirects are not followed.'),
  secret: secret.optional(),
  events: z.array(z.enum(EVENTS)).min(1).max(EVENTS.length).describe('Names of events, see docs/events.md.'),
});

export const notifySchema = z.array(target).max(10).describe('Webhooks that are told of events.');
