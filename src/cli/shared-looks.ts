/** Looks that many ask for: each thing is asked once, a few at a time, and nobody waits for more than a while. */
import type { Clock } from '../model/time.ts';
import type { Looked } from '../preflight/looked.ts';

const MOST_AT_A_TIME = 8;
const LONGEST_MS = 30_000;

export class SharedLooks {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #free = MOST_AT_A_TIME;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same look for the same name gives the same answer. It never throws. */
  share<Asked, T>(nameOf: (asked: Asked) => string, look: (asked: Asked) => Promise<Looked<T>>) {
    const kept = new Map<string, Promise<Looked<T>>>();
    return (asked: Asked): Promise<Looked<T>> => {
      const name = nameOf(asked).toLowerCase();
      const answer = kept.get(name) ?? this.#inTurn(() => look(asked));
      kept.set(name, answer);
      return answer;
    };
  }

  async #inTurn<T>(look: () => Promise<Looked<T>>): Promise<Looked<T>> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await this.#inTime(look);
    } catch (error) {
      return { known: false, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #inTime<T>(look: () => Promise<Looked<T>>): Promise<Looked<T>> {
    const done = new AbortController();
    const reason = `no answer within ${LONGEST_MS / 1000} s`;
    const tooLate = this.#clock.wait(LONGEST_MS, done.signal).then(() => ({ known: false as const, reason }));
    try {
      return await Promise.race([look(), tooLate]);
    } finally {
      done.abort();
    }
  }
}
