/**
 * Keeps one kind of request of a subscription inside its limit, and lets who waits go by turns (turns.ts). Each scope,
 * e.g. a resource provider, can be paused by itself: it has a bucket of its own, inside the one of all.
 */
import type { Clock } from '../model/time.ts';
import { Bucket } from './bucket.ts';
import type { RateLimit } from './bucket.ts';
import type { Caller } from './caller.ts';
import { Turns } from './turns.ts';

export type Leave =
  | { readonly kind: 'granted' }
  /** Nothing may be sent now; `retryAfterMs` is what is left of a pause, 0 where there is none. */
  | { readonly kind: 'denied'; readonly retryAfterMs: number };

/**
 * The app that waits does nothing else meanwhile, not even look: so it is sent back to its loop in time, and comes again.
 * That is no try (rollout/attempt.ts), so it costs no more than its place in the row.
 */
const LONGEST_WAIT_MS = 30_000;
const GRANTED: Leave = { kind: 'granted' };

export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  readonly #share: () => number;
  readonly #whole: Bucket;
  readonly #scopes = new Map<string, Bucket>();
  readonly #turns = new Turns();
  #isServing = false;
  #nap: AbortController | undefined;

  /** `share`: how many draw on the same limit, each from an equal part of it. */
  constructor(limit: RateLimit, clock: Clock, share: () => number = () => 1) {
    this.#limit = limit;
    this.#clock = clock;
    this.#share = share;
    this.#whole = new Bucket(limit, clock, share);
  }

  /** Granted when the request may be sent; denied after 30 s, or at once where a pause lasts longer than that. */
  async take(caller: Caller, scope: string): Promise<Leave> {
    if (this.#pausedMs(scope) > LONGEST_WAIT_MS) return this.#denied(scope);
    if (this.#turns.size === 0 && this.#waitMs(scope) === 0) {
      this.#spend(scope);
      return GRANTED;
    }
    const { promise, resolve } = Promise.withResolvers<Leave>();
    const { app, priority } = caller;
    const until = this.#clock.now() + LONGEST_WAIT_MS;
    const go = () => resolve(GRANTED);
    this.#turns.add({ app, priority, scope, until, go, giveUp: () => resolve(this.#denied(scope)) });
    this.#nap?.abort();
    if (!this.#isServing) void this.#serve();
    return promise;
  }

  /** Azure asks for a pause: nobody of the scope, or nobody at all where it is undefined, goes before it is over. */
  pause(ms: number, scope: string | undefined): void {
    (scope === undefined ? this.#whole : this.#bucketOf(scope)).pause(ms);
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#turns.size > 0) {
      const now = this.#clock.now();
      for (let late = this.#turns.overdue(now); late !== undefined; late = this.#turns.overdue(now)) late.giveUp();
      const next = this.#turns.next((scope) => this.#waitMs(scope) === 0);
      if (next === undefined) {
        await this.#rest();
      } else {
        this.#spend(next.scope);
        next.go();
      }
    }
    this.#isServing = false;
  }

  /** Until somebody may go or gives up, or somebody comes who may go sooner. */
  async #rest(): Promise<void> {
    if (this.#turns.size === 0) return;
    const waits = this.#turns.scopes().map((scope) => this.#waitMs(scope));
    const ms = Math.min(this.#turns.firstUntil() - this.#clock.now(), ...waits);
    this.#nap = new AbortController();
    await this.#clock.wait(Math.max(1, Math.ceil(ms)), this.#nap.signal);
  }

  #denied(scope: string): Leave {
    return { kind: 'denied', retryAfterMs: this.#pausedMs(scope) };
  }

  #spend(scope: string): void {
    this.#whole.take();
    this.#bucketOf(scope).take();
  }

  #waitMs(scope: string): number {
    return Math.max(this.#whole.waitMs(), this.#bucketOf(scope).waitMs());
  }

  #pausedMs(scope: string): number {
    return Math.max(this.#whole.pausedMs(), this.#bucketOf(scope).pausedMs());
  }

  #bucketOf(scope: string): Bucket {
    const bucket = this.#scopes.get(scope) ?? new Bucket(this.#limit, this.#clock, this.#share);
    this.#scopes.set(scope, bucket);
    return bucket;
  }
}
