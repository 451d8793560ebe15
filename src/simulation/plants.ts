/** Planted faults: each makes the controller break one rule, to show that its checker can fail. */
import type { DaemonGiven } from '../controller/daemon.ts';
import type { DaemonLifeGiven } from './daemon-life.ts';

export interface Plant {
  readonly name: string;
  /** The rule that must be found broken. */
  readonly rule: string;
  readonly what: string;
  /** Changes what the daemon is made of. */
  readonly daemon?: (daemon: DaemonGiven, given: DaemonLifeGiven) => DaemonGiven;
}

export const PLANTS: readonly Plant[] = [];
