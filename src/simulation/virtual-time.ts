/**
 * Time that moves only when everybody waits. Whatever runs in it may await nothing but its timers and promises that are
 * settled by them: then the order of everything follows from the order of the timers, and a run repeats itself.
 */
import type { Clock, Instant } from '../model/time.ts';
import type { SimClock } from '../simulator/http.ts';

interface Timer {
  readonly at: Instant;
  readonly number: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Timers that pass between two turns of the event loop, each of which costs as much as many of them. */
const BREATHE_EVERY = 256;

export class VirtualTime implements SimClock {
  #now: Instant;
  #count = 0;
  #passed = 0;
  readonly #timers: Timer[] = [];

  constructor(start: Instant) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), number: (this.#count += 1), callback, isCancelled: false };
    push(this.#timers, timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** A daemon's view of it; `skewMs` is read anew each time. */
  clock(skewMs: () => number = () => 0): Clock {
    return {
      now: () => this.#now + skewMs(),
      wait: (ms, signal) => {
        if (signal?.aborted === true) return Promise.resolve();
        return new Promise((resolve) => {
          const cancel = this.after(ms, done);
          signal?.addEventListener('abort', done, { once: true });
          function done() {
            cancel();
            signal?.removeEventListener('abort', done);
            resolve();
          }
        });
      },
    };
  }

  /** Lets time pass until `end`, or until `isOver` says so after a timer. */
  async runUntil(end: Instant, isOver: () => boolean = () => false): Promise<void> {
    await settle();
    for (;;) {
      const timer = this.#timers[0];
      if (timer === undefined || timer.at > end) {
        this.#now = Math.max(this.#now, end);
        return;
      }
      pop(this.#timers);
      if (timer.isCancelled) continue;
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      this.#passed += 1;
      await (this.#passed % BREATHE_EVERY === 0 ? breathe() : settle());
      if (isOver()) return;
    }
  }
}

/** Node takes up the next tick only once every promise that can be settled without time passing is settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Ticks alone would keep the process from its signals, its messages and its finalizers. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}

/** A binary heap, earliest first. */
function push(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isEarlier(timer, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && isEarlier(right, left)) child += 1;
    const smaller = heap[child];
    if (smaller === undefined || !isEarlier(smaller, last)) break;
    heap[index] = smaller;
    index = child;
  }
  heap[index] = last;
}
