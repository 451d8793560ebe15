/** How often in a row Traffic Manager has to find the endpoints of a step Online. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import { resume } from '../../src/rollout/resume.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live, looks, profileUnreadable, status } from './situations.ts';
import { app, START, World } from './world.ts';

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;

function entering(kind: StepKind, onlineLooks = 3): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const strategy =
    kind === 'weigh'
      ? { kind: 'canary' as const, steps: [{ share: 20, bakeMs: 0 }] }
      : ({ kind: 'blueGreen' } as const);
  const patient = { ...app, rollout: { ...app.rollout, onlineLooks, strategy } };
  return { world, rollout: world.run(startRollout({ app: patient, live, candidate, now: START }), at(kind)) };
}

const stays = (world: World, rollout: Rollout) => world.step(rollout).change === undefined;

describe('online', () => {
  test('is done with the look that finds all endpoints Online for the last of the times that are asked for', () => {
    const { world, rollout } = entering('online');
    const twice = looks(2)(world, rollout) ?? rollout;
    expect(at('online')(twice)).toBe(true);
    expect(world.step(twice).change).toMatchObject({ kind: 'stepDone', step: { kind: 'online' } });
  });

  test('says how many looks there were', () => {
    const { world, rollout } = entering('online');
    expect(world.step(rollout).waitingOn).toBe('2 endpoints of web.trafficmanager.net Online in 1 of 3 looks in a row');
  });

  test('counts from the beginning after a look that finds one of them Degraded', () => {
    const { world, rollout } = entering('online');
    const twice = looks(2)(world, rollout) ?? rollout;
    const fallen = looks(1, status('candidate', 'Degraded'))(world, twice) ?? twice;
    world.monitor = () => 'Online';
    const again = looks(2)(world, fallen) ?? fallen;
    expect(at('online')(again)).toBe(true);
    expect(at('deregister')(looks(1)(world, again) ?? again)).toBe(true);
  });

  test('counts those that are exempt from probes', () => {
    const { world, rollout } = entering('online');
    world.monitor = () => 'Unmonitored';
    expect(at('deregister')(looks(3)(world, rollout) ?? rollout)).toBe(true);
  });

  test('R6: neither counts a look that cannot see the profile, nor begins anew for it', () => {
    const { world, rollout } = entering('online');
    const twice = looks(2)(world, rollout) ?? rollout;
    const blind = looks(5, profileUnreadable)(world, twice) ?? twice;
    expect(blind.onlineStreak).toEqual(twice.onlineStreak);
    world.profileKnown = true;
    expect(world.step(blind).change).toMatchObject({ kind: 'stepDone' });
  });

  test('does not count the same look twice', () => {
    const { world, rollout } = entering('online', 2);
    const once = world.step(rollout).rollout;
    expect(stays(world, once)).toBe(true);
    world.now += 1000;
    expect(stays(world, once)).toBe(false);
  });

  test('counts from the beginning in another life, whose clock may be another one', () => {
    const { world, rollout } = entering('online', 2);
    const resumed = resume(world.step(rollout).rollout);
    world.now += 1000;
    expect(stays(world, resumed)).toBe(true);
  });
});

test('weigh waits for as many looks as online does', () => {
  const { world, rollout } = entering('weigh', 3);
  const weighed = world.run(rollout, (one) => (one.onlineStreak?.looks ?? 0) === 2);
  expect(at('weigh')(weighed)).toBe(true);
  expect(at('weigh')(world.run(weighed, (one) => !at('weigh')(one)))).toBe(false);
});

test('a rollout that was stored by a version without such a count is read, and one look does', () => {
  const { world, rollout } = entering('online', 1);
  const { onlineStreak: _, settings, ...older } = rollout;
  const { onlineLooks: __, ...olderSettings } = settings;
  const stored = { ...EMPTY_STATE, rollout: { ...older, settings: olderSettings } };
  const read = parseAppState('web', JSON.parse(JSON.stringify(stored)));
  expect(read.rollout?.settings.onlineLooks).toBeUndefined();
  expect(stays(world, read.rollout ?? rollout)).toBe(false);
});
