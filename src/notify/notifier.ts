/**
 * Tells webhooks of events in the background: one queue for each, sent one after another, so that each event comes once and in
 * order while the process lives. A webhook that does not answer is tried again, then given up; nobody ever waits for it.
 */
import type { Clock } from '../model/time.ts';

export interface Notice {
  readonly event: string;
  /** One JSON object. */
  readonly body: string;
}

/** `again`: it may be taken the next time. */
export type Posted =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Sink {
  /** For people, without what may be secret in its address. */
  readonly name: string;
  readonly events: ReadonlySet<string>;
  /** Never throws, and ends in time. */
  post(body: string, signal: AbortSignal): Promise<Posted>;
}

export interface NotifierGiven {
  readonly sinks: readonly Sink[];
  readonly clock: Clock;
  /** `dropped`: notices that were given up since this was last said. */
  readonly onFailed: (sink: string, reason: string, dropped: number) => void;
}

/** For each webhook; the oldest go first where there are more. */
const MOST_WAITING = 1000;
const MOST_TRIES = 6;
const SHORTEST_PAUSE_MS = 1000;
/** Between two lines that tell of what was dropped. */
const SAID_EVERY_MS = 60_000;

export class Notifier {
  readonly #queues: readonly Queue[];

  constructor(given: NotifierGiven) {
    this.#queues = given.sinks.map((sink) => new Queue(sink, given));
  }

  /** Never throws, and returns at once. */
  offer(notice: Notice): void {
    for (const queue of this.#queues) queue.offer(notice);
  }

  /** What waits is given up, and what is under way is cut off. */
  close(): void {
    for (const queue of this.#queues) queue.close();
  }
}

class Queue {
  readonly #sink: Sink;
  readonly #given: NotifierGiven;
  readonly #stopped = new AbortController();
  readonly #waiting: string[] = [];
  #isSending = false;
  #dropped = 0;
  #saidAt = -Infinity;

  constructor(sink: Sink, given: NotifierGiven) {
    this.#sink = sink;
    this.#given = given;
  }

  offer({ event, body }: Notice): void {
    if (this.#stopped.signal.aborted || !this.#sink.events.has(event)) return;
    this.#waiting.push(body);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#drop(`more than ${MOST_WAITING} notices wait`);
    }
    if (!this.#isSending) void this.#sendAll();
  }

  close(): void {
    this.#stopped.abort();
    this.#waiting.length = 0;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      const failure = await this.#send(body);
      if (this.#stopped.signal.aborted) break;
      if (failure !== undefined) this.#drop(failure);
    }
    this.#isSending = false;
  }

  /** Why it was given up; undefined: it was taken. */
  async #send(body: string): Promise<string | undefined> {
    const { signal } = this.#stopped;
    let pauseMs = SHORTEST_PAUSE_MS;
    for (let tries = 1; ; tries += 1) {
      const posted = await this.#sink.post(body, signal);
      if (posted.kind === 'taken') return undefined;
      if (posted.kind === 'refused' || tries >= MOST_TRIES) return posted.reason;
      await this.#given.clock.wait(pauseMs, signal);
      if (signal.aborted) return posted.reason;
      pauseMs *= 2;
    }
  }

  #drop(reason: string): void {
    this.#dropped += 1;
    const now = this.#given.clock.now();
    if (now - this.#saidAt < SAID_EVERY_MS && now >= this.#saidAt) return;
    this.#saidAt = now;
    this.#given.onFailed(this.#sink.name, reason, this.#dropped);
    this.#dropped = 0;
  }
}
