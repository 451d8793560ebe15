/**
 * The TTL that clients may still hold an answer by. A profile's TTL that was lowered counts on for as long as it lasted:
 * whoever asked just before the change keeps the old answer until then. Pure.
 */
import type { Instant } from '../model/time.ts';

export interface TtlMemory {
  /** As last seen. */
  readonly seconds: number;
  /** The larger one before it, while it may still be held. */
  readonly before: { readonly seconds: number; readonly until: Instant } | undefined;
}

/**
 * The memory after a look; the very same one where nothing is new. `lagMs`: for so long after a change the name servers may
 * still hand out the TTL of before.
 */
export function rememberTtl(
  memory: TtlMemory | undefined,
  seconds: number,
  now: Instant,
  { lagMs }: { readonly lagMs: number } = { lagMs: 0 },
): TtlMemory {
  if (memory === undefined) return { seconds, before: undefined };
  if (seconds === memory.seconds) return memory;
  const held = heldTtl(memory, now);
  return { seconds, before: held > seconds ? { seconds: held, until: now + lagMs + held * 1000 } : undefined };
}

/** The largest TTL in seconds that an answer may be held by now. */
export function heldTtl(memory: TtlMemory | undefined, now: Instant): number {
  if (memory === undefined) return 0;
  const { seconds, before } = memory;
  return before !== undefined && now < before.until ? Math.max(seconds, before.seconds) : seconds;
}

/** Another life may have another clock: the larger one may be held for all of its time from now. */
export function resumeTtl(
  memory: TtlMemory | undefined,
  now: Instant,
  { lagMs }: { readonly lagMs: number } = { lagMs: 0 },
): TtlMemory | undefined {
  if (memory?.before === undefined) return memory;
  const { seconds } = memory.before;
  return { ...memory, before: { seconds, until: now + lagMs + seconds * 1000 } };
}
