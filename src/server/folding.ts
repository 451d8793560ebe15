/**
 * Lets what repeats through once in a while, with how often it came meanwhile, so that nobody can fill the log. Of the keys it
 * knows so many only: what comes beside them while all are fresh is one key together.
 */
import type { Clock, Instant } from '../model/time.ts';

export class Folding {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #eachMs: number;
  readonly #mostKeys: number;
  readonly #told = new Map<string, { at: Instant; more: number }>();

  constructor(clock: Pick<Clock, 'now'>, { eachMs, mostKeys }: { eachMs: number; mostKeys: number }) {
    this.#clock = clock;
    this.#eachMs = eachMs;
    this.#mostKeys = mostKeys;
  }

  /** Undefined: it was let through a short while ago. `isOther`: it stands for all that there was no room for. */
  add(key: string): { readonly more: number; readonly isOther: boolean } | undefined {
    const now = this.#clock.now();
    const isOther = !this.#hasRoomFor(key, now);
    const known = isOther ? '' : key;
    const told = this.#told.get(known);
    if (told !== undefined && now < told.at + this.#eachMs) {
      told.more += 1;
      return undefined;
    }
    // The oldest stand first.
    this.#told.delete(known);
    this.#told.set(known, { at: now, more: 0 });
    return { more: told?.more ?? 0, isOther };
  }

  #hasRoomFor(key: string, now: Instant): boolean {
    if (this.#told.has(key) || this.#told.size < this.#mostKeys) return true;
    for (const [oldest, { at }] of this.#told) {
      if (oldest === '') continue;
      if (now < at + this.#eachMs) return false;
      this.#told.delete(oldest);
      return true;
    }
    return false;
  }
}
