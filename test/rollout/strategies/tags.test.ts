/** Tags by what a stack is: which a group carries when, over each strategy, and on the way back. */
import { describe, expect, test } from 'vitest';
import type { RolloutSettings } from '../../../src/model/app.ts';
import { decide } from '../../../src/rollout/decide.ts';
import { stepName } from '../../../src/rollout/state.ts';
import type { Rollout } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { Story } from './story.ts';
import type { Plot } from './story.ts';

const TAGS = { candidate: { role: 'green', preview: 'yes' }, live: { role: 'blue', paged: 'yes' } };
const BLUE = 'paged=yes role=blue';
const GREEN = 'preview=yes role=green';
const TOLD = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;

/** What was live before carries the tags of that, and one of somebody else's. */
function tagging({ settings, ...more }: Plot = {}): Story {
  const story = new Story({ ...more, settings: { tags: TAGS, ...settings } });
  for (const [name, group] of story.groups)
    story.groups.set(name, { ...group, tags: { ...TAGS.live, team: 'shop', ...group.tags } });
  return story;
}

/** Tags of the groups that are there, without those that tell whose they are. */
function tagsOf(story: Story): Readonly<Record<string, string>> {
  const shown = [...story.groups].map(([name, { tags }]): [string, string] => {
    const own = Object.entries(tags).filter(([key]) => key !== 'viridian-rollout');
    return [
      name,
      own
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(' '),
    ];
  });
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const bothOf = (name: string, tags: string) => ({ [`${name} west-1`]: tags, [`${name} west-2`]: tags });
const tagSteps = ({ plan }: Rollout) =>
  plan.flatMap((step, index) => (step.kind === 'tag' ? [`${stepName(step)} as ${step.as} (${index})`] : []));

describe('tags by role', () => {
  test('S29: a candidate is made with its own; at the switch it gets those of the live, and its own are removed', () => {
    const story = tagging({ settings: { bakeMs: 60_000 } });
    const tagged = story.tell(story.rollout, 'tag candidate');
    expect(tagsOf(story)).toEqual({ ...bothOf('new', GREEN), ...bothOf('old', `${BLUE} team=shop`) });
    expect(story.state().enabled).toEqual(['new west-1', 'new west-2']);
    const baking = story.tell(tagged, 'bake candidate');
    expect(tagsOf(story)).toEqual({ ...bothOf('new', BLUE), ...bothOf('old', `${BLUE} team=shop`) });
    expect(story.tell(baking).finished?.outcome).toBe('Succeeded');
    expect(tagsOf(story)).toEqual(bothOf('new', BLUE));
    expect(story.lines.filter((line) => line.startsWith('tag'))).toEqual([
      'tag candidate: tag new west-1, tag new west-2',
    ]);
  });

  test('S29: what is kept loses the tags of the live once it has drained, and gets them back by a rollback', () => {
    const story = tagging({ settings: { retain: { forMs: 60_000, count: 1 } } });
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines.slice(-2)).toEqual(['drain live', 'tag live: tag old west-1, tag old west-2']);
    expect(tagsOf(story)).toEqual({ ...bothOf('new', BLUE), ...bothOf('old', 'team=shop') });
    const rollback = tagging({ origin: { isRollback: true } });
    for (const { name, group } of keptGroups(rollback)) rollback.groups.set(name, group);
    expect(rollback.tell().finished?.outcome).toBe('Succeeded');
    expect(tagsOf(rollback)).toEqual(bothOf('new', BLUE));
    expect(rollback.log.filter((line) => line.startsWith('createGroup'))).toEqual([]);
  });

  const cases: readonly (readonly [string, RolloutSettings['strategy'], readonly string[]])[] = [
    ['blueGreen, once it is alone in rotation', { kind: 'blueGreen' }, ['tag candidate as live (5)']],
    [
      'canary, with all of the traffic',
      { kind: 'canary', steps: [{ share: 10, bakeMs: 0 }] },
      ['tag candidate as live (5)'],
    ],
    [
      'rolling, batch by batch',
      { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 },
      ['tag candidate batch 1 as live (4)', 'tag candidate batch 2 as live (12)'],
    ],
    [
      'waves, location by location',
      { kind: 'waves', waves: [{ locations: ['west'], bakeMs: 0 }] },
      ['tag candidate west as live (5)'],
    ],
  ];

  test.each(cases)('S29: of %s', (_, strategy, steps) => {
    const story = tagging({ settings: { strategy } });
    expect(tagSteps(story.rollout)).toEqual(steps);
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(tagsOf(story)).toEqual(bothOf('new', BLUE));
  });

  test.each([
    ['a first deployment', { live: {}, candidate: { west: 2 } }],
    ['a repair', { origin: { isRepair: true } }],
    ['recreate', { hasTraffic: false, settings: { strategy: { kind: 'recreate', order: 'oldFirst' } } }],
  ] satisfies [string, Plot][])('S29: after %s the groups carry the tags of the live', (_, plot) => {
    const story = tagging(plot);
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(tagsOf(story)).toEqual(bothOf('new', BLUE));
  });

  test('S29: with no tags asked for there is no step, and no group is changed', () => {
    const story = new Story({ settings: { retain: { forMs: 60_000, count: 1 } } });
    expect(tagSteps(story.rollout)).toEqual([]);
    story.tell();
    expect(story.log.filter((line) => line.startsWith('tagGroup'))).toEqual([]);
  });

  test('S29: rolled back in the bake, the live stack never lost its tags, and none is written for what goes', () => {
    const story = tagging({ settings: { bakeMs: 60_000 } });
    const baking = story.tell(story.rollout, 'bake candidate');
    story.lines.length = 0;
    expect(story.tell(turnBack(baking, TOLD, story.now)).finished?.outcome).toBe('Aborted');
    expect(story.lines.filter((line) => line.startsWith('tag'))).toEqual([]);
    expect(tagsOf(story)).toEqual(bothOf('old', `${BLUE} team=shop`));
  });

  test('S29: turned back at the very end, traffic comes back first, and then the tags', () => {
    const story = tagging({ settings: { retain: { forMs: 60_000, count: 1 } } });
    const leaving = story.tell(story.rollout, 'tag live');
    const { rollout } = story.step(leaving);
    story.lines.length = 0;
    story.tell(turnBack(rollout, TOLD, story.now));
    expect(story.lines.map((line) => line.split(':')[0])).toEqual([
      'register live',
      'online live',
      'deregister candidate',
      'drain candidate',
      'capture candidate',
      'retire candidate',
      'tag live',
    ]);
    expect(tagsOf(story)).toEqual(bothOf('old', `${BLUE} team=shop`));
  });

  test('S29: a failed candidate that is kept is tagged as a candidate again', () => {
    const story = tagging({ settings: { bakeMs: 60_000, keepFailedMs: 60_000 } });
    const baking = story.tell(story.rollout, 'bake candidate');
    story.tell(turnBack(baking, TOLD, story.now));
    expect(tagsOf(story)).toEqual({ ...bothOf('new', GREEN), ...bothOf('old', `${BLUE} team=shop`) });
  });

  test('S29: what rolling makes again on the way back carries the tags of the live', () => {
    const story = tagging({ settings: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } });
    const second = story.tell(story.rollout, 'provision candidate batch 2');
    story.tell(turnBack(second, TOLD, story.now));
    expect(tagsOf(story)).toEqual({ 'old west-1': BLUE, 'old west-2': `${BLUE} team=shop` });
  });

  test('S29: a tag that Azure never takes is told, and holds nothing up', () => {
    const story = tagging({ settings: { retain: { forMs: 60_000, count: 1 } } });
    story.refuse(({ kind }) => kind === 'tagGroup', { fault: 'operator', code: 'Disallowed', message: 'by policy' });
    const end = story.tell();
    expect(end.finished?.outcome).toBe('Succeeded');
    const told = story.changes.flatMap((change) => (change.kind === 'leftOut' ? [change.reason] : []));
    expect(told).toEqual([
      expect.stringMatching(
        /^tag took longer than 60 s: tagging 2 groups of 2 as live \(refused: Disallowed: by policy\)/,
      ),
      expect.stringMatching(/^tag took longer than 60 s: tagging 2 groups of 2 as retired/),
    ]);
  });

  test('S29: one group is written at a time, and looked at again at once; the same is repeated only after a pause', () => {
    const story = tagging();
    const tagged = story.tell(story.rollout, 'tag candidate');
    const first = decide(tagged, story.observe(tagged), story.now);
    expect(first.effects.map(({ group }) => group.name)).toEqual(['new west-1']);
    expect(first.wakeAt).toBe(story.now);
    const second = decide(first.rollout, story.observe(first.rollout), story.now);
    expect(second.effects.map(({ group }) => group.name)).toEqual(['new west-2']);
    expect(decide(second.rollout, story.observe(second.rollout), story.now).effects).toEqual([]);
  });
});

/** The candidate of a rollback, as it stands there, out of rotation. */
function keptGroups(story: Story) {
  const [any] = story.groups.values();
  const groups = story.rollout.candidate?.groups ?? [];
  return groups.flatMap(({ name }) =>
    any === undefined
      ? []
      : [{ name, group: { ...any, name, fqdn: `${name}.example`, tags: { 'viridian-rollout': 'new' } } }],
  );
}
