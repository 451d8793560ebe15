/**
 * A webhook that is told of events: a POST of one JSON object. Redirects are not followed, so that neither the notice nor its
 * secret reaches anybody whom the config does not name; of the answer nothing but its status is looked at.
 */
import { ask } from '../checks/ask.ts';
import type { NotifySettings } from '../config/settings.ts';
import type { SecretReference } from '../model/app.ts';
import type { Posted, Sink } from './notifier.ts';

const TIMEOUT_MS = 10_000;
/** Too late, too early, too many: of the moment. */
const OF_THE_MOMENT = new Set([408, 425, 429]);

export function webhookSink(
  { url, secret, events }: NotifySettings,
  readSecret: (reference: SecretReference) => Promise<string>,
): Sink {
  // Addresses of webhooks are often secrets themselves.
  const name = new URL(url).origin;
  return {
    name,
    events: new Set(events),
    async post(body, signal) {
      try {
        const authorization = secret === undefined ? {} : { authorization: `Bearer ${await readSecret(secret)}` };
        return judge(await send(new URL(url), { body, authorization, signal }));
      } catch {
        // Also what a header cannot carry: the message could have the secret in it.
        return { kind: 'again', reason: 'its secret cannot be read, or not be sent in a header' };
      }
    },
  };
}

function send(
  url: URL,
  { body, authorization, signal }: { body: string; authorization: { authorization?: string }; signal: AbortSignal },
) {
  return ask({
    url,
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    body,
    mostBytes: 0,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    timeoutMs: TIMEOUT_MS,
  });
}

function judge(answer: Awaited<ReturnType<typeof ask>>): Posted {
  if (answer.kind === 'none') return { kind: 'again', reason: answer.detail };
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status >= 300 && status < 400)
    return { kind: 'refused', reason: `redirected (${status}), which is not followed` };
  return { kind: status >= 500 || OF_THE_MOMENT.has(status) ? 'again' : 'refused', reason: `answered ${status}` };
}
