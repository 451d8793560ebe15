/** SIGTERM or SIGINT: everything is told to stop, finishes the write in flight, and has ten seconds in all. */
import type { EventEmitter } from 'node:events';

export interface Shutdown {
  /** Aborts at the first signal, with its name as the reason. */
  readonly signal: AbortSignal;
  /** Takes the listeners and the timer away. */
  dispose(): void;
}

const PATIENCE_MS = 9000;

export function onShutdown(
  from: EventEmitter,
  options: { onSignal: (name: string) => void; giveUp: () => void },
): Shutdown {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listener = (name: string) => {
    if (controller.signal.aborted) return options.giveUp();
    timer = setTimeout(options.giveUp, PATIENCE_MS);
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
