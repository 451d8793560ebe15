/**
 * Commands on their way into an app's loop, first come first served. Each is answered once: when what it changes is saved,
 * when it is refused, or when it has waited for too long. Bounded.
 */
import type { Caller, Command, CommandResult, RefusedBecause } from '../model/command.ts';
import { SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';

const MOST_WAITING = 20;
/** A turn of the loop may be waiting for Azure for half of it. */
const PATIENCE_MS = 60 * SECOND;

export interface Asked {
  readonly command: Command;
  readonly caller: Caller;
  /** A save was begun, and may have been written without an answer. */
  isTried: boolean;
  /** The first answer counts. */
  readonly answer: (result: CommandResult) => void;
}

export class CommandQueue {
  readonly #app: string;
  readonly #clock: Clock;
  #waiting: Asked[] = [];
  #closed: string | undefined;

  constructor(app: string, clock: Clock) {
    this.#app = app;
    this.#clock = clock;
  }

  get waiting(): readonly Asked[] {
    return this.#waiting;
  }

  /** Never rejects. */
  async ask(command: Command, caller: Caller): Promise<CommandResult> {
    if (this.#closed !== undefined) return { kind: 'refused', because: 'stopped', message: this.#closed };
    if (this.#waiting.length >= MOST_WAITING) {
      const message = `${MOST_WAITING} commands wait for app ${this.#app} already; ask again later`;
      return { kind: 'refused', because: 'busy', message };
    }
    const { promise, resolve } = Promise.withResolvers<CommandResult>();
    const answered = new AbortController();
    const asked: Asked = {
      command,
      caller,
      isTried: false,
      answer: (result) => {
        this.#waiting = this.#waiting.filter((one) => one !== asked);
        resolve(result);
        answered.abort();
      },
    };
    this.#waiting.push(asked);
    void this.#clock.wait(PATIENCE_MS, answered.signal).then(() => asked.answer(this.#tooLate(asked)));
    return promise;
  }

  refuseAll(because: RefusedBecause, message: string): void {
    for (const asked of this.#waiting) {
      asked.answer(asked.isTried ? this.#unclear() : { kind: 'refused', because, message });
    }
  }

  /** Somebody answers again. */
  open(): void {
    this.#closed = undefined;
  }

  /** From now on all are refused with this message. */
  close(message: string): void {
    this.#closed = message;
    this.refuseAll('stopped', message);
  }

  #tooLate({ isTried }: Asked): CommandResult {
    if (isTried) return this.#unclear();
    const message = `app ${this.#app} could not take the command within ${PATIENCE_MS / SECOND} s, and nothing was changed; the log says what it waits for`;
    return { kind: 'refused', because: 'busy', message };
  }

  #unclear(): CommandResult {
    const message = `whether the state of app ${this.#app} was saved is not known; look at its status, and ask again`;
    return { kind: 'refused', because: 'unclear', message };
  }
}
