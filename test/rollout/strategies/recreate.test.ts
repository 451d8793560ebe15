/** Recreate: for workers that serve no traffic; old first where two must never run at a time. */
import { describe, expect, test } from 'vitest';
import type { ObservedGroup } from '../../../src/rollout/observation.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { crashing, running, stopped } from '../world.ts';
import { checkNamed, oneGate, Story } from './story.ts';
import type { Plot } from './story.ts';

function plot(order: 'newFirst' | 'oldFirst', { settings, ...more }: Plot = {}): Plot {
  return {
    live: { west: 1 },
    hasTraffic: false,
    ...more,
    settings: { ...settings, strategy: { kind: 'recreate', order } },
  };
}

describe('recreate', () => {
  test('new first: both run until the new one is verified', () => {
    const story = new Story(plot('newFirst'));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines).toEqual([
      'provision candidate: make new west-1',
      'verify candidate',
      'retire live: delete old west-1',
    ]);
    expect(story.mostGroups()).toBe(2);
  });

  test('old first, for a single writer: the old one is seen to be gone before the new one is made', () => {
    const story = new Story(plot('oldFirst'));
    story.allows = ({ kind }) => kind !== 'deleteGroup' || story.now > story.rollout.startedAt + 30_000;
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines[0]).toMatch(/^retire live: delete old west-1/);
    expect(story.lines.slice(1)).toEqual(['provision candidate: make new west-1', 'verify candidate']);
    expect(story.mostGroups()).toBe(1);
  });

  test('old first: a new one that crashes goes, and only then the old one is made again and proven', () => {
    const story = new Story(plot('oldFirst'));
    story.allows = ({ kind, group }) => {
      if (kind !== 'createGroup' || !group.name.startsWith('new')) return true;
      story.groups.set(group.name, crashing(group.name, 'new'));
      return false;
    };
    const end = story.tell();
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.lines.slice(-3)).toEqual([
      'retire candidate: delete new west-1',
      'provision live: make old west-1',
      'verify live',
    ]);
    expect(story.mostGroups()).toBe(1);
  });

  test('old first: can still be aborted when the new one runs', () => {
    const story = new Story(plot('oldFirst'));
    const verifying = story.tell(story.rollout, 'verify candidate');
    const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
    expect(story.tell(turnBack(verifying, told, story.now)).finished?.outcome).toBe('Aborted');
    expect(story.state().groups).toEqual(['old west-1']);
    expect(story.mostGroups()).toBe(1);
  });

  describe('old first: a new one that goes before it was seen to run', () => {
    const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
    const creating = { ...running('new west-1', 'new'), provisioningState: 'Creating' };

    /** How long after it was called off the old one is made again. */
    function waitMs(story: Story, seen: ObservedGroup | undefined): number {
      story.allows = ({ kind, group }) => {
        if (kind !== 'createGroup' || group.name !== creating.name) return true;
        if (seen !== undefined) story.groups.set(seen.name, seen);
        return false;
      };
      const asked = story.step(story.tell(story.rollout, 'provision candidate')).rollout;
      const looked = story.step(asked).rollout;
      const calledOffAt = story.now;
      return story.tell(turnBack(looked, told, calledOffAt), 'provision live').enteredAt - calledOffAt;
    }

    test.each([
      ['was asked for and is not found', undefined, 30_000],
      ['is deleted while it is made', creating, 30_000],
      ['was made just now, as it may not be found once more', { ...creating, provisioningState: 'Succeeded' }, 30_000],
    ])('that %s', (_, seen, ms) => {
      expect(waitMs(new Story(plot('oldFirst')), seen)).toBe(ms);
    });
  });

  test.each(['newFirst', 'oldFirst'] as const)('%s: people are asked before the old one goes for good', (order) => {
    const checks = { before: [checkNamed('smoke')], after: [] };
    const story = new Story(plot(order, { settings: { promotion: oneGate, checks } }));
    const waiting = story.tell(story.rollout, 'gate candidate');
    expect(story.step(waiting)).toMatchObject({ change: undefined });
    story.votes = [{ by: 'ann', at: story.now, full: false }];
    expect(story.state().groups).toContain('old west-1');
    expect(story.tell(waiting).finished?.outcome).toBe('Succeeded');
  });

  test('old first: bakes, is checked afterwards, and goes back where that fails', () => {
    const checks = { before: [checkNamed('smoke')], after: [checkNamed('lag')] };
    const story = new Story(plot('oldFirst', { settings: { bakeMs: 60_000, checks } }));
    const baking = story.tell(story.rollout, 'bake candidate');
    const checking = story.tell(baking, 'check candidate after');
    expect(checking.enteredAt - baking.enteredAt).toBe(60_000);
    story.measure = () => 'failure';
    expect(story.tell(checking).finished?.outcome).toBe('RolledBack');
    expect([story.state().groups, story.mostGroups()]).toEqual([['old west-1'], 1]);
  });

  describe.each([
    ['a rollback', { isRollback: true }],
    ['a repair', { isRepair: true }],
  ])('old first: %s', (_, origin) => {
    const settings = { promotion: oneGate, bakeMs: 60_000 };

    test('deletes the old one before it makes the new one, and waits for nobody', () => {
      const story = new Story(plot('oldFirst', { live: { west: 1 }, origin, settings }));
      expect(story.tell().finished?.outcome).toBe('Succeeded');
      expect(story.lines).toEqual([
        'retire live: delete old west-1',
        'provision candidate: make new west-1',
        'verify candidate',
      ]);
      expect(story.mostGroups()).toBe(1);
    });

    test('that cannot be made goes back, one at a time', () => {
      const story = new Story(plot('oldFirst', { live: { west: 1 }, origin }));
      const full = { code: 'ServiceUnavailable', message: 'no room', fault: 'world' } as const;
      story.refuse(({ kind, group }) => kind === 'createGroup' && group.name.startsWith('new'), full);
      expect(story.tell().finished?.outcome).toBe('RolledBack');
      expect([story.state().groups, story.mostGroups()]).toEqual([['old west-1'], 1]);
    });
  });

  test('old first: a kept, stopped one is started only when the old one is gone, and stopped before that comes back', () => {
    const kept = { until: 0, by: 'ann', name: '1.1.0', at: 0 };
    const story = new Story(plot('oldFirst', { live: { west: 1 }, origin: { isRollback: true, kept } }));
    story.groups.set('new west-1', stopped('new west-1', 'new'));
    const verifying = story.tell(story.rollout, 'verify candidate');
    expect(story.lines).toEqual(['retire live: delete old west-1', 'provision candidate: start new west-1']);
    const told = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
    expect(story.tell(turnBack(verifying, told, story.now)).finished?.outcome).toBe('Aborted');
    expect(story.lines.slice(3)).toEqual([
      'stop candidate: stop new west-1',
      'provision live: make old west-1',
      'verify live',
    ]);
  });
});
