/**
 * Runs seeds on several cores: one thread per worker, one seed at a time each. A thread that ends is an error that names
 * the seed it had, so that none is lost.
 */
import { Worker } from 'node:worker_threads';
import type { Job } from './job.ts';
import type { SeedResult } from './run.ts';

/** Beside this file, compiled or not. */
const ENTRY = new URL(`seed-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

export class Workers {
  readonly #all: readonly Worker[];
  readonly #idle: Worker[];
  /** Who waits for a worker, first come first. */
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => new Worker(ENTRY));
    this.#idle = [...this.#all];
  }

  /** Throws where the worker ends before its answer. */
  async run(job: Job): Promise<SeedResult> {
    const worker = await this.#take();
    const result = await ask(worker, job);
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
    return result;
  }

  /** Ends them all, also in the middle of a seed. */
  async end(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  async #take(): Promise<Worker> {
    return this.#idle.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function ask(worker: Worker, job: Job): Promise<SeedResult> {
  const { promise, resolve, reject } = Promise.withResolvers<SeedResult>();
  const lost = (why: string) => reject(new Error(`the worker that had seed ${job.seed} has ended: ${why}`));
  const onError = (error: Error) => lost(error.message);
  const onExit = (status: number) => lost(`exit status ${status}`);
  worker.once('message', resolve).once('error', onError).once('exit', onExit);
  worker.postMessage(job);
  // It may have ended before, when nobody asked.
  if (worker.threadId < 0) lost('it had ended before');
  return promise.finally(() => worker.off('message', resolve).off('error', onError).off('exit', onExit));
}

/** Runs up to `atOnce` jobs at a time, and gives what becomes of them in the order of the jobs. */
export async function* inOrder<Given, Result>(
  jobs: Iterable<Given>,
  atOnce: number,
  run: (job: Given) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for (const job of jobs) {
    const result = run(job);
    // A failure is thrown in its turn: until then it is not unheard of.
    result.catch(() => undefined);
    underWay.push(result);
    const first = underWay.length < atOnce ? undefined : underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of underWay) yield await result;
}
