/**
 * Watches the files of a config: looks at them every few seconds, or when asked, and tells of what stands there once it has
 * stood for a second. What changes while it is read, is written in two steps, or is gone for a moment, is read again.
 */
import { SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { Sleeper } from '../controller/sleeper.ts';
import type { WatchedDisk } from './watched-disk.ts';

/** All files, read as one. */
export interface Read {
  /** Absolute paths, also of what is not there. */
  readonly names: readonly string[];
  readonly fingerprint: string;
}

export interface WatchGiven<One extends Read> {
  readonly clock: Clock;
  readonly disk: WatchedDisk;
  /** What was read at the start. */
  readonly first: Read;
  readonly read: () => One;
  /** Told of each other content, and where it was asked for; it is not called again before it has ended. Never throws. */
  readonly onRead: (read: One, told: { readonly isAsked: boolean }) => Promise<void>;
}

export const LOOK_EVERY_MS = 5 * SECOND;
export const SETTLED_AFTER_MS = SECOND;
/** Then it looks again at its own pace. */
const MOST_TRIES = 10;

export class Watch<One extends Read> {
  readonly #given: WatchGiven<One>;
  readonly #sleeper: Sleeper;
  #names: readonly string[];
  #fingerprint: string;
  #stamps: string | undefined;
  #isAsked = false;
  #isChanging = false;

  constructor(given: WatchGiven<One>) {
    this.#given = given;
    this.#sleeper = new Sleeper(given.clock);
    this.#names = given.first.names;
    this.#fingerprint = given.first.fingerprint;
  }

  /** Looks now, and tells of it whatever it finds. However often it is asked meanwhile, once more. */
  ask(): void {
    this.#isAsked = true;
    this.#sleeper.wake();
  }

  /** True from the moment that another content was seen until it was told of. */
  get isChanging(): boolean {
    return this.#isChanging;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#given;
    while (!signal.aborted) {
      await this.#look(signal);
      await this.#sleeper.sleepUntil(clock.now() + LOOK_EVERY_MS, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { disk, onRead } = this.#given;
    const isAsked = this.#isAsked;
    // Before they are read: what changes from here on is seen by the next look.
    const names = this.#names;
    const stamps = await disk.stamps(names);
    if (!isAsked && stamps === this.#stamps) return;
    this.#stamps = undefined;
    const isOther = (await disk.fingerprint(names)) !== this.#fingerprint;
    if (!isAsked && !isOther) {
      this.#stamps = stamps;
      return;
    }
    this.#isAsked = false;
    this.#isChanging = isOther;
    const read = await this.#readSettled(signal);
    if (read === undefined) {
      this.#isAsked ||= isAsked;
      return;
    }
    if (isAsked || read.fingerprint !== this.#fingerprint) {
      this.#fingerprint = read.fingerprint;
      this.#names = read.names;
      await onRead(read, { isAsked });
    }
    this.#isChanging = false;
    if (read.names.join('\n') === names.join('\n')) this.#stamps = stamps;
    // Of those that it names anew there are no stamps yet.
    else this.#sleeper.wake();
  }

  /**
   * What is read has stood so for a second before that. Reading is dear, looking at the contents is not. Undefined where it
   * changes all the time, or the signal aborts.
   */
  async #readSettled(signal: AbortSignal): Promise<One | undefined> {
    const { clock, disk, read } = this.#given;
    let names = this.#names;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = await disk.fingerprint(names);
      await clock.wait(SETTLED_AFTER_MS, signal);
      if (signal.aborted) return undefined;
      if ((await disk.fingerprint(names)) !== before) continue;
      const one = read();
      if (one.fingerprint === before) return one;
      // It has changed just now, or names other files, which have to stand, too.
      names = one.names;
    }
    return undefined;
  }
}
