/**
 * The system's clock. It goes on from the wall clock at the start of the process and never steps, so that no drain is cut
 * short. A wait ends early when its signal aborts and leaves no timer or listener behind.
 */
import type { Clock } from '../model/time.ts';

/** setTimeout takes no more than this many milliseconds; longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  async wait(ms, signal) {
    let left = ms;
    while (left > 0 && signal?.aborted !== true) {
      const part = Math.min(left, LONGEST_TIMER_MS);
      await waitOnce(part, signal);
      left -= part;
    }
  },
};

function waitOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal?.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}
