/** A wait that can be ended early: by a wake-up (also one that came while nobody slept) or by the stop signal. */
import type { Clock, Instant } from '../model/time.ts';

/** A reason of its own, as the one by default is an error with a stack, made at each wake-up. */
const WOKEN = 'woken';

export class Sleeper {
  readonly #clock: Clock;
  #current: AbortController | undefined;
  #isWoken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#isWoken = true;
    this.#current?.abort(WOKEN);
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    const ms = at - this.#clock.now();
    if (!this.#isWoken && ms > 0 && !signal.aborted) {
      const current = new AbortController();
      // A composite of two signals would be kept by the runtime for as long as anybody listens.
      const stop = () => current.abort(WOKEN);
      signal.addEventListener('abort', stop, { once: true });
      this.#current = current;
      await this.#clock.wait(ms, current.signal);
      this.#current = undefined;
      signal.removeEventListener('abort', stop);
    }
    this.#isWoken = false;
  }
}
