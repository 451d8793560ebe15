/**
 * The whole transition table of the machine: for every step of every plan, what each situation of the world leads to.
 * A cell reads `change (fault) → step side: effects`.
 */
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import { startCleanUp, startRollout } from '../../src/rollout/start.ts';
import { currentStep, stepsInForce } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import {
  live,
  candidate,
  profileUnreadable,
  profileGone,
  evidenceUnknown,
  later,
  soon,
  stillAnswered,
  status,
  groupsAre,
  provisioningFailed,
  restarted,
  endpointsAre,
  withoutEndpoints,
  withoutGroups,
  foreignEndpoint,
  refused,
  looks,
  failingProbes,
} from './situations.ts';
import { asItIs, both, cell, groupsUnseen } from './table.ts';
import type { Situation } from './table.ts';
import { app, crashing, running, START, stopped, World } from './world.ts';

type Direction = 'forward' | 'back' | 'clean-up';
type Row = readonly [situation: string, make: Situation, expected: string];

/** A world and a rollout that has just entered the step. */
function scene(direction: Direction, kind: StepKind): { world: World; rollout: Rollout } {
  const world = new World();
  const isThere = (rollout: Rollout) => currentStep(rollout)?.kind === kind;
  if (direction === 'clean-up') {
    world.addStack(live, { inRotation: true });
    world.addStack(candidate, { inRotation: true });
    return { world, rollout: world.run(startCleanUp({ app, stray: live, id: 'cleaning', now: START }), isThere) };
  }
  world.addStack(live, { inRotation: true });
  const begun = startRollout({ app, live, candidate, now: START });
  if (direction === 'forward') return { world, rollout: world.run(begun, isThere) };
  const draining = world.run(begun, (rollout) => currentStep(rollout)?.kind === 'drain');
  const turned = turnBack(draining, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  return { world, rollout: world.run(turned, isThere) };
}

function trafficOut(
  side: 'live' | 'candidate',
  other: 'live' | 'candidate',
  { overdue, drained, written = '' }: { overdue: string; drained: string; written?: string },
) {
  return {
    deregister: [
      ['the others serve', asItIs, `waits → deregister ${side}: disableEndpoint`],
      ['the others are Degraded', status(other, 'Degraded'), `waits → deregister ${side}`],
      ['the others are still checked', status(other, 'CheckingEndpoint'), `waits → deregister ${side}`],
      [
        'the others are Degraded and these still checked, so handed out',
        both(status(other, 'Degraded'), status(side, 'CheckingEndpoint')),
        `waits → deregister ${side}`,
      ],
      ['somebody deleted the others', withoutEndpoints(other), `waits → deregister ${side}${written}`],
      ['somebody disabled the others', endpointsAre(other, false), `waits → deregister ${side}${written}`],
      ['all are disabled', endpointsAre(side, false), `stepDone → drain ${side}`],
      [
        'a foreign endpoint still targets one',
        both(endpointsAre(side, false), foreignEndpoint(side)),
        `waits → deregister ${side}`,
      ],
      ['the profile cannot be read', profileUnreadable, `waits → deregister ${side}`],
      ['the profile is gone', profileGone, `waits → deregister ${side}`],
      ['the deadline passes', both(later, status(other, 'Degraded')), overdue],
    ],
    drain: [
      ['the wait is not over', asItIs, `waits → drain ${side}`],
      ['the wait is over', later, `stepDone → ${drained}`],
      ['the wait is over and the profile cannot be read', both(later, profileUnreadable), `waits → drain ${side}`],
      ['the profile is gone', both(later, profileGone), `waits → drain ${side}`],
      [
        'the wait is over and the name servers still answer with one',
        both(soon, stillAnswered(side)),
        `waits → drain ${side}`,
      ],
      ['the name servers answer with one until long after the wait', both(later, stillAnswered(side)), overdue],
      ['somebody enables one again', endpointsAre(side, true), `waits → drain ${side}: disableEndpoint`],
      [
        'somebody enables one again and the others do not serve',
        both(endpointsAre(side, true), status(other, 'Degraded'), status(side, 'Online')),
        `waits → drain ${side}`,
      ],
      [
        'the others do not serve until long after the wait',
        both(endpointsAre(side, true), both(later, both(status(other, 'Degraded'), status(side, 'Online')))),
        overdue,
      ],
    ],
    retire: [
      ['endpoints are left', asItIs, `waits → retire ${side}: deleteEndpoint`],
      ['somebody enables an endpoint again', endpointsAre(side, true), `waits → retire ${side}: disableEndpoint`],
      ['a foreign endpoint targets one', both(withoutEndpoints(side), foreignEndpoint(side)), `waits → retire ${side}`],
      ['only groups are left', withoutEndpoints(side), `waits → retire ${side}: deleteGroup, deleteGroup`],
      ['nothing is left', both(withoutEndpoints(side), withoutGroups(side)), 'stepDone → end'],
      [
        'the groups were replaced by foreign ones',
        both(
          withoutEndpoints(side),
          groupsAre(side, (name) => running(name, 'foreign')),
        ),
        'stepDone → end',
      ],
      ['groups cannot be seen', both(withoutEndpoints(side), groupsUnseen), `waits → retire ${side}`],
      ['the profile cannot be read', profileUnreadable, `waits → retire ${side}`],
      ['the profile is gone', profileGone, `waits → retire ${side}`],
      ['the deadline passes', later, 'overdue → end'],
    ],
  } as const;
}

const table: Readonly<Record<Direction, Partial<Record<StepKind, readonly Row[]>>>> = {
  forward: {
    provision: [
      ['nothing is there', asItIs, 'waits → provision candidate: createGroup, createGroup'],
      ['groups cannot be seen', groupsUnseen, 'waits → provision candidate'],
      ['all run', groupsAre('candidate', running), 'stepDone → verify candidate'],
      [
        'somebody has stopped them',
        groupsAre('candidate', stopped),
        'waits → provision candidate: startGroup, startGroup',
      ],
      ['one crash-loops', groupsAre('candidate', crashing), 'turnedBack (release) → capture candidate'],
      [
        'a foreign group has the name',
        groupsAre('candidate', (name) => running(name, 'foreign')),
        'turnedBack (operator) → capture candidate',
      ],
      ['provisioning failed', provisioningFailed, 'waits → provision candidate: deleteGroup, deleteGroup'],
      ['Azure refuses the template', refused('release'), 'turnedBack (release) → capture candidate'],
      ['Azure has no room', refused('world'), 'waits → provision candidate: createGroup, createGroup'],
      ['the deadline passes', later, 'turnedBack (world) → capture candidate'],
    ],
    verify: [
      ['a first success', asItIs, 'waits → verify candidate'],
      ['enough successes in a row', looks(1), 'stepDone → register candidate'],
      [
        'a restart between two successes',
        (world, rollout) => {
          const next = looks(1)(world, rollout);
          restarted(world, rollout);
          return next;
        },
        'waits → verify candidate',
      ],
      ['too many failures in a row', looks(2, failingProbes), 'turnedBack (release) → capture candidate'],
      ['fewer failures', looks(1, failingProbes), 'waits → verify candidate'],
      ['a crash loop', groupsAre('candidate', crashing), 'turnedBack (release) → capture candidate'],
      ['groups vanish', withoutGroups('candidate'), 'turnedBack (world) → capture candidate'],
      ['provisioning turns to Failed', provisioningFailed, 'turnedBack (world) → capture candidate'],
      ['groups cannot be seen', looks(1, groupsUnseen), 'waits → verify candidate'],
      ['the deadline passes', both(later, groupsUnseen), 'turnedBack (world) → capture candidate'],
      [
        'the deadline passes while a probe fails',
        (world, rollout) => {
          const next = looks(1, failingProbes)(world, rollout);
          later(world, rollout);
          world.groupsKnown = false;
          return next;
        },
        'turnedBack (release) → capture candidate',
      ],
    ],
    register: [
      ['no endpoint is there', asItIs, 'waits → register candidate: enableEndpoint'],
      ['all are enabled', endpointsAre('candidate', true), 'stepDone → online candidate'],
      [
        'an endpoint has another target',
        both(endpointsAre('candidate', true), (w) =>
          w.setEndpoint(candidate.groups[0]?.endpoint ?? '', 'elsewhere', true),
        ),
        'waits → register candidate: retargetEndpoint',
      ],
      ['all are disabled', endpointsAre('candidate', false), 'waits → register candidate: enableEndpoint'],
      ['the profile cannot be read', profileUnreadable, 'waits → register candidate'],
      ['the profile is gone', profileGone, 'waits → register candidate'],
      ['the deadline passes', later, 'turnedBack (operator) → deregister candidate'],
    ],
    online: [
      ['all are Online', asItIs, 'stepDone → deregister live'],
      ['all are exempt from probes', status('candidate', 'Unmonitored'), 'stepDone → deregister live'],
      ['all are still checked', status('candidate', 'CheckingEndpoint'), 'waits → online candidate'],
      ['all are Degraded', status('candidate', 'Degraded'), 'waits → online candidate'],
      ['somebody disables one', endpointsAre('candidate', false), 'waits → online candidate: enableEndpoint'],
      ['groups vanish', withoutGroups('candidate'), 'turnedBack (world) → deregister candidate'],
      ['a crash loop', groupsAre('candidate', crashing), 'turnedBack (release) → deregister candidate'],
      [
        'groups cannot be seen',
        both(groupsUnseen, status('candidate', 'CheckingEndpoint')),
        'waits → online candidate',
      ],
      ['the profile cannot be read', profileUnreadable, 'waits → online candidate'],
      ['the profile is gone', profileGone, 'waits → online candidate'],
      [
        'the deadline passes with Degraded beside a live stack that is Online',
        both(later, status('candidate', 'Degraded')),
        'turnedBack (world) → deregister candidate',
      ],
      [
        'the deadline passes with everything Degraded',
        both(later, status('candidate', 'Degraded'), status('live', 'Degraded')),
        'turnedBack (world) → deregister candidate',
      ],
      [
        'the deadline passes while it is checked',
        both(later, status('candidate', 'CheckingEndpoint')),
        'turnedBack (world) → deregister candidate',
      ],
    ],
    ...trafficOut('live', 'candidate', {
      overdue: 'turnedBack (world) → register live',
      drained: 'retire live',
      written: ': enableEndpoint',
    }),
  },
  back: {
    register: [
      ['endpoints are disabled', asItIs, 'waits → register live: enableEndpoint'],
      ['endpoints were deleted', withoutEndpoints('live'), 'waits → register live: enableEndpoint'],
      ['all are enabled', endpointsAre('live', true), 'stepDone → online live'],
      ['the profile cannot be read', profileUnreadable, 'waits → register live'],
      ['the profile is gone', profileGone, 'waits → register live'],
      ['the deadline passes', both(later, profileUnreadable), 'overdue → end'],
    ],
    online: [
      ['all are Online', asItIs, 'stepDone → deregister candidate'],
      ['all are Degraded', status('live', 'Degraded'), 'waits → online live'],
      ['somebody disables one', endpointsAre('live', false), 'waits → online live: enableEndpoint'],
      ['the profile cannot be read', profileUnreadable, 'waits → online live'],
      ['the profile is gone', profileGone, 'waits → online live'],
      ['the deadline passes', both(later, status('live', 'CheckingEndpoint')), 'overdue → end'],
    ],
    ...trafficOut('candidate', 'live', { overdue: 'overdue → end', drained: 'capture candidate' }),
    capture: [
      ['all that can be seen is known', asItIs, 'stepDone → retire candidate'],
      ['it cannot be seen', evidenceUnknown, 'waits → capture candidate'],
      ['it cannot be seen in time', both(later, evidenceUnknown), 'stepDone → retire candidate'],
      ['the profile cannot be read', both(evidenceUnknown, profileUnreadable), 'waits → capture candidate'],
    ],
  },
  'clean-up': trafficOut('live', 'candidate', { overdue: 'overdue → end', drained: 'retire live' }),
};

const DIRECTIONS = ['forward', 'back', 'clean-up'] as const;

describe.each(DIRECTIONS)('%s', (direction) => {
  const rows = Object.entries(table[direction]).flatMap(([kind, given]) =>
    given.map(([situation, make, expected]) => ({ kind: kindOf(kind), situation, make, expected })),
  );

  test.each(rows)('$kind, $situation: $expected', ({ kind, make, expected }) => {
    const { world, rollout } = scene(direction, kind);
    const prepared = make(world, rollout) ?? rollout;
    expect(cell(world.step(prepared), ({ kind }) => kind)).toBe(expected);
  });

  test('the table has every step of its plan, each with what is done, waited for and unknown', () => {
    const kinds = planOf(direction);
    expect(Object.keys(table[direction]).toSorted()).toEqual(kinds.toSorted());
    for (const kind of kinds) {
      const cells = rows
        .filter((row) => row.kind === kind)
        .map(({ situation, expected }) => `${situation}: ${expected}`);
      expect({
        kind,
        done: cells.some((text) => text.includes('stepDone')),
        waits: cells.some((text) => text.includes('waits')),
        unknown: cells.some((text) => /cannot be (read|seen): waits → [a-z ]+$/.test(text)),
      }).toEqual({ kind, done: true, waits: true, unknown: true });
    }
  });
});

test('nothing is decided for a rollout that has finished', () => {
  const { world, rollout } = scene('forward', 'retire');
  const finished = world.run(rollout);
  expect(() => decide(finished, world.observe(finished), world.now)).toThrow('is finished');
});

test('deciding twice on the same sight gives the same decision', () => {
  for (const direction of DIRECTIONS) {
    for (const kind of planOf(direction)) {
      const { world, rollout } = scene(direction, kind);
      const seen = world.observe(rollout);
      expect(decide(rollout, seen, world.now)).toEqual(decide(rollout, seen, world.now));
    }
  }
});

function planOf(direction: Direction): StepKind[] {
  const first = direction === 'forward' ? 'provision' : direction === 'back' ? 'register' : 'deregister';
  return stepsInForce(scene(direction, first).rollout).map(({ kind }) => kind);
}

function kindOf(name: string): StepKind {
  for (const kind of [
    'provision',
    'verify',
    'register',
    'online',
    'deregister',
    'drain',
    'capture',
    'retire',
  ] as const) {
    if (kind === name) return kind;
  }
  throw new Error(`${name} is no kind of step`);
}
