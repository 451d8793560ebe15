/** Lets so many through in a second, and makes the others wait for their turn, first come first served. */
import type { Clock, Instant } from '../model/time.ts';

export class Pace {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #burstMs: number;
  #nextAt: Instant = -Infinity;

  /** `burst` of them at once after a rest. */
  constructor(clock: Clock, options: { perSecond: number; burst: number }) {
    this.#clock = clock;
    this.#everyMs = 1000 / options.perSecond;
    this.#burstMs = this.#everyMs * (options.burst - 1);
  }

  /** Resolves when it is its turn, or the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#nextAt = Math.max(this.#nextAt, now) + this.#everyMs;
    const waitMs = this.#nextAt - this.#everyMs - this.#burstMs - now;
    if (waitMs > 0) await this.#clock.wait(waitMs, signal);
  }
}
