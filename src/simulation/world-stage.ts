/** What an event of the world has at hand. */
import { MINUTE } from '../model/time.ts';
import type { Event } from './options.ts';
import type { Troubles } from './trouble.ts';
import type { Truth } from './truth.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { VirtualTime } from './virtual-time.ts';

export const LONGEST_TTL_SECONDS = 240;
/** A TTL that was in force for so long has been seen. */
export const SEEN_BY_THEN_MS = 4 * MINUTE;
/** A rollout that is under way when a TTL is forgotten has ended by then. */
export const FORGOTTEN_TTL_MS = 30 * MINUTE;

export interface WorldGiven {
  readonly azure: VirtualAzure;
  readonly time: VirtualTime;
  readonly truth: Truth;
  readonly troubles: Troubles;
  /** Kills the daemon; it starts again some time later. */
  readonly killDaemon: () => void;
  readonly loseState: () => void;
  readonly fillDisk: (isFull: boolean) => void;
  /** Nobody looks at it. */
  readonly isPaused: (app: string) => boolean;
}

/** What an event has at hand. */
export interface Stage extends WorldGiven {
  /** Heals after a while, or at the end of the fault phase, whichever comes first. */
  readonly later: (heal: () => void) => void;
  /** Heals at the end of the fault phase. */
  readonly atTheEnd: (heal: () => void) => void;
  /** When the TTL of each app's profile, or of one above it, was last changed. */
  readonly ttlChangedAt: Map<string, number>;
}

export type Happening = (event: Event, stage: Stage) => void;
