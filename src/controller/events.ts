/**
 * Every event of the log, one function each, with a stable `event` name and fixed fields: docs/events.md lists them.
 * Changes are logged, polls are not; a person who only reads the log knows what runs, what is waited for and why not.
 */
import { appEvents, commandEvents } from './app-events.ts';
import { daemonEvents } from './daemon-events.ts';
import { effectEvents } from './effect-events.ts';
import type { EventLog } from './event-log.ts';
import { evidenceEvents, rolloutEvents } from './rollout-events.ts';

export type Events = ReturnType<typeof makeEvents>;

export function makeEvents(log: EventLog) {
  return {
    ...daemonEvents(log),
    ...appEvents(log),
    ...commandEvents(log),
    ...rolloutEvents(log),
    ...evidenceEvents(log),
    ...effectEvents(log),
  };
}
