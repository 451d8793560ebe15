/** SIGTERM or SIGINT: everything is told to stop, finishes the write in flight, and has ten seconds in all. */
import type { EventEmitter } from 'node:events';

export interface Shutdown {
  /** Aborts at the first signal, with its name as the reason. */
  readonly signal: AbortSignal;
  /** Takes the listeners and the timer away. */
  dispose(): void;
}

const PATIENCE_MS = 9000;
/**
 * A signal that comes again this soon is the same one: a terminal sends Ctrl+C to the whole process group, and npm and the
 * launcher pass it on besides.
 */
const SAME_SIGNAL_MS = 1000;

export function onShutdown(
  from: EventEmitter,
  options: {
    onSignal: (name: string) => void;
    /** A second signal: end now. */
    giveUp: () => void;
    /** Something is still unanswered when the time is up. */
    outOfTime: () => void;
    now?: () => number;
  },
): Shutdown {
  const { now = () => performance.now() } = options;
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;
  const listener = (name: string) => {
    if (controller.signal.aborted) return now() - firstAt < SAME_SIGNAL_MS ? undefined : options.giveUp();
    firstAt = now();
    timer = setTimeout(options.outOfTime, PATIENCE_MS);
    timer.unref();
    options.onSignal(name);
    controller.abort(name);
  };
  from.on('SIGTERM', listener);
  from.on('SIGINT', listener);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      from.off('SIGTERM', listener);
      from.off('SIGINT', listener);
    },
  };
}
