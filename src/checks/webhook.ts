/**
 * Tells somebody what is under way and takes the answer for a verdict. The checksum is the same for every try of the same
 * check of the same rollout, so that who is asked can tell a repetition. Redirects are not followed: a POST, and its
 * secret, belong to nobody else.
 */
import { createHash } from 'node:crypto';
import type { MeasurementKind, WebhookSource } from '../model/check.ts';
import { ask } from './ask.ts';
import type { Answer, Question } from './ask.ts';
import { withSecret } from './authorization.ts';
import type { Asking } from './context.ts';
import { errorReading } from './reading.ts';
import type { Reading } from './reading.ts';

const MOST_BYTES = 64 * 1024;
/** Too late, too early, too many: of the moment, not of the release. */
const OF_THE_MOMENT = new Set([408, 425, 429]);
/** With Retry-After: there is no answer yet. */
const LATER = new Set([409, 425, 429, 503]);

export async function checkWebhook(check: { name: string; source: WebhookSource }, asking: Asking): Promise<Reading> {
  const { source } = check;
  const { clock, signal, timeoutMs } = asking;
  const { app, rollout, release, phase } = asking;
  const content = { app, rollout, release, phase, check: check.name };
  const checksum = createHash('sha256')
    .update(JSON.stringify(Object.values(content)))
    .digest('hex');
  const body = JSON.stringify({ ...content, checksum });
  const length = Buffer.byteLength(body);
  const startedAt = clock.now();
  const question: Question = {
    url: new URL(source.url),
    method: 'POST',
    headers: {
      ...source.headers,
      'content-type': 'application/json',
      'content-length': length,
      ...(await withSecret(source.secret, asking)),
    },
    body,
    mostBytes: MOST_BYTES,
    signal,
    timeoutMs,
  };
  const answer = await ask(question, asking.send);
  const reading = toReading(answer, source, clock.now() - startedAt);
  if (source.waitMs === undefined || reading.kind === 'success') return reading;
  // A confirmation that is not there yet counts for nothing.
  return { kind: 'inconclusive', detail: reading.detail, retryAfterMs: reading.retryAfterMs ?? 0 };
}

function toReading(answer: Answer, source: WebhookSource, tookMs: number): Reading {
  if (answer.kind === 'none') return errorReading(`POST ${source.url}: ${answer.detail}`);
  const { status, text, location, retryAfterMs } = answer;
  if (retryAfterMs !== undefined && LATER.has(status)) {
    const detail = `POST ${source.url}: ${status}, to be asked again in ${retryAfterMs / 1000} s${got(text)}`;
    return { kind: 'inconclusive', detail, retryAfterMs };
  }
  const kind = kindOf(status, source);
  if (kind === 'success') return { kind, detail: `POST ${source.url}: ${status} in ${tookMs} ms` };
  if (status >= 300 && status < 400)
    return errorReading(
      `POST ${source.url}: redirected (${status}) to ${location ?? 'nowhere'}, which is not followed; give that URL`,
    );
  return { kind, detail: `POST ${source.url}: ${status}, expected 2xx${got(text)}` };
}

function got(text: string): string {
  return text === '' ? '' : `, got: ${text}`;
}

function kindOf(status: number, { on4xx, on5xx }: WebhookSource): MeasurementKind {
  if (status >= 200 && status < 300) return 'success';
  if (status < 400 || status >= 600 || OF_THE_MOMENT.has(status)) return 'error';
  return status < 500 ? on4xx : on5xx;
}
