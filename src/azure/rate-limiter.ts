/**
 * Keeps the requests of one subscription inside a token bucket. Who waits is served by priority, and within one by turns,
 * so that an app with many groups does not keep the others waiting.
 */
import type { Clock, Instant } from '../model/time.ts';

export interface RateLimit {
  /** Requests that may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** `urgent` goes before all that is `ordinary`. */
export type Priority = 'urgent' | 'ordinary';

/** The part of an AbortSignal that the SDK's own signals have too. */
export interface AbortSignalLike {
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

type Waiters = Map<string, (() => void)[]>;

export class RateLimiter {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  readonly #waiting: Readonly<Record<Priority, Waiters>> = { urgent: new Map(), ordinary: new Map() };
  #tokens: number;
  #filledAt: Instant;
  #pausedUntil: Instant = 0;
  #isServing = false;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now();
  }

  /**
   * True when the request may be sent; false where the signal aborts before that. `turn` is whose turn it is, e.g. an app.
   */
  async take(priority: Priority, turn: string, signal?: AbortSignalLike): Promise<boolean> {
    if (!this.#isServing && this.#mayGo()) {
      this.#tokens -= 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiters = this.#waiting[priority];
    const go = () => resolve(true);
    waiters.set(turn, [...(waiters.get(turn) ?? []), go]);
    const giveUp = () => {
      const rest = (waiters.get(turn) ?? []).filter((waiter) => waiter !== go);
      if (rest.length > 0) waiters.set(turn, rest);
      else waiters.delete(turn);
      resolve(false);
    };
    signal?.addEventListener('abort', giveUp);
    if (!this.#isServing) void this.#serve();
    return promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /** Azure asks for a pause: nobody goes before it is over. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms);
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      while (!this.#mayGo()) await this.#clock.wait(this.#waitMs());
      // Who came meanwhile may be more urgent than the one that was waited for, and that one may have given up.
      const first = this.#next();
      if (first === undefined) continue;
      this.#tokens -= 1;
      first.go();
    }
    this.#isServing = false;
  }

  /** Whose turn it is; `go` sends it and puts its app at the end of the row. */
  #next(): { go: () => void } | undefined {
    for (const waiters of [this.#waiting.urgent, this.#waiting.ordinary]) {
      const [first] = waiters;
      if (first === undefined) continue;
      const [turn, [resolve, ...rest]] = first;
      const go = () => {
        waiters.delete(turn);
        if (rest.length > 0) waiters.set(turn, rest);
        resolve?.();
      };
      return { go };
    }
    return undefined;
  }

  #mayGo(): boolean {
    const now = this.#clock.now();
    const { burst, perSecond } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    return this.#tokens >= 1 && now >= this.#pausedUntil;
  }

  #waitMs(): number {
    const forToken = ((1 - this.#tokens) / this.#limit.perSecond) * 1000;
    return Math.max(1, Math.ceil(Math.max(forToken, this.#pausedUntil - this.#clock.now())));
  }
}
