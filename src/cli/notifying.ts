/** Joins the log to the webhooks that are told of its events. */
import type { Settings } from '../config/settings.ts';
import { makeEvents } from '../controller/events.ts';
import type { EventLog } from '../controller/event-log.ts';
import type { Events } from '../controller/events.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import { noticedLog } from '../notify/noticed-log.ts';
import { Notifier } from '../notify/notifier.ts';
import { webhookSink } from '../notify/webhook-sink.ts';

export interface Notifying {
  readonly events: Events;
  /** Other webhooks are told from now on; what waits for those before is still sent. */
  readonly follow: (settings: Pick<Settings, 'notify'>) => void;
  /** What no webhook has taken by then is given up. */
  readonly close: () => void;
}

export function notifying(
  settings: Pick<Settings, 'notify'>,
  log: EventLog,
  { clock, readSecret }: { clock: Clock; readSecret: (reference: SecretReference) => Promise<string> },
): Notifying {
  const own = makeEvents(log);
  const make = ({ notify = [] }: Pick<Settings, 'notify'>) =>
    new Notifier({
      sinks: notify.map((target) => webhookSink(target, readSecret)),
      clock,
      onFailed: (...failed) => own.notifyFailed(...failed),
    });
  let notifier = make(settings);
  const all = [notifier];
  const told = noticedLog(log, { clock, offer: (notice) => notifier.offer(notice) });
  return {
    events: makeEvents(told),
    follow(next) {
      notifier = make(next);
      all.push(notifier);
    },
    close: () => {
      for (const one of all) one.close();
    },
  };
}
