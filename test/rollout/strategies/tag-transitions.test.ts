/** The transition table of the tag step, both ways; cells read as in test/rollout/transitions.test.ts. */
import { describe } from 'vitest';
import type { Rollout, Side } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { afterMs, asItIs, both, groupsUnseen, testTable } from '../table.ts';
import type { Row as AnyRow, Situation as AnySituation } from '../table.ts';
import { app, running } from '../world.ts';
import { Story } from './story.ts';

type Situation = AnySituation<Story>;
type Row = AnyRow<Story>;

const ROLES = { candidate: { role: 'green', preview: 'yes' }, live: { role: 'blue' } };
const NEW = ['new west-1', 'new west-2'];
const OLD = ['old west-1', 'old west-2'];

const settings = {
  tags: ROLES,
  bakeMs: 60_000,
  retain: { forMs: 60_000, count: 1 },
  keepFailedMs: 60_000,
  deadlines: { ...app.rollout.deadlines, totalMs: 3_000_000 },
};

/** A world and a rollout that has just entered the step. */
const scenes = {
  'forward, the candidate as live': () => at('tag candidate'),
  'forward, the old stack as retired': () => at('tag live'),
  'back, the live stack as live': () => back(at('tag live'), 'tag live'),
  'back, a candidate that is kept': () => back(at('bake candidate'), 'tag candidate'),
};

function at(step: string): { world: Story; rollout: Rollout } {
  const story = new Story({ settings });
  tagged(OLD, ROLES.live)(story);
  return { world: story, rollout: story.tell(story.rollout, step) };
}

function back({ world, rollout }: { world: Story; rollout: Rollout }, step: string) {
  const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
  const isKept = step === 'tag candidate';
  const from = isKept ? rollout : { ...rollout, settings: { ...rollout.settings, keepFailedMs: undefined } };
  if (!isKept) tagged(OLD, {})(world);
  return { world, rollout: world.tell(turnBack(from, told, world.now), step) };
}

const vanished =
  (...names: readonly string[]): Situation =>
  (story) => {
    for (const name of names) story.groups.delete(name);
  };
const tagged =
  (names: readonly string[], tags: Readonly<Record<string, string>>) =>
  (story: Story): void => {
    for (const name of names) {
      const group = running(name, name.split(' ')[0] ?? '');
      story.groups.set(name, { ...group, tags: { ...tags, ...group.tags } });
    }
  };
const foreign =
  (...names: readonly string[]): Situation =>
  (story) => {
    for (const name of names) story.groups.set(name, running(name, 'foreign'));
  };
const refused: Situation = (story, rollout) => {
  story.refuse(({ kind }) => kind === 'tagGroup', {
    fault: 'operator',
    code: 'RequestDisallowedByPolicy',
    message: '',
  });
  return story.step(rollout).rollout;
};

/** The same on either side, in either direction. */
function rowsOf(side: Side, tags: Readonly<Record<string, string>>, next: string): readonly Row[] {
  const [first = '', second = ''] = side === 'live' ? OLD : NEW;
  const wait = `waits → tag ${side}`;
  return [
    ['nothing is tagged', asItIs, `${wait}: tagGroup ${first}`],
    ['the first is tagged', tagged([first], tags), `${wait}: tagGroup ${second}`],
    ['all are tagged', tagged([first, second], tags), `stepDone → ${next}`],
    ['with tags of somebody else’s', tagged([first, second], { ...tags, team: 'shop' }), `stepDone → ${next}`],
    ['with another letter case of Azure’s own', tagged([first, second], upper(tags)), `stepDone → ${next}`],
    ['with another value', tagged([first, second], { ...tags, role: 'mine' }), `${wait}: tagGroup ${first}`],
    [
      'with a tag left of what it was',
      tagged([first, second], { ...tags, preview: 'no' }),
      `${wait}: tagGroup ${first}`,
    ],
    ['one has vanished, the other is tagged', both(tagged([second], tags), vanished(first)), `stepDone → ${next}`],
    ['groups of somebody else’s in their place', foreign(first, second), `stepDone → ${next}`],
    ['groups cannot be seen', groupsUnseen, wait],
    ['Azure refuses the first', refused, `${wait}: tagGroup ${second}`],
    ['Azure refuses both', both(refused, refused), wait],
    ['its deadline passes: it is told, and goes on', both(groupsUnseen, afterMs(60_000)), `leftOut → ${next}`],
  ];
}

/** Only what a role asks for is compared by name. */
function upper(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toUpperCase(), value]));
}

const table: Readonly<Record<keyof typeof scenes, readonly Row[]>> = {
  'forward, the candidate as live': [
    ...rowsOf('candidate', ROLES.live, 'bake candidate').filter(([name]) => !name.startsWith('nothing')),
    ['it carries the tags of a candidate', asItIs, 'waits → tag candidate: tagGroup new west-1'],
    [
      'the deadline of the rollout passes',
      both(groupsUnseen, afterMs(3_000_000)),
      'turnedBack (world) → register live',
    ],
  ],
  'forward, the old stack as retired': [
    ...rowsOf('live', {}, 'end').filter(([name]) => !name.startsWith('the first') && !name.startsWith('with another')),
    ['the first is done', tagged(['old west-1'], {}), 'waits → tag live: tagGroup old west-2'],
  ],
  'back, the live stack as live': rowsOf('live', ROLES.live, 'end'),
  'back, a candidate that is kept': rowsOf('candidate', ROLES.candidate, 'end').filter(
    ([name]) => !name.startsWith('with a tag left'),
  ),
};

describe.each(Object.keys(scenes) as (keyof typeof scenes)[])('S29: tag, %s', (name) => {
  testTable(table[name], scenes[name]);
});
