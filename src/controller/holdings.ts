/**
 * The leases that a daemon holds, and how long it may act on each. How long one lasts is counted from before the request,
 * by the clock that has moved furthest, so that neither a slow answer, nor a step of the wall clock, nor a pause of the
 * whole process makes it seem longer.
 */
import type { Clock, Instant } from '../model/time.ts';
import { EFFECT_MS } from './leadership.ts';

export interface Moment {
  readonly clock: Instant;
  readonly wall: Instant;
}

export interface Held {
  readonly leaseId: string;
  readonly term: number;
  /** When its last renewal was asked for. */
  readonly since: Moment;
  /** Not renewed any more, so that another daemon can take it. */
  readonly isLetGo: boolean;
  /** It was said that this daemon drives it. */
  readonly isSaid: boolean;
}

export class Holdings {
  readonly #clock: Clock;
  readonly #wall: () => Instant;
  readonly #durationMs: number;
  readonly #held = new Map<number, Held>();
  #terms = 0;

  constructor(given: { readonly clock: Clock; readonly wall: () => Instant; readonly durationMs: number }) {
    this.#clock = given.clock;
    this.#wall = given.wall;
    this.#durationMs = given.durationMs;
  }

  get(partition: number): Held | undefined {
    return this.#held.get(partition);
  }

  all(): readonly (readonly [number, Held])[] {
    return [...this.#held];
  }

  /** Those that are to be kept: not let go. */
  kept(): readonly number[] {
    return this.all().flatMap(([partition, { isLetGo }]) => (isLetGo ? [] : [partition]));
  }

  /** `since`: before it was asked for. */
  take(partition: number, leaseId: string, since: Moment): void {
    this.#held.set(partition, { leaseId, term: this.#newTerm(), since, isLetGo: false, isSaid: false });
  }

  /** Nothing where it was given up while the answer was under way. */
  renewed(partition: number, since: Moment): void {
    const held = this.#held.get(partition);
    if (held === undefined || held.isLetGo) return;
    // Between its end and now another daemon may have had it and left.
    const term = this.leftMs(held) > 0 ? held.term : this.#newTerm();
    this.#held.set(partition, { ...held, since, term });
  }

  letGo(partition: number): void {
    const held = this.#held.get(partition);
    if (held !== undefined) this.#held.set(partition, { ...held, isLetGo: true });
  }

  said(partition: number, isSaid: boolean): void {
    const held = this.#held.get(partition);
    if (held !== undefined) this.#held.set(partition, { ...held, isSaid });
  }

  drop(partition: number): void {
    this.#held.delete(partition);
  }

  mayAct(held: Held): boolean {
    return !held.isLetGo && this.leftMs(held) > EFFECT_MS;
  }

  /** Until another daemon may have it. */
  leftMs({ since }: Held): number {
    return this.#durationMs - this.elapsedMs(since);
  }

  elapsedMs(since: Moment): number {
    const now = this.now();
    return Math.max(now.clock - since.clock, now.wall - since.wall);
  }

  now(): Moment {
    return { clock: this.#clock.now(), wall: this.#wall() };
  }

  #newTerm(): number {
    this.#terms += 1;
    return this.#terms;
  }
}
