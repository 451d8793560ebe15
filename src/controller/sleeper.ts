/** A wait that can be ended early: by a wake-up (also one that came while nobody slept) or by the stop signal. */
import type { Clock, Instant } from '../model/time.ts';

/** A reason of its own, as the one by default is an error with a stack, made at each wake-up. */
const WOKEN = 'woken';

export class Sleeper {
  readonly #clock: Clock;
  #current: AbortController | undefined;
  #isWoken = false;
  #heard: AbortSignal | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#isWoken = true;
    this.#current?.abort(WOKEN);
  }

  /**
   * Once for each signal, as many sleepers share one and each listener that is added is compared with all others. A
   * composite of two signals would be kept by the runtime for as long as anybody listens.
   */
  #listen(signal: AbortSignal): void {
    if (signal === this.#heard) return;
    this.#heard = signal;
    signal.addEventListener('abort', () => this.#current?.abort(WOKEN), { once: true });
  }

  async sleepUntil(at: Instant, signal: AbortSignal): Promise<void> {
    const ms = at - this.#clock.now();
    if (!this.#isWoken && ms > 0 && !signal.aborted) {
      this.#listen(signal);
      this.#current = new AbortController();
      await this.#clock.wait(ms, this.#current.signal);
      this.#current = undefined;
    }
    this.#isWoken = false;
  }
}
