/** Faults in what people have said and what the config forbids: broken are the rules `said` or `gates`. */
import { withMachine } from './plant.ts';
import type { Plant } from './plant.ts';
import * as machine from './planted-machine.ts';
import * as people from './planted-people.ts';
import { killing } from './planted-worlds.ts';

export const OF_PEOPLE: readonly Plant[] = [
  {
    name: 'ignore-pause',
    rule: 'said',
    what: 'forgets at each start that it was paused',
    options: (options) => killing(90_000)(people.ordering(['pause', 'pause', 'resume'])(options)),
    daemon: people.forgetWord('pause'),
  },
  {
    name: 'ignore-hold',
    rule: 'said',
    what: 'forgets at each start that it was held',
    options: (options) => killing(90_000)(people.ordering(['hold', 'hold', 'hold', 'release'])(options)),
    daemon: people.forgetWord('hold'),
  },
  {
    name: 'retry-aborted-release',
    rule: 'said',
    what: 'forgets at each start what was called off',
    options: (options) => killing(90_000)(people.ordering(['abort'])(options)),
    daemon: people.forgetWord('refused'),
  },
  {
    name: 'call-off-what-serves',
    rule: 'said',
    what: 'calls a rollout off for another release once its candidate serves',
    daemon: withMachine(machine.callOffWhatServes),
  },
  {
    name: 'make-warm-anew',
    rule: 'said',
    what: 'makes a group anew in a rollback to what still stands',
    options: people.rollingBackWarm,
    daemon: withMachine(people.makeWarmAnew),
  },
  {
    name: 'start-in-freeze',
    rule: 'gates',
    what: 'starts whether or not its windows are open',
    options: people.gated(() => ({ windows: people.MOSTLY_CLOSED })),
    daemon: people.startInFreeze,
  },
  {
    name: 'ignore-order',
    rule: 'gates',
    what: 'does not wait for the apps that go first',
    options: people.gated((index) => (index === 0 ? { promotion: people.SLOW } : { after: ['app1'] })),
    daemon: people.ignoreOrder,
  },
  {
    name: 'exceed-slots',
    rule: 'gates',
    what: 'starts any number of rollouts at a time',
    options: people.gated(() => ({}), { all: 1, groups: {} }),
    daemon: people.exceedSlots,
  },
  {
    name: 'one-yes-is-enough',
    rule: 'gates',
    what: 'asks one person where several were to be asked',
    options: (options) => people.ordering(['promote'])(people.gated(() => ({ promotion: people.SLOW }))(options)),
    daemon: people.oneYesIsEnough,
  },
  {
    name: 'act-on-notify-only',
    rule: 'gates',
    what: 'acts for apps that are only reported',
    options: people.gated((index) => (index === 0 ? {} : { mode: 'notify' })),
    daemon: people.actOnNotifyOnly,
  },
];
