/** What a planted fault is: it changes what one life of a daemon is made of, and the world where it would seldom show. */
import type { DaemonGiven } from '../controller/daemon.ts';
import type { Machine } from '../controller/machine.ts';
import type { Disk } from '../store/disk.ts';
import type { DaemonLifeGiven } from './daemon-life.ts';
import type { Options } from './options.ts';

export interface Plant {
  readonly name: string;
  /** The rule that must be found broken. */
  readonly rule: string;
  readonly what: string;
  readonly options?: (options: Options) => Options;
  readonly daemon?: (daemon: DaemonGiven, given: DaemonLifeGiven) => DaemonGiven;
  readonly disk?: (disk: Disk) => Disk;
}

/** Another machine decides. */
export const withMachine =
  (make: () => Machine): NonNullable<Plant['daemon']> =>
  (daemon) => ({ ...daemon, machine: make() });
