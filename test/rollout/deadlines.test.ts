/** When a rollout that does not get on is given up, and when it is waited for. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/model/app.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { decide } from '../../src/rollout/decide.ts';
import { shiftDeadlines, totalDeadlineAt } from '../../src/rollout/held.ts';
import { startDriftRepair, startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live } from './situations.ts';
import { app, running, stack, START, World } from './world.ts';

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;
const gate = { approvals: 1, timeoutMs: 30 * MINUTE, onTimeout: 'rollBack' } as const;

function upgrade(more: Partial<App['rollout']> = {}, total?: number): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const deadlines = { ...app.rollout.deadlines, ...(total === undefined ? {} : { totalMs: total }) };
  const asked = { ...app, rollout: { ...app.rollout, ...more, deadlines } };
  return { world, rollout: startRollout({ app: asked, live, candidate, now: START }) };
}

/** Looks every second until it is over, or for so long; what the world does meanwhile is up to `each`. */
function watch(world: World, rollout: Rollout, { forMs, each }: { forMs: number; each?: () => void }): Rollout {
  let current = rollout;
  for (const end = world.now + forMs; current.finished === undefined && world.now < end; world.now += SECOND) {
    each?.();
    current = world.step(current).rollout;
  }
  return current;
}

const kinds = (world: World) => world.changes.map(({ kind }) => kind);
const turned = (world: World) => world.changes.find((change) => change.kind === 'turnedBack');

describe('the deadline of a step', () => {
  test('S54: moves with each group that is ready, so that a slow stack is not given up', () => {
    const { world, rollout } = upgrade();
    world.allows = (effect) => effect.kind !== 'createGroup';
    // Each just before its deadline of a minute would be over.
    const readyAt = [START + 50 * SECOND, START + 100 * SECOND];
    const appear = () => {
      for (const [index, { name }] of candidate.groups.entries())
        if (world.now >= (readyAt[index] ?? Infinity)) world.groups.set(name, running(name, candidate.id));
    };
    const end = watch(world, rollout, { forMs: 20 * MINUTE, each: appear });
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(kinds(world)).not.toContain('turnedBack');
  });

  test('S54: does not move with what comes and goes', () => {
    const { world, rollout } = upgrade();
    world.allows = (effect) => effect.kind !== 'createGroup';
    const [first] = candidate.groups;
    const flap = () => {
      if (first === undefined) return;
      if ((world.now / SECOND) % 2 === 0) world.groups.set(first.name, running(first.name, candidate.id));
      else world.groups.delete(first.name);
    };
    watch(world, rollout, { forMs: 10 * MINUTE, each: flap });
    expect(turned(world)).toMatchObject({
      fault: 'world',
      reason: expect.stringContaining('made no progress for 60 s'),
    });
    expect(world.changes.filter(({ kind }) => kind === 'turnedBack')).toHaveLength(1);
  });

  test('S53: with onDeadline: wait it is said once, and the rollout may succeed later', () => {
    const { world, rollout } = upgrade({ onDeadline: 'wait' });
    world.allows = (effect) => effect.kind !== 'createGroup';
    const late = watch(world, rollout, { forMs: 30 * MINUTE });
    expect(kinds(world)).toEqual(['degraded']);
    expect(late.backPlan).toBeUndefined();
    world.allows = () => true;
    expect(watch(world, late, { forMs: 20 * MINUTE }).finished?.outcome).toBe('Succeeded');
    expect(kinds(world).filter((kind) => kind === 'degraded')).toHaveLength(1);
  });

  test('S53: with onDeadline: wait an endpoint that was lost after its step is written again, and it goes on', () => {
    const { world, rollout } = upgrade({ onDeadline: 'wait' });
    const leaving = world.run(rollout, at('deregister'));
    for (const { endpoint } of candidate.groups) world.endpoints.delete(endpoint);
    expect(watch(world, leaving, { forMs: 20 * MINUTE }).finished?.outcome).toBe('Succeeded');
    expect(kinds(world)).not.toContain('degraded');
  });

  test('S53: with onDeadline: wait what puts the live stack as it should be ends all the same', () => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    for (const { endpoint } of live.groups) world.endpoints.delete(endpoint);
    world.allows = () => false;
    const proofs = {};
    const asked = { ...app, rollout: { ...app.rollout, onDeadline: 'wait' as const } };
    const begun = startDriftRepair({ app: asked, live, proofs, id: '33333333', now: START });
    const proven = { ...begun, plan: [{ kind: 'register' as const, side: 'live' as const }] };
    const known = { ...proven, targets: Object.fromEntries(live.groups.map(({ name }) => [name, `${name}.example`])) };
    expect(watch(world, known, { forMs: 30 * MINUTE }).finished).toBeDefined();
    expect(kinds(world)).not.toContain('degraded');
  });

  test('S53: with onDeadline: rollBack the candidate is removed, after its drain', () => {
    const { world, rollout } = upgrade();
    world.monitor = (name) => (name.includes(candidate.id) ? 'Degraded' : 'Online');
    const registered = world.run(rollout, at('online'));
    const back = watch(world, registered, { forMs: 2 * MINUTE });
    expect(back.finished?.outcome).toBe('RolledBack');
    expect(kinds(world)).not.toContain('degraded');
    const removedAt = Math.max(...candidate.groups.map(({ name }) => back.removedAt[name] ?? Infinity));
    const waitMs = 10 * SECOND + app.rollout.propagationMarginMs + app.rollout.drainMs;
    expect((back.finished?.at ?? 0) - removedAt).toBeGreaterThanOrEqual(waitMs);
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });

  test('S33: does not run in a gate: a promotion after many times the deadline goes on to success', () => {
    const { world, rollout } = upgrade({ promotion: gate }, 5 * MINUTE);
    const waiting = world.run(rollout, at('gate'));
    const held = watch(world, waiting, { forMs: 20 * MINUTE });
    expect(currentStep(held)?.kind).toBe('gate');
    const votes = [{ by: 'ann', at: world.now, full: false }];
    const promoted = decide(held, { ...world.observe(held), votes }, world.now).rollout;
    expect(promoted.heldMs).toBeGreaterThanOrEqual(20 * MINUTE - 2 * SECOND);
    const end = world.run(promoted);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(kinds(world)).not.toContain('turnedBack');
  });
});

describe('the deadline of the whole rollout', () => {
  test('S54: turns it back at the moment, though no step is late, and blames nobody', () => {
    const { world, rollout } = upgrade({}, 20 * SECOND);
    const patient = { ...rollout, settings: { ...rollout.settings, drainMs: 10 * MINUTE } };
    const end = world.run(patient);
    expect(turned(world)).toMatchObject({ fault: 'world', reason: expect.stringContaining('took longer than 20 s') });
    expect(end.turnedBack?.at).toBeLessThanOrEqual(START + 20 * SECOND + 5 * SECOND);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });

  test('S54: ends nothing any more once the first old group is being deleted', () => {
    const { world, rollout } = upgrade({}, 30 * SECOND);
    const retiring = world.run(rollout, at('retire'));
    world.now += MINUTE;
    expect(world.run(retiring).finished?.outcome).toBe('Succeeded');
  });

  test('S54: a release that is known to fail is blamed by it', () => {
    const { world, rollout } = upgrade({}, 10 * SECOND);
    world.isHealthy = () => false;
    const slow = { ...rollout, probe: rollout.probe && { ...rollout.probe, failures: 100, intervalMs: 1000 } };
    world.run(slow);
    expect(turned(world)).toMatchObject({ fault: 'release', step: { kind: 'verify' } });
  });

  test('with onDeadline: wait it is said once, whatever steps follow', () => {
    const { world, rollout } = upgrade({ onDeadline: 'wait' }, 4 * SECOND);
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    expect(kinds(world).filter((kind) => kind === 'degraded')).toHaveLength(1);
  });

  test('with onDeadline: wait a step that nothing depends on is left out all the same once it is late by itself', () => {
    const tags = { candidate: { role: 'green' }, live: { role: 'blue' } };
    const { world, rollout } = upgrade({ onDeadline: 'wait', tags }, 4 * SECOND);
    world.refuse(({ kind }) => kind === 'tagGroup', { fault: 'operator', code: 'Disallowed', message: 'by policy' });
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    expect(kinds(world)).toContain('leftOut');
  });

  test('a pause moves it as it moves that of the step, once also in a gate', () => {
    const { world, rollout } = upgrade({ promotion: gate }, MINUTE);
    const paused = shiftDeadlines(rollout, 5 * MINUTE);
    expect(totalDeadlineAt(paused)).toBe(START + 6 * MINUTE);
    expect(paused.deadlineAt).toBe((rollout.deadlineAt ?? 0) + 5 * MINUTE);
    const held = watch(world, world.run(rollout, at('gate')), { forMs: 2 * MINUTE });
    const resumed = shiftDeadlines(held, MINUTE);
    const votes = [{ by: 'ann', at: world.now, full: false }];
    const promoted = decide(resumed, { ...world.observe(resumed), votes }, world.now).rollout;
    expect(promoted.heldMs).toBeGreaterThan(MINUTE);
    expect(promoted.heldMs).toBeLessThanOrEqual(2 * MINUTE);
  });
});

describe('what can never succeed', () => {
  const refusal = (requested: number, limit: number) => ({
    fault: 'world' as const,
    code: 'ContainerGroupQuotaReached',
    message: `container group quota 'StandardCores' exceeded in region 'westeurope'. Limit: '${limit}', Usage: '0' Requested: '${requested}'.`,
  });
  const creating = (effect: { kind: string }) => effect.kind === 'createGroup';

  test('S54: a quota that is smaller than one group fails at once, and is not the release’s fault', () => {
    const { world, rollout } = upgrade();
    world.refuse(creating, refusal(8, 4));
    const end = world.run(rollout);
    expect(turned(world)).toMatchObject({ fault: 'operator', reason: expect.stringContaining("Requested: '8'") });
    expect(end.finished?.at).toBeLessThan(START + 10 * SECOND);
  });

  test('a quota that others use up is waited for until the deadline', () => {
    const { world, rollout } = upgrade();
    world.refuse(creating, refusal(4, 4));
    const end = world.run(rollout);
    expect(turned(world)).toMatchObject({ fault: 'world' });
    expect(end.finished?.at).toBeGreaterThanOrEqual(START + 60 * SECOND);
  });

  test('S54: an image that is refused at every try fails after the fourth', () => {
    const { world, rollout } = upgrade();
    world.refuse(creating, { fault: 'release', code: 'InaccessibleImage', message: 'no such manifest' });
    world.run(rollout);
    expect(turned(world)).toMatchObject({ fault: 'release', step: { kind: 'provision' } });
    expect(world.log.filter((line) => line === `createGroup ${candidate.groups[0]?.name}`)).toHaveLength(4);
  });

  test('S54: groups that have all failed their probes as often as they may are not waited for', () => {
    const { world, rollout } = upgrade();
    world.isHealthy = () => false;
    const end = world.run(rollout);
    expect(turned(world)).toMatchObject({ fault: 'release', step: { kind: 'verify' } });
    expect(end.finished?.at).toBeLessThan(START + 20 * SECOND);
  });

  test('a template that is gone fails at once', () => {
    const { world, rollout } = upgrade();
    world.refuse(creating, { fault: 'operator', code: 'TemplateChanged', message: 'it is not kept' });
    expect(world.run(rollout).finished?.at).toBeLessThan(START + 10 * SECOND);
  });
});

describe('S103: what is refused', () => {
  test('is tried again ever later, so many times until the deadline, and the next rollout begins anew', () => {
    const { world, rollout } = upgrade();
    const triedAt: number[] = [];
    world.refuse((effect) => effect.kind === 'createGroup', {
      fault: 'world',
      code: 'ServiceUnavailable',
      message: 'busy',
    });
    const { allows } = world;
    world.allows = (effect) => {
      if (effect.group.name === candidate.groups[0]?.name && effect.kind === 'createGroup') triedAt.push(world.now);
      return allows(effect);
    };
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    const pauses = triedAt.slice(1).map((time, index) => (time - (triedAt[index] ?? 0)) / SECOND);
    expect(pauses).toEqual([2, 4, 8, 16]);
    const next = stack('33333333', '1.1.0');
    const again = startRollout({ app, live, candidate: next, now: world.now });
    expect(again).toMatchObject({ attempts: {}, tallies: {}, proofs: {}, heldMs: 0, progress: undefined });
    world.allows = () => true;
    expect(world.run(again).finished?.outcome).toBe('Succeeded');
  });
});
