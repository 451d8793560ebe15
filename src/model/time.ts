/**
 * Time as the pure code sees it: instants as numbers, durations as milliseconds, and the clock as something handed in.
 * Nothing here reads the time; edges pass a Clock, so that a simulation can run hours in a moment.
 */

/** A point in time: milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** Source of time for edges. `wait` resolves after `ms` or as soon as the signal aborts; it never rejects. */
export interface Clock {
  now(): Instant;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
