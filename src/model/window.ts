/** Windows of time in which rollouts may start, or may not: what the config gives and what is made of it. */
import type { Instant } from './time.ts';

/** Opens whenever the cron expression fires, and closes so many milliseconds of real time later. */
export interface Window {
  readonly name: string | undefined;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly durationMs: number;
}

/** Open in any window of `allow` (at any time where there are none), unless a window of `deny` is open: that wins. */
export interface Windows {
  readonly allow: readonly Window[];
  readonly deny: readonly Window[];
}

/** Somebody lets rollouts start while windows are closed, until then. */
export interface Bypass {
  readonly by: string;
  readonly until: Instant;
}

export type WindowVerdict =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'closed';
      /** Names the window that keeps it closed. */
      readonly reason: string;
      /** Undefined: it does not open before `searchedUntil`. */
      readonly opensAt: Instant | undefined;
      readonly searchedUntil: Instant;
    };
