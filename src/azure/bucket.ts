/**
 * A token bucket: so many requests at once, refilled steadily. A pause empties it, so that what waited for the end of the
 * pause does not come all at once.
 */
import type { Clock, Instant } from '../model/time.ts';

export interface RateLimit {
  /** Requests that may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

export class Bucket {
  readonly #limit: RateLimit;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #share: () => number;
  #tokens: number;
  /** In the future while there is a pause. */
  #filledAt: Instant;

  /** `share`: how many draw on the same limit, each from an equal part of it. */
  constructor(limit: RateLimit, clock: Pick<Clock, 'now'>, share: () => number = () => 1) {
    this.#limit = limit;
    this.#clock = clock;
    this.#share = share;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now();
  }

  /** Milliseconds until a request may go; 0: now. */
  waitMs(): number {
    const perSecond = this.#fill();
    return this.pausedMs() + Math.max(0, ((1 - this.#tokens) / perSecond) * 1000);
  }

  /** Milliseconds that are left of a pause. */
  pausedMs(): number {
    return Math.max(0, this.#filledAt - this.#clock.now());
  }

  take(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  /** A shorter pause does not end a longer one. */
  pause(ms: number): void {
    this.#tokens = 0;
    this.#filledAt = Math.max(this.#filledAt, this.#clock.now() + ms);
  }

  #fill(): number {
    const now = this.#clock.now();
    const sharers = Math.max(1, this.#share());
    const perSecond = this.#limit.perSecond / sharers;
    const burst = Math.max(1, this.#limit.burst / sharers);
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs / 1000) * perSecond);
    this.#filledAt = Math.max(this.#filledAt, now);
    return perSecond;
  }
}
