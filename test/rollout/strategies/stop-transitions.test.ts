/** The transition table of the stop step, both ways; cells read as in test/rollout/transitions.test.ts. */
import { describe, expect, test } from 'vitest';
import { isPastNoReturn } from '../../../src/rollout/state.ts';
import type { Rollout, Side } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { afterMs, both, testTable } from '../table.ts';
import type { Row as AnyRow, Situation as AnySituation } from '../table.ts';
import { crashing, running, START, stopped } from '../world.ts';
import { Story } from './story.ts';

type Situation = AnySituation<Story>;
type Row = AnyRow<Story>;

const SIDES = { live: ['old west-1', 'old west-2'], candidate: ['new west-1', 'new west-2'] } as const;
const settings = { retain: { forMs: 3_600_000, count: 1, as: 'stopped' } } as const;
const kept = { until: START + 3_600_000, by: 'ann', name: '1.1.0', at: START };

/** A world and a rollout that has just entered the step. */
const scenes: Readonly<Record<Side, () => { world: Story; rollout: Rollout }>> = {
  live() {
    const story = new Story({ settings });
    return { world: story, rollout: story.tell(story.rollout, 'stop live') };
  },
  /** A rollback to what was kept meets an outage once it has begun to serve. */
  candidate() {
    const story = new Story({ settings, origin: { isRollback: true, kept } });
    for (const name of SIDES.candidate) story.groups.set(name, stopped(name, 'new'));
    const switching = story.tell(story.rollout, 'online candidate');
    const why = { outcome: 'RolledBack', reason: 'an outage', fault: 'world' } as const;
    return { world: story, rollout: story.tell(turnBack(switching, why, story.now), 'stop candidate') };
  },
};

const groupsAre =
  (make: typeof running, names: readonly string[]): Situation =>
  (story) => {
    for (const name of names) story.groups.set(name, make(name, name.split(' ')[0] ?? ''));
  };
const enabled =
  (name: string, enabledBy: string): Situation =>
  (story) =>
    story.setEndpoint(enabledBy, `${name}.example`, true);
const refused: Situation = (story, rollout) => {
  story.refuse(({ kind }) => kind === 'stopGroup', { fault: 'operator', code: 'AuthorizationFailed', message: '' });
  return story.step(rollout).rollout;
};

function rowsOf(side: Side): readonly Row[] {
  const [first, second] = SIDES[side];
  const all = [first, second];
  const wait = `waits → stop ${side}`;
  const stopBoth = `${wait}: stopGroup ${first}, stopGroup ${second}`;
  const failed: typeof running = (name, id) => ({
    ...running(name, id),
    provisioningState: 'Failed',
    state: 'Pending',
  });
  const ended: typeof running = (name, id) => ({ ...stopped(name, id), state: 'Succeeded' });
  const starting: typeof running = (name, id) => ({ ...stopped(name, id), provisioningState: 'Pending' });
  const unseen: Situation = (story) => void (story.groupsKnown = false);
  return [
    ['all run', () => undefined, stopBoth],
    ['the first is stopped', groupsAre(stopped, [first]), `${wait}: stopGroup ${second}`],
    ['all are stopped', groupsAre(stopped, all), 'stepDone → end'],
    ['all have ended by themselves', groupsAre(ended, all), 'stepDone → end'],
    ['they are on their way to something else', groupsAre(starting, all), stopBoth],
    ['they crash-loop', groupsAre(crashing, all), stopBoth],
    ['the platform has failed them', groupsAre(failed, all), stopBoth],
    ['they have vanished', (story) => void all.map((name) => story.groups.delete(name)), 'stepDone → end'],
    ['somebody else’s are in their place', groupsAre((name) => running(name, 'foreign'), all), 'stepDone → end'],
    ['groups cannot be seen', unseen, wait],
    ['the profile cannot be read', (story) => void (story.profileKnown = false), wait],
    ['the profile is gone', (story) => void (story.profileExists = false), wait],
    ['somebody enables an endpoint again', enabled(first, `viridian.${first}`), `${wait}: disableEndpoint ${first}`],
    ['somebody else’s endpoint leads to one', enabled(first, 'somebody'), wait],
    ['Azure refuses', refused, wait],
    ['Azure refuses, and it is time to try again', both(refused, afterMs(2000)), stopBoth],
    ['its deadline passes: it is told, and goes on', both(unseen, afterMs(60_000)), 'leftOut → end'],
    [
      'another life cannot know when they left: they drain anew',
      (_, rollout) => ({ ...rollout, removedAt: {}, seenOutAt: {} }),
      wait,
    ],
  ];
}

const ways = [
  ['forward, what was live', 'live'],
  ['back, what was kept', 'candidate'],
] as const;

describe.each(ways)('S70: stop, %s', (_, side) => {
  testTable(rowsOf(side), scenes[side]);
});

test('S70: from the stop of the live stack on there is only forward', () => {
  const { world, rollout } = scenes.live();
  const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
  expect([isPastNoReturn(rollout), turnBack(rollout, told, world.now)]).toEqual([true, rollout]);
});

test('an app without traffic is stopped as soon as the new one runs', () => {
  const story = new Story({ settings, hasTraffic: false });
  story.tell();
  expect(story.lines.at(-1)).toBe('stop live: stop old west-1, stop old west-2');
});
