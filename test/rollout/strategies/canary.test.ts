/** Canary: growing shares by weights, each watched; whatever fails, the candidate leaves at once. */
import { describe, expect, test } from 'vitest';
import type { CanaryStep } from '../../../src/model/app.ts';
import { currentStep } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { checkNamed, oneGate, Story } from './story.ts';
import type { Plot } from './story.ts';

const TOLD = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;

function canary(steps: readonly Partial<CanaryStep>[], { settings, ...more }: Plot = {}): Plot {
  const full = steps.map((step) => ({ share: 10, bakeMs: 0, ...step }));
  return { ...more, settings: { ...settings, strategy: { kind: 'canary', steps: full } } };
}

const lost = (story: Story, name: string) => {
  for (const [key, { target }] of story.endpoints) if (target === `${name}.example`) story.endpoints.delete(key);
};
const shares = (story: Story) => story.moments.map(({ share }) => Math.round(share));

describe('a canary rollout', () => {
  test('S107: gives shares in the order of the list, watches each, and then all: N → 2N → N', () => {
    const story = new Story(canary([{ share: 10, bakeMs: 60_000 }, { share: 50 }]));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines).toEqual([
      'provision candidate: make new west-1, make new west-2',
      'verify candidate',
      'weigh candidate 10 %: enable old west-1 at 999, enable old west-2 at 999, enable new west-1 at 111, enable new west-2 at 111',
      'bake candidate 10 %',
      'weigh candidate 50 %: enable old west-1 at 1000, enable old west-2 at 1000, enable new west-1 at 1000, enable new west-2 at 1000',
      'deregister live: disable old west-1, disable old west-2',
      'weigh candidate alone: enable new west-1, enable new west-2',
      'drain live',
      'retire live: forget old west-1, forget old west-2, delete old west-1, delete old west-2',
    ]);
    expect([story.mostGroups(), story.fewestServing()]).toEqual([4, 2]);
    expect(story.state()).toEqual({ groups: ['new west-1', 'new west-2'], enabled: ['new west-1', 'new west-2'] });
  });

  test('R10: an endpoint that is lost before the live stack leaves comes back with the weight of the last share', () => {
    const story = new Story(canary([{ share: 10 }]));
    const leaving = story.tell(story.rollout, 'deregister live');
    lost(story, 'new west-1');
    story.lines.length = 0;
    expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
    expect(story.lines[0]).toBe('deregister live: enable new west-1 at 111, disable old west-1, disable old west-2');
  });

  test('is never planned anew where its candidate does not serve as the live stack is to leave: it goes back', () => {
    const story = new Story(canary([{ share: 10 }]));
    const leaving = story.tell(story.rollout, 'deregister live');
    story.monitor = (name) => (name.includes('new') ? 'Degraded' : 'Online');
    const end = story.tell(leaving);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'world' } });
    expect(end.turnedBack?.reason).toMatch(/^deregister took longer/);
    expect(story.changes.map(({ kind }) => kind)).not.toContain('replanned');
  });

  test.each([
    { live: { west: 1 }, candidate: { west: 1 } },
    { live: { west: 10 }, candidate: { west: 10 } },
    { live: { west: 10 }, candidate: { west: 2 } },
    { live: { west: 1 }, candidate: { west: 6 } },
  ])('S107: never gives more than the share, also between two writes: $live beside $candidate', (places) => {
    const steps = [1, 5, 25, 50, 75, 99];
    const story = new Story(
      canary(
        steps.map((share) => ({ share })),
        places,
      ),
    );
    let before = 0;
    for (const [index, share] of steps.entries()) {
      const next = steps[index + 1];
      const step = next === undefined ? 'deregister live' : `weigh candidate ${next} %`;
      const from = story.moments.length;
      story.tell(index === 0 ? story.rollout : story.last, step);
      const meanwhile = story.moments.slice(from).map((moment) => moment.share);
      expect(Math.max(...meanwhile)).toBeLessThanOrEqual(Math.max(before, share + 0.5));
      expect(story.share()).toBeCloseTo(share, 0);
      before = story.share();
    }
  });

  test('S107: an abort takes the candidate out of rotation before the live weights are touched', () => {
    const story = new Story(canary([{ share: 10, bakeMs: 60_000 }]));
    const baking = story.tell(story.rollout, 'bake candidate 10 %');
    story.lines.length = 0;
    const end = story.tell(turnBack(baking, TOLD, story.now));
    expect(end.finished?.outcome).toBe('Aborted');
    expect(story.lines).toEqual([
      'deregister candidate: disable new west-1, disable new west-2',
      'drain candidate',
      'register live: enable old west-1, enable old west-2',
      'online live',
      'capture candidate',
      'retire candidate: forget new west-1, forget new west-2, delete new west-1, delete new west-2',
    ]);
    expect(Math.max(...shares(story).slice(-10))).toBeLessThanOrEqual(10);
    expect(story.state().enabled).toEqual(['old west-1', 'old west-2']);
  });

  test('S107: whose live stack has left already brings that back before the candidate leaves', () => {
    const story = new Story(canary([{ share: 10 }, { share: 50 }], { settings: { bakeMs: 60_000 } }));
    const baking = story.tell(story.rollout, 'bake candidate');
    story.lines.length = 0;
    expect(story.tell(turnBack(baking, TOLD, story.now)).finished?.outcome).toBe('Aborted');
    expect(story.lines.map((line) => line.replace(/:.*/, ''))).toEqual([
      'register live',
      'online live',
      'deregister candidate',
      'drain candidate',
      'capture candidate',
      'retire candidate',
    ]);
    expect(story.fewestServing()).toBe(2);
  });

  test('S44: a check that fails at a share ends it with the live stack as it was, and nothing made', () => {
    const checks = { before: [], after: [checkNamed('rate')] };
    const story = new Story(canary([{ share: 10 }, { share: 50 }], { settings: { checks } }));
    const checking = story.tell(story.rollout, 'check candidate 50 %, after');
    story.measure = () => 'failure';
    story.lines.length = 0;
    const end = story.tell(checking);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.lines.join()).not.toContain('make ');
    expect(story.state()).toEqual({ groups: ['old west-1', 'old west-2'], enabled: ['old west-1', 'old west-2'] });
  });

  test('S33: a gate of a step waits longer than every deadline, at its share', () => {
    const gate = { ...oneGate, timeoutMs: 3_000_000 };
    const story = new Story(canary([{ share: 20, gate }, { share: 50 }]));
    const waiting = story.tell(story.rollout, 'gate candidate 20 %');
    story.now += 2_000_000;
    const still = story.step(waiting);
    expect(still).toMatchObject({ change: undefined, effects: [] });
    expect(story.share()).toBeCloseTo(20, 0);
    story.votes = [{ by: 'ann', at: story.now, full: false }];
    expect(currentStep(story.step(still.rollout).rollout)).toMatchObject({ kind: 'weigh', share: 50 });
  });

  test('S60: a newer release ends it while both serve: the live stack is still there, and nothing is made', () => {
    const story = new Story(canary([{ share: 50, bakeMs: 60_000 }]));
    const baking = story.tell(story.rollout, 'bake candidate 50 %');
    const why = { outcome: 'Superseded', reason: '1.2.0', fault: 'operator' } as const;
    expect(story.tell(turnBack(baking, why, story.now)).finished?.outcome).toBe('Superseded');
    expect(story.state()).toEqual({ groups: ['old west-1', 'old west-2'], enabled: ['old west-1', 'old west-2'] });
  });

  test('R1: the live stack dies once it is out of rotation and the world fails: the candidate stays after all', () => {
    const story = new Story(canary([{ share: 50 }], { settings: { bakeMs: 60_000 } }));
    const baking = story.tell(story.rollout, 'bake candidate');
    story.monitor = (name) => (name.includes('old') ? 'Degraded' : 'Online');
    const outage = { outcome: 'RolledBack', reason: 'an outage', fault: 'world' } as const;
    const end = story.tell(turnBack(baking, outage, story.now));
    expect(end).toMatchObject({ finished: { outcome: 'Succeeded' }, hasTurnedForward: true });
    expect(story.state()).toEqual({ groups: ['new west-1', 'new west-2'], enabled: ['new west-1', 'new west-2'] });
  });

  test('of an app without traffic has nothing to share out: it goes as blueGreen does', () => {
    const story = new Story(canary([{ share: 50 }], { hasTraffic: false }));
    expect(story.tell().plan.map(({ kind }) => kind)).toEqual(['provision', 'verify', 'retire']);
  });
});
