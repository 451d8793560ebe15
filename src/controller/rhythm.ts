/** Does things again and again, each at its own pace, and says what fails once, until it is something else. */
import { SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';

const RETRY_MS = 2 * SECOND;

interface Beat {
  readonly signal: AbortSignal;
  /** Tells what is done from the rest. */
  readonly what: string;
  readonly act: () => Promise<void>;
}

export class Rhythm {
  readonly #clock: Clock;
  readonly #onFailure: (reason: string) => void;
  readonly #failing = new Map<string, string>();

  constructor(clock: Clock, onFailure: (reason: string) => void) {
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** Every `ms` from start to start, 2 s after a failure, until the signal aborts. */
  async every(ms: number, { signal, what, act }: Beat): Promise<void> {
    while (!signal.aborted) {
      const startedAt = this.#clock.now();
      const isDone = await this.#attempt(what, act);
      // The clock may have stepped.
      const leftMs = Math.min(ms, Math.max(0, startedAt + ms - this.#clock.now()));
      await this.#clock.wait(isDone ? leftMs : RETRY_MS, signal);
    }
  }

  /** Until it has succeeded once, or the signal aborts. */
  async once({ signal, what, act }: Beat): Promise<void> {
    while (!signal.aborted && !(await this.#attempt(what, act))) await this.#clock.wait(RETRY_MS, signal);
  }

  async #attempt(what: string, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.#failing.delete(what);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isSaid = [...this.#failing.values()].includes(reason);
      this.#failing.set(what, reason);
      if (!isSaid) this.#onFailure(reason);
      return false;
    }
  }
}

/** Waits for all, then throws what the first of them met. */
export async function settled(attempts: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(attempts)) if (result.status === 'rejected') throw result.reason;
}
