/** Joins the log to the webhooks that are told of its events. */
import type { Settings } from '../config/settings.ts';
import { makeEvents } from '../controller/events.ts';
import type { EventLog, Events } from '../controller/events.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import { noticedLog } from '../notify/noticed-log.ts';
import { Notifier } from '../notify/notifier.ts';
import { webhookSink } from '../notify/webhook-sink.ts';

/** `close`: what no webhook has taken by then is given up. */
export function notifying(
  { notify = [] }: Pick<Settings, 'notify'>,
  log: EventLog,
  { clock, readSecret }: { clock: Clock; readSecret: (reference: SecretReference) => Promise<string> },
): { readonly events: Events; readonly close: () => void } {
  const own = makeEvents(log);
  const notifier = new Notifier({
    sinks: notify.map((target) => webhookSink(target, readSecret)),
    clock,
    onFailed: (...failed) => own.notifyFailed(...failed),
  });
  const told = noticedLog(log, { clock, offer: (notice) => notifier.offer(notice) });
  return { events: makeEvents(told), close: () => notifier.close() };
}
