/** What a rollout starts from: nothing, an unhealthy live stack, somebody else's groups, or a stack that is kept. */
import { describe, expect, test } from 'vitest';
import { running } from '../world.ts';
import { checkNamed, oneGate, Story } from './story.ts';

const EVERYWHERE = { west: 2, north: 1 };

describe('a rollout that does not start from a sound live stack', () => {
  const rolling = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } as const;
  const canary = { kind: 'canary', steps: [{ share: 10, bakeMs: 600_000 }] } as const;

  test('S24: a first deployment asks nobody, bakes nothing and shares out nothing, whatever the strategy', () => {
    for (const strategy of [rolling, canary]) {
      const settings = {
        strategy,
        promotion: oneGate,
        bakeMs: 600_000,
        checks: { before: [], after: [checkNamed('rate')] },
      };
      const story = new Story({ live: {}, candidate: { west: 2 }, settings });
      expect(story.tell().plan.map(({ kind }) => kind)).toEqual(['provision', 'verify', 'register', 'online']);
    }
  });

  test.each([rolling, canary])(
    'S67: goes forward though the old stack is unhealthy: $kind replaces it all at once',
    (strategy) => {
      const story = new Story({ settings: { strategy }, origin: { isLiveBroken: true } });
      story.monitor = (name) => (name.includes('old') ? 'Degraded' : 'Online');
      story.groups.delete('old west-2');
      expect(story.tell().finished?.outcome).toBe('Succeeded');
      expect(story.lines.at(-1)).toMatch(/^retire live: forget old west-1, forget old west-2, delete old west-1$/);
      expect(story.state().groups).toEqual(['new west-1', 'new west-2']);
    },
  );

  test('S67: old groups that cannot be seen do not hold the switch up, and go last', () => {
    const story = new Story();
    const draining = story.tell(story.rollout, 'drain live');
    expect(story.state().enabled).toEqual(['new west-1', 'new west-2']);
    story.groupsKnown = false;
    const retiring = story.tell(draining, 'retire live');
    expect(story.step(story.step(story.step(retiring).rollout).rollout).waitingOn).toContain('cannot be seen');
    story.groupsKnown = true;
    expect(story.tell(retiring).finished?.outcome).toBe('Succeeded');
  });

  test('S69: a group of somebody else by the same name fails it before anything is made', () => {
    const story = new Story();
    story.groups.set('new west-2', running('new west-2', 'somebody'));
    expect(story.tell()).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'operator' } });
    expect(story.log).toEqual([]);
    expect(story.state().groups).toContain('new west-2');
  });

  test.each([0, 1, 2])('S50: group %i of three that does not get healthy fails the whole candidate', (index) => {
    const story = new Story({ live: EVERYWHERE });
    const ill = story.rollout.candidate?.groups[index]?.name;
    story.isHealthy = (name) => name !== ill;
    expect(story.tell()).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.now - story.rollout.startedAt).toBeLessThan(story.app.rollout.deadlines.verifyMs);
  });
});

describe('a rollback to a stack that is kept', () => {
  // No mark tells it from another rollback: its reason is `rollback`, and that it made nothing shows in its writes.
  test.each([
    { kind: 'canary', steps: [{ share: 10, bakeMs: 600_000 }] },
    { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 },
  ] as const)('S62, S70: asks nobody, waits for no bake and makes nothing: $kind', (strategy) => {
    const checks = { before: [checkNamed('smoke')], after: [checkNamed('rate')] };
    const verifiedAt = 1;
    const proof = { runningSince: 0, restarts: 0, probedAt: 1, successes: 2, failures: 0, lastDetail: '', verifiedAt };
    const settings = { strategy, promotion: oneGate, bakeMs: 600_000, checks };
    const proofs = { 'new west-1': proof, 'new west-2': proof };
    const story = new Story({ settings, origin: { isRollback: true, proofs } });
    for (const { name } of story.rollout.candidate?.groups ?? []) story.groups.set(name, running(name, 'new'));
    const switched = story.tell(story.rollout, 'drain live');
    expect(story.now).toBe(story.rollout.startedAt);
    expect(story.state().enabled).toEqual(['new west-1', 'new west-2']);
    expect(story.tell(switched).finished?.outcome).toBe('Succeeded');
    expect(story.lines.join()).not.toContain('make ');
  });
});
