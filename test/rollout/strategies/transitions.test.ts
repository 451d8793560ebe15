/**
 * The transition table of the steps that only some plans have: what each situation leads to. A cell reads
 * `change (fault) → step side: effects`, as in test/rollout/transitions.test.ts.
 */
import { describe, expect, test } from 'vitest';
import type { Rollout } from '../../../src/rollout/state.ts';
import { afterMs, asItIs, both, groupsUnseen, testTable } from '../table.ts';
import type { Row as AnyRow, Situation as AnySituation } from '../table.ts';
import { crashing, running } from '../world.ts';
import { checkNamed, oneGate, Story } from './story.ts';

type Situation = AnySituation<Story>;
type Row = AnyRow<Story>;

const NEW = ['new west-1', 'new west-2'];
const KINDS = ['check', 'gate', 'weigh', 'bake'] as const;

/** A world and a rollout that has just entered the step. */
function scene(kind: (typeof KINDS)[number]): { world: Story; rollout: Rollout } {
  const strategy = { kind: 'canary', steps: [{ share: 10, bakeMs: 60_000, gate: oneGate }] } as const;
  const check = checkNamed('rate', { errorLimit: 1, failureLimit: 1, inconclusiveLimit: 1, count: 5 });
  const story = new Story({ settings: { strategy, checks: { before: [], after: [check] } } });
  const part = kind === 'check' ? '10 %, after' : '10 %';
  return { world: story, rollout: story.tell(story.rollout, `${kind} candidate ${part}`) };
}

const groupsAre =
  (make: typeof running): Situation =>
  (story) => {
    for (const name of NEW) story.groups.set(name, make(name, 'new'));
  };
const vanished: Situation = (story) => void story.groups.delete('new west-2');
const failed = groupsAre((name, id) => ({ ...running(name, id), provisioningState: 'Failed' }));
const restarted = groupsAre((name, id) => {
  const group = running(name, id);
  return { ...group, containers: group.containers.map((one) => ({ ...one, restarts: 1 })) };
});
const failing: Situation = (story) => {
  story.isHealthy = (name) => !name.startsWith('new');
  // The result of the look before has been counted.
  story.now += 1;
};
const measured =
  (kind: 'failure' | 'error' | 'inconclusive' | 'success'): Situation =>
  (story) =>
    void (story.measure = () => kind);
const promoted =
  (full = false): Situation =>
  (story) =>
    void (story.votes = [{ by: 'ann', at: story.now, full }]);
/** So many looks, a second apart, before the one that counts. */
const looks =
  (times: number): Situation =>
  (story, rollout) => {
    let current = rollout;
    for (let look = 0; look < times; look += 1) {
      current = story.step(current).rollout;
      story.now += 1000;
    }
    return current;
  };
const weighted =
  (weights: { old: number; new: number }): Situation =>
  (story) => {
    for (const name of NEW) story.setEndpoint(`viridian.${name}`, `${name}.example`, true, weights.new);
    for (const name of ['old west-1', 'old west-2'])
      story.setEndpoint(`viridian.${name}`, `${name}.example`, true, weights.old);
  };

/** What is the same in all steps that need a candidate which stands by its proof. */
function proven(kind: string): readonly Row[] {
  const back = 'turnedBack';
  const wayBack = 'deregister candidate';
  return [
    ['a crash loop', groupsAre(crashing), `${back} (release) → ${wayBack}`],
    ['a group vanishes', vanished, `${back} (world) → ${wayBack}`],
    ['provisioning turns to Failed', failed, `${back} (world) → ${wayBack}`],
    ['too many failed probes in a row', both(failing, looks(2)), `${back} (release) → ${wayBack}`],
    ['one failed probe, its time not over', failing, `waits → ${kind} candidate`],
    ['a restart', restarted, `waits → ${kind} candidate`],
  ];
}

const table: Readonly<Record<(typeof KINDS)[number], readonly Row[]>> = {
  weigh: [
    ...proven('weigh').filter(([name]) => !name.includes('its time') && name !== 'a restart'),
    ['one failed probe', failing, 'waits → weigh candidate'],
    ['a restart', restarted, 'waits → weigh candidate'],
    ['nothing is weighed', asItIs, 'waits → weigh candidate: enableEndpoint old west-1'],
    [
      'the live ones are weighed',
      (s) => void ['old west-1', 'old west-2'].map((n) => s.setEndpoint(`viridian.${n}`, `${n}.example`, true, 999)),
      'waits → weigh candidate: enableEndpoint new west-1',
    ],
    ['all are weighed', weighted({ old: 999, new: 111 }), 'stepDone → bake candidate'],
    [
      'somebody changed a live weight',
      weighted({ old: 5, new: 111 }),
      'waits → weigh candidate: enableEndpoint old west-1',
    ],
    [
      'somebody changed the candidate’s',
      weighted({ old: 999, new: 5 }),
      'waits → weigh candidate: enableEndpoint new west-1',
    ],
    [
      'the candidate is still checked',
      both(
        weighted({ old: 999, new: 111 }),
        (s) => void (s.monitor = (n) => (n.includes('new') ? 'CheckingEndpoint' : 'Online')),
      ),
      'waits → weigh candidate',
    ],
    ['the profile cannot be read', (s) => void (s.profileKnown = false), 'waits → weigh candidate'],
    ['the profile is gone', (s) => void (s.profileExists = false), 'waits → weigh candidate'],
    ['groups cannot be seen', groupsUnseen, 'waits → weigh candidate: enableEndpoint old west-1'],
    [
      'the deadline passes',
      both(afterMs(3_600_000), (s) => void (s.profileKnown = false)),
      'turnedBack (world) → deregister candidate',
    ],
  ],
  bake: [
    ...proven('bake'),
    ['its time is not over', afterMs(59_999), 'waits → bake candidate'],
    ['its time is over', afterMs(60_000), 'stepDone → check candidate'],
    ['its time is over and a probe fails', both(afterMs(60_000), failing), 'waits → bake candidate'],
    ['groups cannot be seen, its time not over', groupsUnseen, 'waits → bake candidate'],
    ['groups cannot be seen, its time over', both(groupsUnseen, afterMs(60_000)), 'waits → bake candidate'],
    ['a vote', promoted(), 'waits → bake candidate'],
    ['a vote for all of it', promoted(true), 'stepDone → check candidate'],
    [
      'what must prove itself again does not for as long as a verification',
      both(restarted, looks(1), groupsUnseen, afterMs(60_000 + 60_000)),
      'turnedBack (world) → deregister candidate',
    ],
  ],
  check: [
    ...proven('check'),
    ['a first success', asItIs, 'waits → check candidate'],
    ['all are successes', looks(4), 'stepDone → gate candidate'],
    ['failures within the limit', both(measured('failure'), looks(0)), 'waits → check candidate'],
    ['failures beyond the limit', both(measured('failure'), looks(1)), 'turnedBack (release) → deregister candidate'],
    ['errors beyond the limit', both(measured('error'), looks(1)), 'turnedBack (world) → deregister candidate'],
    ['inconclusive beyond the limit', both(measured('inconclusive'), looks(1)), 'waits → check candidate'],
    [
      'inconclusive beyond the limit, for a day',
      both(measured('inconclusive'), looks(1), afterMs(86_400_000)),
      'waits → check candidate',
    ],
    [
      'inconclusive beyond the limit, and a vote',
      both(measured('inconclusive'), looks(1), promoted()),
      'stepDone → gate candidate',
    ],
    ['a vote while it is measured', promoted(), 'waits → check candidate'],
    ['a vote for all of it', promoted(true), 'stepDone → gate candidate'],
    ['groups cannot be seen: it is measured all the same', both(groupsUnseen, looks(4)), 'stepDone → gate candidate'],
    ['groups cannot be seen', groupsUnseen, 'waits → check candidate'],
    ['the deadline passes', both(measured('error'), afterMs(3_600_000)), 'turnedBack (world) → deregister candidate'],
  ],
  gate: [
    ...proven('gate'),
    ['nobody votes', asItIs, 'waits → gate candidate'],
    ['a vote', promoted(), 'stepDone → deregister live'],
    ['a vote for all of it', promoted(true), 'stepDone → deregister live'],
    ['a vote, and a probe fails', both(promoted(), failing), 'waits → gate candidate'],
    ['groups cannot be seen', groupsUnseen, 'waits → gate candidate'],
    ['groups cannot be seen, and a vote', both(groupsUnseen, promoted()), 'stepDone → deregister live'],
    ['its time is over', afterMs(600_000), 'turnedBack (operator) → deregister candidate'],
    [
      'its time is over, and what must prove itself does not',
      both(restarted, looks(1), groupsUnseen, afterMs(600_000)),
      'waits → gate candidate',
    ],
    [
      'and not for as long as a verification',
      both(restarted, looks(1), groupsUnseen, afterMs(660_000)),
      'turnedBack (world) → deregister candidate',
    ],
  ],
};

describe.each(KINDS)('%s', (kind) => {
  testTable(table[kind], () => scene(kind));

  test('has what is done, waited for, broken and unknown', () => {
    const cells = table[kind].map(([situation, , expected]) => `${situation}: ${expected}`);
    expect(cells.some((text) => text.includes('stepDone'))).toBe(true);
    expect(cells.some((text) => text.includes('turnedBack'))).toBe(true);
    expect(cells.some((text) => /cannot be (read|seen).*: waits → [a-z ]+$/.test(text))).toBe(true);
  });
});
