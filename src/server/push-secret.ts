/**
 * The secret that whoever tells of pushes must know, or a token of an operator. It is read anew now and then, so that a changed one is taken up with no
 * restart; only its hash is kept. Hashes are compared, in constant time: neither length nor content can be told by timing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { StalledError } from '../model/errors.ts';
import { SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';

const READ_EVERY_MS = 5 * SECOND;
const FAILURE_LASTS_MS = SECOND;

export class PushSecret {
  readonly #clock: Clock;
  readonly #read: () => Promise<string>;
  readonly #place: string;
  readonly #least: number;
  #kept: { readonly hash: Buffer; readonly readAt: Instant } | undefined;
  #reading: Promise<Buffer> | undefined;
  #failed: { readonly error: unknown; readonly at: Instant } | undefined;

  /** `place`: of the config, for messages. `least`: characters. */
  constructor(clock: Clock, read: () => Promise<string>, { place = 'push.secret', least = 1 } = {}) {
    this.#clock = clock;
    this.#read = read;
    this.#place = place;
    this.#least = least;
  }

  /** `given` as it stands in the header, with or without `Bearer `. Throws StalledError where the secret cannot be read. */
  async isRight(given: string | undefined): Promise<boolean> {
    const hash = await this.hash();
    if (given === undefined) return false;
    const isBare = timingSafeEqual(hashOf(given), hash);
    const isBearer = timingSafeEqual(hashOf(given.replace(/^bearer +/i, '')), hash);
    return isBare || isBearer;
  }

  /** Throws StalledError where the secret cannot be read, or could never be sent in a header. */
  async hash(): Promise<Buffer> {
    const now = this.#clock.now();
    if (this.#kept !== undefined && now < this.#kept.readAt + READ_EVERY_MS) return this.#kept.hash;
    // Whoever asks, as often as they like, must not make a key vault be asked as often.
    if (this.#failed !== undefined && now < this.#failed.at + FAILURE_LASTS_MS) throw this.#failed.error;
    this.#reading ??= this.#readAnew(now).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAnew(now: Instant): Promise<Buffer> {
    try {
      const secret = await this.#read();
      if (!/^[!-~]([ -~]{0,4094}[!-~])?$/.test(secret) || secret.length < this.#least) {
        throw new StalledError(
          `${this.#place}: expected ${this.#least} to 4096 printable ASCII characters without a space at either end, as a header can carry; set another secret`,
        );
      }
      this.#failed = undefined;
      this.#kept = { hash: hashOf(secret), readAt: now };
      return this.#kept.hash;
    } catch (error) {
      this.#failed = { error, at: this.#clock.now() };
      throw error;
    }
  }
}

export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
