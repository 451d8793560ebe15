/** A log whose lines are offered to webhooks too, by their event. Errors stay in the log: they may hold anything. */
import type { EventLog } from '../controller/event-log.ts';
import type { Clock } from '../model/time.ts';
import { maskSecrets } from '../runtime/secret-keys.ts';
import type { Notice } from './notifier.ts';

const HIDDEN: ReadonlySet<string> = new Set(['err', 'event']);
const LONGEST_BODY = 64 * 1024;
const LONGEST_MESSAGE = 1000;

export function noticedLog(
  log: EventLog,
  given: { clock: Pick<Clock, 'now'>; offer: (notice: Notice) => void },
): EventLog {
  const life = given.clock.now().toString(36);
  let count = 0;
  const told =
    (level: keyof EventLog): EventLog['info'] =>
    (fields, message) => {
      log[level](fields, message);
      const { event } = fields;
      if (typeof event !== 'string') return;
      const shown = Object.fromEntries(Object.entries(fields).filter(([key]) => !HIDDEN.has(key)));
      const time = new Date(given.clock.now()).toISOString();
      // The same at each try, so that who is told can tell a repetition.
      const head = { id: `${life}-${(count += 1)}`, event, time, level };
      const whole = maskSecrets(JSON.stringify({ ...head, msg: message, ...shown }));
      const isShort = whole.length <= LONGEST_BODY;
      const body = isShort ? whole : maskSecrets(JSON.stringify({ ...head, msg: message.slice(0, LONGEST_MESSAGE) }));
      given.offer({ event, body });
    };
  return { debug: told('debug'), info: told('info'), warn: told('warn'), error: told('error') };
}
