/** Faults in what a release comes to, what is left and what is told: broken are R7, R8, R9 or R10. */
import { ONE_DAEMON } from './daemons.ts';
import { withMachine } from './plant.ts';
import type { Plant } from './plant.ts';
import * as edges from './planted-edges.ts';
import * as machine from './planted-machine.ts';
import { ratesOf, killing, tagging, losingState } from './planted-worlds.ts';

export const OF_ENDS: readonly Plant[] = [
  {
    name: 'condemn-on-outage',
    rule: 'R7',
    what: 'takes every failure for the release’s own fault',
    options: ratesOf({ armFailsBefore: 0.9 }),
    daemon: withMachine(machine.condemnOnOutage),
  },
  {
    name: 'retry-condemned-release',
    rule: 'R7',
    what: 'forgets at each start which releases have failed',
    options: killing(120_000),
    daemon: edges.forgetCondemned,
  },
  {
    name: 'downgrade-on-partial-list',
    rule: 'R7',
    what: 'believes a list that lacks the newest tags, whatever runs',
    daemon: (daemon) => edges.believePartialLists({ ...daemon, machine: machine.forgetWhatRuns() }),
  },
  {
    name: 'never-tag',
    rule: 'R8',
    what: 'leaves the tags of a candidate on what is live',
    options: tagging,
    daemon: withMachine(machine.neverTag),
  },
  {
    name: 'forget-orphan',
    rule: 'R8',
    what: 'never sees groups of its own that nothing needs',
    options: losingState,
    daemon: edges.forgetOrphans,
  },
  {
    name: 'write-state-in-place',
    rule: 'R10',
    what: 'writes over the file of its state, so that a kill can leave half of it',
    options: (options) => killing(20_000)({ ...options, daemons: ONE_DAEMON }),
    disk: edges.writeInPlace,
  },
  {
    name: 'wait-for-ever',
    rule: 'R10',
    what: 'never finds that a drain has ended',
    daemon: withMachine(machine.waitForEver),
  },
  {
    name: 'say-twice',
    rule: 'R9',
    what: 'logs each change a second time',
    daemon: edges.sayTwice,
  },
];
