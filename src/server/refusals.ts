/** Tells of refused requests once per reason and minute, so that nobody can fill the log. */
import { MINUTE } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';

export type Refusal =
  | 'unknown path'
  | 'wrong method'
  | 'no secret, or a wrong one'
  | 'the secret cannot be read'
  | 'malformed body'
  | 'body too large'
  | 'stopping'
  | 'too slow'
  | 'not HTTP';

export class Refusals {
  readonly #clock: Clock;
  readonly #tell: (reason: Refusal, more: number) => void;
  readonly #told = new Map<Refusal, { at: Instant; more: number }>();

  constructor(clock: Clock, tell: (reason: Refusal, more: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(reason: Refusal): void {
    const told = this.#told.get(reason);
    const now = this.#clock.now();
    if (told !== undefined && now < told.at + MINUTE) {
      told.more += 1;
      return;
    }
    this.#tell(reason, told?.more ?? 0);
    this.#told.set(reason, { at: now, more: 0 });
  }
}
