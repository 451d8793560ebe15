/** Waves: one set of locations after the other, the old groups of all of them kept until the last has passed. */
import { describe, expect, test } from 'vitest';
import type { RolloutSettings, Wave } from '../../../src/model/app.ts';
import { currentStep, isSwitching, stepName } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { checkNamed, oneGate, Story } from './story.ts';
import type { Plot } from './story.ts';

const TOLD = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;
const EVERYWHERE = { west: 1, north: 2, east: 1 };

function wavesOf(locations: readonly string[], each: Partial<Wave> = {}): RolloutSettings['strategy'] {
  return { kind: 'waves', waves: locations.map((location) => ({ locations: [location], bakeMs: 0, ...each })) };
}

function plot(strategy: RolloutSettings['strategy'], { settings, ...more }: Plot = {}): Plot {
  return { live: EVERYWHERE, ...more, settings: { ...settings, strategy } };
}

describe('a rollout in waves', () => {
  test('S108: goes through the locations in order, and keeps the old groups of all of them until the end', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'])));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines).toEqual([
      'provision candidate west: make new west-1',
      'verify candidate west',
      'register candidate west: enable new west-1',
      'online candidate west',
      'deregister live west: disable old west-1',
      'provision candidate north: make new north-1, make new north-2',
      'verify candidate north',
      'register candidate north: enable new north-1, enable new north-2',
      'online candidate north',
      'deregister live north: disable old north-1, disable old north-2',
      'provision candidate east: make new east-1',
      'verify candidate east',
      'register candidate east: enable new east-1',
      'online candidate east',
      'deregister live east: disable old east-1',
      'drain live',
      expect.stringMatching(/^retire live: forget old west-1.*delete old east-1$/),
    ]);
    expect([story.mostGroups(), story.fewestServing()]).toEqual([8, 4]);
  });

  test('S108: wave 2 starts only once wave 1 has baked, been checked and been promoted', () => {
    const checks = { before: [], after: [checkNamed('rate')] };
    const story = new Story(
      plot(wavesOf(['west', 'north', 'east'], { bakeMs: 600_000, gate: oneGate }), { settings: { checks } }),
    );
    const baking = story.tell(story.rollout, 'bake candidate west');
    const checking = story.tell(baking, 'check candidate west, after');
    expect(checking.enteredAt - baking.enteredAt).toBe(600_000);
    const waiting = story.tell(checking, 'gate candidate west');
    expect(story.state().groups).not.toContain('new north-1');
    story.votes = [{ by: 'ann', at: waiting.enteredAt, full: false }];
    expect(currentStep(story.step(waiting).rollout)).toMatchObject({ kind: 'provision', part: 'north' });
  });

  test('R9: no two steps of it have one name, also where people are asked before the first wave and after it', () => {
    const settings = { promotion: oneGate };
    const { plan } = new Story(plot(wavesOf(['west', 'north'], { gate: oneGate }), { settings })).rollout;
    expect(new Set(plan.map(stepName)).size).toBe(plan.length);
    expect(plan.filter(({ kind }) => kind === 'gate').map(({ part }) => part)).toEqual([
      'west, before',
      'west',
      'north',
    ]);
  });

  test('S108: a vote for one wave does not promote the next', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'], { gate: oneGate })));
    const waiting = story.tell(story.rollout, 'gate candidate west');
    story.votes = [{ by: 'ann', at: waiting.enteredAt, full: false }];
    const second = story.tell(waiting, 'gate candidate north');
    expect(story.step(second)).toMatchObject({ change: undefined });
  });

  test('S108: a failure in wave 1 leaves the other locations untouched', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'], { bakeMs: 600_000 })));
    const baking = story.tell(story.rollout, 'bake candidate west');
    story.isHealthy = (name) => name !== 'new west-1';
    const end = story.tell(baking);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.log.filter((line) => /north|east/.test(line))).toEqual([]);
    expect(story.state().groups).toEqual(['old east-1', 'old north-1', 'old north-2', 'old west-1']);
  });

  test('S44: a failure in a later wave walks the earlier ones back too, last first, and makes nothing', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'], { bakeMs: 60_000 })));
    const baking = story.tell(story.rollout, 'bake candidate north');
    story.lines.length = 0;
    expect(story.tell(turnBack(baking, TOLD, story.now)).finished?.outcome).toBe('Aborted');
    expect(story.lines).toEqual([
      'register live north: enable old north-1, enable old north-2',
      'online live north',
      'deregister candidate north: disable new north-1, disable new north-2',
      'drain candidate north',
      'capture candidate',
      'retire candidate north: forget new north-1, forget new north-2, delete new north-1, delete new north-2',
      'register live west: enable old west-1',
      'online live west',
      'deregister candidate west: disable new west-1',
      'drain candidate west',
      'retire candidate west: forget new west-1, delete new west-1',
    ]);
    expect(story.fewestServing()).toBe(4);
  });

  test('takes a location that the app has left out of rotation at the end', () => {
    const story = new Story(
      plot(wavesOf(['west', 'north']), { live: { west: 1, north: 1, old: 1 }, candidate: { west: 1, north: 1 } }),
    );
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines.slice(-3)).toEqual([
      'deregister live: disable old old-1',
      'drain live',
      expect.stringContaining('delete old old-1'),
    ]);
    expect(story.fewestServing()).toBe(2);
  });

  test('serves a location that is new from its wave on', () => {
    const story = new Story(plot(wavesOf(['west', 'north']), { live: { west: 1 }, candidate: { west: 1, north: 1 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.state().enabled).toEqual(['new north-1', 'new west-1']);
  });

  test('R1: a new group that degrades after it was Online keeps the old one of its location in rotation', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'])));
    const switching = story.tell(story.rollout, 'deregister live west');
    story.monitor = (name) => (name.includes('new') ? 'Degraded' : 'Online');
    expect(story.step(switching)).toMatchObject({ effects: [] });
  });

  test('S60: from the first switch on a newer release waits; before it the rollout can be superseded', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east'])));
    expect(isSwitching(story.tell(story.rollout, 'online candidate west'))).toBe(false);
    expect(isSwitching(story.tell(story.last, 'deregister live west'))).toBe(true);
  });

  test('of an app without traffic are made one after the other, and what was replaced goes at the end', () => {
    const story = new Story(plot(wavesOf(['west', 'north', 'east']), { hasTraffic: false }));
    expect(story.tell().plan.map(({ kind, part }) => `${kind} ${part}`)).toEqual([
      'provision west',
      'verify west',
      'provision north',
      'verify north',
      'provision east',
      'verify east',
      'retire undefined',
    ]);
    expect(story.state().groups).toEqual(['new east-1', 'new north-1', 'new north-2', 'new west-1']);
  });
});
