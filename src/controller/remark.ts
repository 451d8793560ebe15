/** The last thing that the log said of an app: who asks why it does or does not move is told in the same words. */
import type { App } from '../model/app.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { AppState } from './app-state.ts';
import type { Events } from './events.ts';

export interface Remark {
  readonly kind: 'idle' | 'held' | 'waiting' | 'moving' | 'failed' | 'stopped';
  /** For people. */
  readonly text: string;
  /** What kind of hold. */
  readonly hold?: string;
  /** When the wait ends by itself, where that is known. */
  readonly until?: Instant | undefined;
  readonly at: Instant;
}

/** What an app does, as far as this daemon knows. */
export interface AppLook {
  readonly app: App;
  /** As last saved; undefined where another daemon drives the app, or nothing was read yet. */
  readonly state: AppState | undefined;
  readonly remark: Remark | undefined;
  readonly isDriven: boolean;
}

/** The same events, overheard. */
export function overhear(events: Events, clock: Clock, onRemark: (remark: Remark) => void): Events {
  const remark = (kind: Remark['kind'], text: string, more: Pick<Remark, 'hold' | 'until'> = {}) =>
    onRemark({ kind, text, ...more, at: clock.now() });
  return {
    ...events,
    appIdle(app, release, reason) {
      remark('idle', reason);
      events.appIdle(app, release, reason);
    },
    appHeld(app, hold, reason) {
      remark('held', reason, { hold });
      events.appHeld(app, hold, reason);
    },
    releaseAvailable(app, given) {
      remark('idle', `${given.available} is available, and nothing is done about it (mode: notify)`);
      events.releaseAvailable(app, given);
    },
    appFailed(app, error, retryInMs) {
      const text = `${textOf(error)}; trying again in ${retryInMs / 1000} s`;
      remark('failed', text);
      events.appFailed(app, error, retryInMs);
    },
    appStopped(app, error) {
      remark('stopped', `stopped by a fault in Viridian: ${textOf(error)}`);
      events.appStopped(app, error);
    },
    rolloutWaiting(rollout, waitingOn, until) {
      remark('waiting', waitingOn, { until });
      events.rolloutWaiting(rollout, waitingOn, until);
    },
    rolloutStarted(rollout, reasons) {
      remark('moving', `rollout ${rollout.id} has started: ${reasons.join('; ')}`);
      events.rolloutStarted(rollout, reasons);
    },
    rolloutChanged(rollout, change, figures) {
      remark('moving', change.kind === 'turnedBack' ? `turning back: ${change.reason}` : 'going on');
      events.rolloutChanged(rollout, change, figures);
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
