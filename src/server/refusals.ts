/** Tells of refused requests once per reason, address and minute, so that nobody can fill the log. */
import { MINUTE } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { Folding } from './folding.ts';

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

/** `from`: undefined where it is not known, or where too many addresses were refused in a minute. */
export type TellRefusal = (reason: Refusal, told: { readonly from: string | undefined; readonly more: number }) => void;

const MOST_KEYS = 100;

export class Refusals {
  readonly #tell: TellRefusal;
  readonly #folding: Folding;

  constructor(clock: Pick<Clock, 'now'>, tell: TellRefusal) {
    this.#tell = tell;
    this.#folding = new Folding(clock, { eachMs: MINUTE, mostKeys: MOST_KEYS });
  }

  add(reason: Refusal, from?: string): void {
    const told = this.#folding.add(`${reason} ${from ?? ''}`);
    if (told !== undefined) this.#tell(reason, { from: told.isOther ? undefined : from, more: told.more });
  }
}
