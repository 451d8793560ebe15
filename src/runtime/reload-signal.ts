/** SIGHUP: somebody asks that the config is read again. One that comes before anybody can is kept until then. */
import type { EventEmitter } from 'node:events';

export interface ReloadSignal {
  /** Who is asked from now on; at once where it was asked before. */
  to(ask: () => void): void;
  dispose(): void;
}

export function onReload(from: EventEmitter): ReloadSignal {
  let isAsked = false;
  let asked = (): void => {
    isAsked = true;
  };
  const listener = () => asked();
  from.on('SIGHUP', listener);
  return {
    to(ask) {
      asked = ask;
      if (isAsked) ask();
    },
    dispose: () => void from.off('SIGHUP', listener),
  };
}
