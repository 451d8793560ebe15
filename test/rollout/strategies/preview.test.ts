/** A preview: few groups of the candidate come first, are checked and shown, and the rest is there before the shift. */
import { describe, expect, test } from 'vitest';
import { jobsToCreate } from '../../../src/rollout/job.ts';
import { currentStep, groupsIn, stepName } from '../../../src/rollout/state.ts';
import { planBack, turnBack } from '../../../src/rollout/turn-back.ts';
import { checkNamed, oneGate, Story } from './story.ts';
import type { Plot } from './story.ts';

const PLACES = { west: 3, north: 2 };
const LIVE = ['old north-1', 'old north-2', 'old west-1', 'old west-2', 'old west-3'];
const FIRST = ['new north-1', 'new west-1'];
const TOLD = { outcome: 'Aborted', reason: 'told to', fault: 'operator' } as const;

function shown({ settings, ...more }: Plot = {}): Story {
  const checks = { before: [checkNamed('smoke')], after: [] };
  const preview = { replicas: 1 };
  return new Story({ live: PLACES, ...more, settings: { preview, promotion: oneGate, checks, ...settings } });
}

describe('a preview', () => {
  test('S28: comes first, is checked and promoted; the rest is there before the shift; blue keeps its full count', () => {
    const story = shown();
    const waiting = story.tell(story.rollout, 'gate candidate preview');
    expect(story.state()).toEqual({ groups: [...FIRST, ...LIVE], enabled: LIVE });
    story.votes = [{ by: 'ann', at: waiting.enteredAt, full: false }];
    const complete = story.tell(waiting, 'register candidate');
    expect(story.state()).toEqual({
      groups: ['new north-1', 'new north-2', 'new west-1', 'new west-2', 'new west-3', ...LIVE],
      enabled: LIVE,
    });
    expect(story.tell(complete).finished?.outcome).toBe('Succeeded');
    expect(story.lines).toEqual([
      'provision candidate preview: make new west-1, make new north-1',
      'verify candidate preview',
      'check candidate preview, before',
      'gate candidate preview',
      'provision candidate the rest: make new west-2, make new west-3, make new north-2',
      'verify candidate all',
      expect.stringMatching(/^register candidate: (enable new [a-z]+-\d(, )?){5}$/),
      'online candidate',
      expect.stringMatching(/^deregister live: (disable old [a-z]+-\d(, )?){5}$/),
      'drain live',
      expect.stringMatching(/^retire live: /),
    ]);
    expect([story.fewestServing(), story.mostGroups()]).toEqual([5, 10]);
  });

  test('S28: the canary shows it before its first share', () => {
    const strategy = { kind: 'canary', steps: [{ share: 10, bakeMs: 0 }] } as const;
    const kinds = shown({ settings: { strategy } }).rollout.plan.map(stepName);
    expect(kinds.slice(3, 7)).toEqual([
      'gate candidate preview',
      'provision candidate the rest',
      'verify candidate all',
      'weigh candidate 10 %',
    ]);
  });

  test.each([
    ['as many replicas as it has', { live: { west: 1, north: 1 } }],
    ['a smaller app by now', { live: PLACES, candidate: { west: 1, north: 1 } }],
  ])('S28: of %s is the whole, by the plan without one', (_, plot) => {
    const { rollout } = shown(plot);
    const without = shown({ ...plot, settings: { preview: undefined } });
    expect(rollout.plan).toEqual(without.rollout.plan);
  });

  test.each([
    ['a first deployment', { live: {}, candidate: PLACES }],
    ['a repair', { origin: { isRepair: true } }],
    ['a rollback', { origin: { isRollback: true } }],
  ])('S28: %s comes all at once', (_, plot) => {
    expect(shown(plot).rollout.plan.filter(({ kind }) => kind === 'provision')).toEqual([
      { kind: 'provision', side: 'candidate' },
    ]);
  });

  test('S28: its jobs and checks are told of the groups that are there', () => {
    const job = {
      kind: 'job',
      image: 'candidate',
      container: 'smoke',
      command: undefined,
      cpu: 1,
      memoryGb: 1,
    } as const;
    const checks = { before: [checkNamed('smoke', { source: { ...job, deadlineMs: 9000 } })], after: [] };
    const story = shown({ settings: { checks } });
    const checking = story.tell(story.rollout, 'check candidate preview, before');
    const step = currentStep(checking);
    expect(
      step === undefined
        ? []
        : groupsIn(checking, step)
            .map(({ name }) => name)
            .sort(),
    ).toEqual(FIRST);
    const seen = story.observe(checking);
    expect(jobsToCreate(checking, seen, story.now)).toMatchObject([
      { kind: 'createJob', targets: ['new west-1.example', 'new north-1.example'] },
    ]);
  });

  test('S28: one that fails its check goes back, and nothing else was ever made', () => {
    const story = shown();
    story.measure = () => 'failure';
    const end = story.tell();
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.lines.slice(3)).toEqual([
      'capture candidate',
      'retire candidate preview: delete new west-1, delete new north-1',
    ]);
    expect(story.state()).toEqual({ groups: LIVE, enabled: LIVE });
  });

  test('S28: superseded while people look at it, only what was made goes', () => {
    const story = shown();
    const waiting = story.tell(story.rollout, 'gate candidate preview');
    const newer = { outcome: 'Superseded', reason: 'a newer release', fault: 'operator' } as const;
    story.lines.length = 0;
    expect(story.tell(turnBack(waiting, newer, story.now)).finished?.outcome).toBe('Superseded');
    expect(story.lines).toEqual(['retire candidate preview: delete new west-1, delete new north-1']);
  });

  test('S28: one that falls ill while the rest is made never gets traffic', () => {
    const story = shown();
    const waiting = story.tell(story.rollout, 'gate candidate preview');
    story.votes = [{ by: 'ann', at: waiting.enteredAt, full: false }];
    const growing = story.tell(waiting, 'provision candidate the rest');
    story.isHealthy = (name) => name !== 'new west-1';
    const end = story.tell(growing);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.log.filter((line) => line.includes('Endpoint'))).toEqual([]);
    expect(story.state().groups).toEqual(LIVE);
  });

  test('S28: aborted after the shift, both of its parts go', () => {
    const story = shown({ settings: { bakeMs: 60_000, promotion: undefined } });
    const baking = story.tell(story.rollout, 'bake candidate');
    expect(planBack(baking).map(stepName)).toEqual([
      'register live',
      'online live',
      'deregister candidate',
      'drain candidate',
      'retire candidate the rest',
      'retire candidate preview',
    ]);
    story.tell(turnBack(baking, TOLD, story.now));
    expect(story.state()).toEqual({ groups: LIVE, enabled: LIVE });
  });
});
