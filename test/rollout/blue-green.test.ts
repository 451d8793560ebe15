import { describe, expect, test } from 'vitest';
import { startCleanUp, startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { app, crashing, stack, START, World } from './world.ts';

const live = stack('11111111', '1.0.0');
const candidate = stack('22222222', '1.1.0');

function upgrade(): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return { world, rollout: startRollout({ app, live, candidate, now: START }) };
}

function at(kind: string, side = 'candidate') {
  return (rollout: Rollout) => currentStep(rollout)?.kind === kind && currentStep(rollout)?.side === side;
}

describe('a blue-green rollout', () => {
  test('S25: creates, verifies, registers, deregisters, drains and deletes in exactly this order', () => {
    const { world, rollout } = upgrade();
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.log).toEqual([
      'createGroup web-22222222-westeurope-1',
      'createGroup web-22222222-westeurope-2',
      'enableEndpoint web-22222222-westeurope-1',
      'enableEndpoint web-22222222-westeurope-2',
      'disableEndpoint web-11111111-westeurope-1',
      'disableEndpoint web-11111111-westeurope-2',
      'deleteEndpoint web-11111111-westeurope-1',
      'deleteEndpoint web-11111111-westeurope-2',
      'deleteGroup web-11111111-westeurope-1',
      'deleteGroup web-11111111-westeurope-2',
    ]);
    expect([...world.groups.keys()]).toEqual(candidate.groups.map(({ name }) => name));
    expect([...world.endpoints.keys()]).toEqual(candidate.groups.map(({ endpoint }) => endpoint));
  });

  test('S24: a first deployment goes straight into rotation and replaces nothing', () => {
    const world = new World();
    const end = world.run(startRollout({ app, live: undefined, candidate, now: START }));
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(end.plan.map(({ kind }) => kind)).toEqual(['provision', 'verify', 'register', 'online']);
  });

  test.each([1, 10])('S26: works with %i replicas', (replicas) => {
    const world = new World();
    const old = stack('11111111', '1.0.0', replicas);
    world.addStack(old, { inRotation: true });
    const end = world.run(
      startRollout({ app, live: old, candidate: stack('22222222', '1.1.0', replicas), now: START }),
    );
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.groups.size).toBe(replicas);
  });

  test('a worker without a profile skips every traffic step', () => {
    const world = new World();
    world.addStack(live, { inRotation: false });
    const worker = { ...app, traffic: undefined, probe: undefined };
    const end = world.run(startRollout({ app: worker, live, candidate, now: START }));
    expect(end.plan.map(({ kind }) => kind)).toEqual(['provision', 'verify', 'retire']);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.now - START).toBeGreaterThanOrEqual(30_000);
  });

  test('R2: the drain is TTL, margin and drain time from the observed removal', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const removedAt = Math.max(...Object.values(draining.removedAt));
    const drained = world.run(draining, at('retire', 'live'));
    expect(drained.enteredAt).toBe(removedAt + 10_000 + 5000 + 2000);
  });

  test('R2: the larger TTL counts when it was changed meanwhile, in both directions', () => {
    const { world, rollout } = upgrade();
    world.ttlSeconds = 300;
    const verifying = world.run(rollout, at('register'));
    world.ttlSeconds = 5;
    const draining = world.run(verifying, at('drain', 'live'));
    const removedAt = Math.max(...Object.values(draining.removedAt));
    expect(world.run(draining, at('retire', 'live')).enteredAt).toBe(removedAt + 300_000 + 7000);
  });

  test('R2: an endpoint that somebody enables again during the drain starts the TTL anew', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const first = live.groups[0]?.endpoint ?? '';
    world.now += 16_000;
    world.setEndpoint(first, 'web-11111111-westeurope-1.example', true);
    const decision = world.step(draining);
    expect(decision.effects.map(({ kind }) => kind)).toEqual(['disableEndpoint']);
    const end = world.run(decision.rollout, at('retire', 'live'));
    expect(end.enteredAt).toBeGreaterThanOrEqual(START + 16_000 + 17_000);
  });

  test('R3: S27: nothing is registered before every group has passed its probes', () => {
    const { world, rollout } = upgrade();
    world.isHealthy = (name) => !name.endsWith('-2') || world.now > START + 2500;
    const registering = world.run(rollout, at('register'));
    expect(Object.values(registering.proofs).every(({ successes }) => successes >= 2)).toBe(true);
    expect(world.log.filter((line) => line.startsWith('enable'))).toEqual([]);
  });

  test('R1: live endpoints stay while the candidate is not Online', () => {
    const { world, rollout } = upgrade();
    world.monitor = (name) => (name.includes('22222222') ? 'CheckingEndpoint' : 'Online');
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(end.turnedBack?.fault).toBe('world');
    expect(world.log.some((line) => line.startsWith('disableEndpoint web-1'))).toBe(false);
  });

  test('R1: a candidate that degrades between Online and the switch stops the switch', () => {
    const { world, rollout } = upgrade();
    const switching = world.run(rollout, at('deregister', 'live'));
    world.monitor = (name) => (name.includes('22222222') ? 'Degraded' : 'Online');
    const decision = world.step(switching);
    expect(decision.effects).toEqual([]);
    expect(decision.waitingOn).toContain('the others do not serve');
    expect(world.run(decision.rollout).finished?.outcome).toBe('RolledBack');
    expect(world.groups.has('web-11111111-westeurope-1')).toBe(true);
  });

  test('R6: a profile that cannot be read leads to no effect', () => {
    const { world, rollout } = upgrade();
    const switching = world.run(rollout, at('deregister', 'live'));
    world.profileKnown = false;
    const decision = world.step(switching);
    expect(decision.effects).toEqual([]);
    expect(decision.waitingOn).toContain('HTTP 500');
  });

  test('S79: a delete that needs several tries is repeated with a pause, and reported when it is overdue', () => {
    const { world, rollout } = upgrade();
    let refused = 0;
    world.allows = (effect) => effect.kind !== 'deleteGroup' || (refused += 1) > 16;
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.changes.some(({ kind }) => kind === 'overdue')).toBe(true);
  });
});

describe('the way back', () => {
  test('S49: a crash loop condemns the release; the live stack is untouched', () => {
    const { world, rollout } = upgrade();
    world.allows = (effect) => {
      if (effect.kind !== 'createGroup') return true;
      world.groups.set(effect.group.name, crashing(effect.group.name, candidate.id));
      return false;
    };
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(end.turnedBack).toMatchObject({ fault: 'release' });
    expect(end.turnedBack?.reason).toContain('exit code 3');
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });

  test('S50: one group of two that never gets healthy fails the whole candidate', () => {
    const { world, rollout } = upgrade();
    world.isHealthy = (name) => !name.endsWith('22222222-westeurope-2');
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(end.turnedBack?.reason).toContain('3 times in a row');
    expect(world.groups.size).toBe(2);
  });

  test('a first deployment that fails ends as Failed, with nothing left over', () => {
    const world = new World();
    world.isHealthy = () => false;
    const end = world.run(startRollout({ app, live: undefined, candidate, now: START }));
    expect(end.finished?.outcome).toBe('Failed');
    expect(world.groups.size + world.endpoints.size).toBe(0);
  });

  test('after the switch has begun: live endpoints come back and are Online before the candidate leaves, then its TTL is waited', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    world.log.length = 0;
    const turned = turnBack(draining, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
    const end = world.run(turned);
    expect(end.finished?.outcome).toBe('Aborted');
    expect(world.log).toEqual([
      'enableEndpoint web-11111111-westeurope-1',
      'enableEndpoint web-11111111-westeurope-2',
      'disableEndpoint web-22222222-westeurope-1',
      'disableEndpoint web-22222222-westeurope-2',
      'deleteEndpoint web-22222222-westeurope-1',
      'deleteEndpoint web-22222222-westeurope-2',
      'deleteGroup web-22222222-westeurope-1',
      'deleteGroup web-22222222-westeurope-2',
    ]);
    expect(end.finished?.at).toBeGreaterThanOrEqual(Math.max(...Object.values(end.removedAt)) + 17_000);
  });

  test('capacity and quota are not the release’s fault: it goes back uncondemned', () => {
    const { world, rollout } = upgrade();
    world.allows = (effect) => {
      if (effect.kind !== 'createGroup') return true;
      const message = 'no capacity';
      world.refusals.set(`createGroup ${effect.group.name}`, {
        at: world.now,
        fault: 'world',
        code: 'ServiceUnavailable',
        message,
        retryAfterMs: 4000,
      });
      return false;
    };
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(end.turnedBack?.fault).toBe('world');
    expect(end.turnedBack?.reason).toContain('no capacity');
  });

  test('S85: a template that ARM refuses turns back at the next look, tries nothing again and shows its message', () => {
    const { world, rollout } = upgrade();
    world.allows = (effect) => {
      if (effect.kind !== 'createGroup') return true;
      const message = 'cpu must be a number';
      world.refusals.set(`createGroup ${effect.group.name}`, {
        at: world.now,
        fault: 'release',
        code: 'InvalidRequestContent',
        message,
        retryAfterMs: undefined,
      });
      return false;
    };
    const end = world.run(rollout);
    expect(end.turnedBack).toMatchObject({ fault: 'release' });
    expect(end.turnedBack?.reason).toContain('cpu must be a number');
    // One look later; in calls.sim.test.ts the time is held to, as the daemon has it.
    expect((end.turnedBack?.at ?? Infinity) - START).toBe(app.rollout.observeIntervalMs);
    expect(world.log.filter((line) => line.startsWith('createGroup'))).toHaveLength(2);
  });

  test('R1: where the live stack dies on the way back, the candidate that serves is kept after all', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const turned = turnBack(draining, { outcome: 'RolledBack', reason: 'an outage', fault: 'world' }, world.now);
    const leaving = world.run(turned, at('deregister', 'candidate'));
    world.monitor = (name) => (name.includes('11111111') ? 'Degraded' : 'Online');
    const end = world.run(leaving);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.changes.map(({ kind }) => kind)).toContain('turnedForward');
    expect([...world.groups.keys()]).toEqual(candidate.groups.map(({ name }) => name));
  });

  test.each([
    { why: 'that failed by its own fault', outcome: 'RolledBack', fault: 'release' },
    { why: 'that somebody aborted', outcome: 'Aborted', fault: 'operator' },
  ] as const)('R1: but never a candidate $why, whatever becomes of the live stack', ({ outcome, fault }) => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const turned = turnBack(draining, { outcome, reason: 'no good', fault }, world.now);
    const leaving = world.run(turned, at('deregister', 'candidate'));
    world.monitor = (name) => (name.includes('11111111') ? 'Degraded' : 'Online');
    const late = world.run(leaving, () => world.now > START + 3_600_000);
    expect(world.changes.map(({ kind }) => kind)).not.toContain('turnedForward');
    expect(late.finished?.outcome).not.toBe('Succeeded');
  });

  test('R10: a live stack that has vanished altogether is not waited for on the way back', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const turned = turnBack(draining, { outcome: 'RolledBack', reason: 'an outage', fault: 'world' }, world.now);
    for (const { name, endpoint } of live.groups) {
      world.groups.delete(name);
      world.endpoints.delete(endpoint);
    }
    const allows = world.allows;
    world.allows = (effect) => effect.kind !== 'enableEndpoint' && allows(effect);
    expect(world.run(turned).finished?.outcome).toBe('Succeeded');
    expect([...world.endpoints.keys()]).toEqual(candidate.groups.map(({ endpoint }) => endpoint));
  });

  test('a release that failed by its own fault is not kept, though nothing else serves', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain', 'live'));
    const turned = turnBack(draining, { outcome: 'RolledBack', reason: 'a crash', fault: 'release' }, world.now);
    const leaving = world.run(turned, at('deregister', 'candidate'));
    world.monitor = (name) => (name.includes('11111111') ? 'Degraded' : 'Online');
    world.now += 3_600_000;
    expect(world.step(leaving).change?.kind).toBe('overdue');
  });

  test('there is no way back once a live group may have been deleted', () => {
    const { world, rollout } = upgrade();
    const retiring = world.run(rollout, at('retire', 'live'));
    expect(turnBack(retiring, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now)).toBe(retiring);
  });
});

describe('a clean-up', () => {
  test('R1: never takes the last endpoints that serve', () => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    const decision = world.step(startCleanUp({ app, stray: live, id: 'cleaning', now: START }));
    expect(decision.effects).toEqual([]);
  });

  test('R2: waits the full TTL also for a stray whose endpoints are already disabled', () => {
    const world = new World();
    world.addStack(live, { inRotation: false });
    world.addStack(candidate, { inRotation: true });
    const end = world.run(startCleanUp({ app, stray: live, id: 'cleaning', now: START }));
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.now - START).toBeGreaterThanOrEqual(17_000);
    expect([...world.groups.keys()]).toEqual(candidate.groups.map(({ name }) => name));
  });
});
