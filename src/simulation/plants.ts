/**
 * Planted faults: each makes the controller break one rule, to show that its checker can fail. A plant changes what one
 * life of a daemon is made of, and the world where its fault would seldom show.
 */
import type { DaemonGiven } from '../controller/daemon.ts';
import type { Machine } from '../controller/machine.ts';
import type { Check } from '../model/check.ts';
import type { Disk } from '../store/disk.ts';
import type { DaemonLifeGiven } from './daemon-life.ts';
import { ERRORS, ratioCheck } from './draw-checks.ts';
import { ROLE_TAGS } from './draw-strategy.ts';
import type { Event, Options } from './options.ts';
import { ONE_DAEMON } from './daemons.ts';
import * as edges from './planted-edges.ts';
import * as machine from './planted-machine.ts';
import * as people from './planted-people.ts';

export interface Plant {
  readonly name: string;
  /** The rule that must be found broken. */
  readonly rule: string;
  readonly what: string;
  readonly options?: (options: Options) => Options;
  readonly daemon?: (daemon: DaemonGiven, given: DaemonLifeGiven) => DaemonGiven;
  readonly disk?: (disk: Disk) => Disk;
}

const withMachine =
  (make: () => Machine): NonNullable<Plant['daemon']> =>
  (daemon) => ({ ...daemon, machine: make() });

const ratesOf =
  (rates: Partial<Options['rates']>): ((options: Options) => Options) =>
  (options) => ({ ...options, rates: { ...options.rates, ...rates } });

const killing =
  (everyMs: number): ((options: Options) => Options) =>
  (options) => {
    const kills = Array.from({ length: Math.floor(options.faultMs / everyMs) }, (_, index): Event => {
      return { at: (index + 1) * everyMs, kind: 'killDaemon', app: 'app1', which: 0 };
    });
    return { ...options, events: [...options.events, ...kills] };
  };

/** Every app tells its stacks apart by tags. */
function tagging(options: Options): Options {
  const apps = options.apps.map((app) => {
    const rollout = { strategy: { kind: 'blueGreen' } as const, ...app.rollout, tags: ROLE_TAGS };
    return { ...app, rollout };
  });
  return { ...options, apps };
}

/** Every app is measured, by numbers that are mostly vague. */
function measuring(options: Options): Options {
  const apps = options.apps.map((app) => {
    const checks = { before: [ratioCheck(2)], after: [] };
    return { ...app, rollout: { strategy: { kind: 'blueGreen' as const }, ...app.rollout, checks } };
  });
  return { ...options, apps, checks: { seed: 1, fails: 0, blurs: 0.8, spells: [], attendMs: 60_000 } };
}

/** No check asks anybody. */
function unasked(options: Options): Options {
  const isBlind = ({ source }: Check) => source.kind === 'job' || source.kind === 'tcp';
  const apps = options.apps.map((app) => {
    const { rollout } = app;
    if (rollout?.checks === undefined) return app;
    const { before, after } = rollout.checks;
    return {
      ...app,
      rollout: { ...rollout, checks: { before: before.filter(isBlind), after: after.filter(isBlind) } },
    };
  });
  const pushes = options.pushes.map((push) => ({ ...push, program: { ...push.program, log: '' } }));
  return { ...options, apps, pushes, checks: undefined };
}

/** Every version but the first one and the last one does badly, and answers well. */
function erring(options: Options): Options {
  const pushes = options.pushes.map((push) => {
    return push.at === 0 || push.at === options.faultMs ? push : { ...push, program: { log: ERRORS } };
  });
  return { ...options, pushes, checks: { seed: 1, fails: 0.2, blurs: 0, spells: [] } };
}

/** Regions that belong to one endpoint each, so that what changes is where these lead. */
function mapped(options: Options): Options {
  const apps = options.apps.map((app) => ({
    ...app,
    replicas: 1,
    rollout: { ...app.rollout, strategy: { kind: 'blueGreen' as const } },
    routing: { method: 'Geographic' as const },
  }));
  return { ...options, apps };
}

/** What is replaced is deleted: a stop may leave its endpoint there, so it would seldom show. */
function keepingNothing(options: Options): Options {
  const apps = options.apps.map(({ rollout, ...app }) =>
    rollout === undefined ? app : { ...app, rollout: { ...rollout, retain: undefined } },
  );
  return { ...options, apps };
}

/** Every app is a single writer without traffic. */
function writing(options: Options): Options {
  const strategy = { kind: 'recreate', order: 'oldFirst' } as const;
  const apps = options.apps.map((app) => ({ ...app, hasTraffic: false, routing: undefined, rollout: { strategy } }));
  return { ...options, apps };
}

/** Every app keeps what it replaces, stopped. */
function keepingStopped(options: Options): Options {
  const apps = options.apps.map((app) => {
    const retain = { forMs: 60_000, count: 1, as: 'stopped' } as const;
    const rollout = { ...app.rollout, strategy: { kind: 'blueGreen' } as const, retain };
    return { ...app, rollout };
  });
  return { ...options, apps };
}

/** In the middle of each rollout. */
function losingState(options: Options): Options {
  const losses = options.pushes.map(({ at, app }): Event => {
    return { at: at + 30_000 + options.createMs, kind: 'loseState', app, which: 0 };
  });
  return { ...options, events: [...options.events, ...losses.filter(({ at }) => at < options.faultMs)] };
}

/** The TTL is long until shortly before each push; it is never in force for so short that nobody can see it. */
function loweringTtl(options: Options): Options {
  const changes = options.pushes.flatMap(({ at, app }, index): Event[] => {
    const isFarFromOthers = options.pushes.every((push, other) => {
      return other === index || push.app !== app || Math.abs(push.at - at) > 400_000;
    });
    if (!isFarFromOthers || at < 300_000) return [];
    return [
      { at: at - 300_000, kind: 'changeTtl', app, which: 0.99 },
      { at: at - 20_000, kind: 'changeTtl', app, which: 0 },
    ];
  });
  return { ...options, events: [...options.events.filter(({ kind }) => kind !== 'changeTtl'), ...changes] };
}

/** Traffic Manager's name servers take half a minute to learn of a change. */
function laggingNames(options: Options): Options {
  const delayMs = 30_000;
  const apps = options.apps.map((app) => ({ ...app, marginMs: Math.max(app.marginMs, delayMs) }));
  return { ...options, apps, nameServers: { count: 4, delayMs } };
}

/** Several daemons, and one of them stands still for longer than its lease every few minutes. */
function pausing(options: Options): Options {
  const pauses = Array.from({ length: Math.floor(options.faultMs / 90_000) }, (_, index) => {
    return { at: (index + 1) * 90_000, ms: 75_000 };
  });
  return { ...options, daemons: { count: 2, skewMs: 0, pauses } };
}

/** Some time into each upgrade the live stack vanishes, and Traffic Manager finds no candidate healthy. */
function losingLive(options: Options): Options {
  const events = options.pushes.slice(1).flatMap(({ at, app }): Event[] => [
    { at: at + 1000, kind: 'degradeNewest', app, which: 0 },
    { at: at + 90_000 + options.createMs, kind: 'vanishGroup', app, which: 0 },
  ]);
  const apps = options.apps.map((app) => ({ ...app, replicas: 1 }));
  return { ...options, apps, events: events.filter(({ at }) => at < options.faultMs) };
}

export const PLANTS: readonly Plant[] = [
  {
    name: 'skip-ttl-wait',
    rule: 'R2',
    what: 'deletes groups as soon as their endpoints are gone',
    daemon: withMachine(machine.skipTtlWait),
  },
  {
    name: 'skip-confirmation',
    rule: 'R2',
    what: 'counts the TTL from when ARM shows a removal, though the name servers have not learned of it',
    options: laggingNames,
    daemon: withMachine(machine.skipConfirmation),
  },
  {
    name: 'delete-group-before-endpoint',
    rule: 'R2',
    what: 'deletes a group while its endpoint is still there',
    daemon: withMachine(machine.deleteGroupBeforeEndpoint),
  },
  {
    name: 'stop-before-drained',
    rule: 'R2',
    what: 'stops the groups of a stack that is kept while clients may still be led there',
    options: keepingStopped,
    daemon: withMachine(machine.stopBeforeDrained),
  },
  {
    name: 'count-ttl-from-request-not-observation',
    rule: 'R2',
    what: 'starts the clock of the TTL when it asks for the removal, not when it sees it',
    daemon: (daemon, given) => ({ ...edges.removeSlowly(daemon, given), machine: machine.countTtlFromRequest() }),
  },
  {
    name: 'forget-lowered-ttl',
    rule: 'R2',
    what: 'forgets the TTL that was in force before it was lowered',
    options: loweringTtl,
    daemon: withMachine(machine.forgetLoweredTtl),
  },
  {
    name: 'empty-list-means-gone',
    rule: 'R2',
    what: 'takes a profile that cannot be read for one without endpoints',
    // Where the name servers say nothing, the profile itself is read often while endpoints drain.
    options: (options) => keepingNothing(ratesOf({ armFailsBefore: 0.3, namesFail: 1 })(options)),
    daemon: withMachine(machine.emptyListMeansGone),
  },
  {
    name: 'register-before-verify',
    rule: 'R3',
    what: 'takes every running group for verified',
    daemon: withMachine(machine.registerBeforeVerify),
  },
  {
    name: 'zero-checks-is-healthy',
    rule: 'R3',
    what: 'asks for no success before a group is verified',
    daemon: edges.askForNoSuccess,
  },
  {
    name: 'inconclusive-is-healthy',
    rule: 'checks',
    what: 'takes a check that says neither good nor bad for passed',
    options: measuring,
    daemon: edges.takeVagueForHealthy,
  },
  {
    name: 'blame-nobody',
    rule: 'checks',
    what: 'takes a check that has failed for one that could not be measured',
    options: (options) => erring(measuring(options)),
    daemon: withMachine(machine.blameNobody),
  },
  {
    name: 'put-whole-profile',
    rule: 'R4',
    what: 'writes the whole profile to add an endpoint',
    daemon: edges.putWholeProfile,
  },
  {
    name: 'take-foreign-groups',
    rule: 'R4',
    what: 'takes groups that somebody else made for its own',
    options: (options) => ({ ...options, hasForeigners: true }),
    daemon: edges.takeForeignGroups,
  },
  {
    name: 'drop-other-tags',
    rule: 'R4',
    what: 'tags a group as live, and takes all its other tags away',
    options: tagging,
    daemon: edges.dropOtherTags,
  },
  {
    name: 'act-before-save',
    rule: 'R5',
    what: 'acts first and writes down later',
    daemon: edges.actBeforeSave,
  },
  {
    name: 'ignore-etag',
    rule: 'R5',
    what: 'writes its state over what another daemon has written meanwhile',
    options: pausing,
    daemon: edges.ignoreEtag,
  },
  {
    name: 'keep-acting-after-lease-loss',
    rule: 'R5',
    what: 'goes on changing things after another daemon has taken its lease',
    options: pausing,
    daemon: edges.keepActing,
  },
  {
    name: 'rollback-to-unhealthy-side',
    rule: 'R1',
    what: 'goes back to the live stack without having seen that it serves',
    options: losingLive,
    daemon: withMachine(machine.rollBackToUnhealthySide),
  },
  {
    name: 'believe-partial-group-list',
    rule: 'R6',
    what: 'takes a group that a list lacks for gone, without asking for it',
    options: ratesOf({ armIsPartial: 0.5 }),
    daemon: edges.believePartialGroupLists,
  },
  {
    name: 'swap-before-verify',
    rule: 'R3',
    what: 'leads endpoints to groups that have not passed verification',
    options: mapped,
    daemon: withMachine(machine.swapBeforeVerify),
  },
  {
    name: 'swap-writes-all',
    rule: 'R4',
    what: 'writes what others have set on an endpoint when it leads it elsewhere',
    options: mapped,
    daemon: edges.writeAllOnSwap,
  },
  {
    name: 'delete-before-swap-is-seen',
    rule: 'R2',
    what: 'takes an endpoint for led elsewhere as soon as it has asked for it',
    options: mapped,
    daemon: (daemon, given) => ({ ...edges.retargetSlowly(daemon, given), machine: machine.countTtlFromSwapRequest() }),
  },
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
    name: 'make-second-writer',
    rule: 'writer',
    what: 'makes the new group of a single writer before the old one is gone',
    options: writing,
    daemon: edges.newFirst,
  },
  {
    name: 'overlook-others',
    rule: 'releases',
    what: 'starts a rollout while a stack beside the live one is still in rotation',
    // Rollouts that wait for a person, or fail, would let it show seldom.
    options: (options) => losingState(unasked(options)),
    daemon: edges.overlookOthers,
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

export function plantNamed(name: string): Plant | undefined {
  return PLANTS.find((plant) => plant.name === name);
}
