/** Endpoints that Traffic Manager does not take, gives back in another spelling, or that somebody has disabled. */
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/rollout/effect.ts';
import { startDriftRepair, startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live } from './situations.ts';
import { app, START, World } from './world.ts';

const forbidden = { fault: 'operator', code: 'AuthorizationFailed', message: 'no right to write' } as const;
const throttled = { fault: 'world', code: 'TooManyRequests', message: 'slow down' } as const;

function upgrade(): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return { world, rollout: startRollout({ app, live, candidate, now: START }) };
}

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;
const is = (kind: Effect['kind'], suffix: string) => (effect: Effect) =>
  effect.kind === kind && effect.group.name.endsWith(suffix);
const names = (of: typeof live) => of.groups.map(({ name }) => name);
const endpoints = (of: typeof live) => of.groups.map(({ endpoint }) => endpoint);

describe('enabling an endpoint', () => {
  test.each([1, 4])('S86: that fails %i times and then works is tried again, later each time', (times) => {
    const { world, rollout } = upgrade();
    world.refuse(is('enableEndpoint', '22222222-westeurope-1'), throttled, times);
    const { allows } = world;
    const tries: number[] = [];
    world.allows = (effect) => {
      if (is('enableEndpoint', '22222222-westeurope-1')(effect)) tries.push(world.now);
      return allows(effect);
    };
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    const pauses = tries.slice(1).map((now, index) => now - (tries[index] ?? 0));
    expect(pauses).toEqual([2000, 4000, 8000, 16_000].slice(0, times));
    expect([...world.endpoints.keys()]).toEqual(expect.arrayContaining(endpoints(candidate)));
  });

  test('S86: that fails for ever goes back, and the candidate’s groups are removed', () => {
    const { world, rollout } = upgrade();
    world.refuse((effect) => effect.kind === 'enableEndpoint', forbidden);
    const end = world.run(rollout);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(end.turnedBack).toMatchObject({ fault: 'operator', reason: expect.stringContaining('no right to write') });
    expect([...world.groups.keys()]).toEqual(names(live));
    expect([...world.endpoints.values()].map(({ name, enabled }) => [name, enabled])).toEqual(
      endpoints(live).map((name) => [name, true]),
    );
    expect(world.log.filter((line) => line.includes('Endpoint web-11111111'))).toEqual([]);
  });

  test('S86: that was taken away again before it was Online is not tried without a pause', () => {
    const { world, rollout } = upgrade();
    world.monitor = (name) => (name.includes('22222222') ? 'CheckingEndpoint' : 'Online');
    const waiting = world.run(rollout, at('online'));
    world.endpoints.delete(endpoints(candidate)[0] ?? '');
    world.refuse((effect) => effect.kind === 'enableEndpoint', forbidden);
    world.log.length = 0;
    expect(world.run(waiting).finished?.outcome).toBe('RolledBack');
    expect(world.log.filter((line) => line.startsWith('enableEndpoint')).length).toBeLessThan(7);
  });
});

describe('an endpoint that somebody changes before it is Online', () => {
  test('S86, R10: to lead elsewhere is written again', () => {
    const { world, rollout } = upgrade();
    const [target = ''] = candidate.groups.map(({ name }) => `${name}.example`);
    const [endpoint = ''] = endpoints(candidate);
    const leadsThere = () => world.endpoints.get(endpoint)?.target === target;
    world.monitor = (name) => (name !== endpoint || leadsThere() ? 'CheckingEndpoint' : 'Degraded');
    const waiting = world.run(rollout, at('online'));
    world.setEndpoint(endpoint, 'elsewhere.example', true);
    world.monitor = (name) => (name !== endpoint || leadsThere() ? 'Online' : 'Degraded');
    expect(world.run(waiting).finished?.outcome).toBe('Succeeded');
  });
});

test('R10: a rollout that turned forward once and fails again ends; it does not go to and fro', () => {
  const { world, rollout } = upgrade();
  const online = world.run(rollout, at('online'));
  for (const { name } of live.groups) world.groups.delete(name);
  world.monitor = () => 'Degraded';
  const end = world.run(online);
  const kinds = world.changes.map(({ kind }) => kind).filter((kind) => kind !== 'stepDone');
  expect(kinds).toEqual(['turnedBack', 'turnedForward', 'turnedBack', 'overdue', 'finished']);
  expect(end.finished).toBeDefined();
});

describe('one endpoint that is refused for ever', () => {
  test('S87: does not keep the others from being added, nor the candidate from being removed', () => {
    const { world, rollout } = upgrade();
    world.refuse(is('enableEndpoint', '22222222-westeurope-1'), forbidden);
    const end = world.run(rollout);
    expect(world.log).toContain('enableEndpoint web-22222222-westeurope-2');
    expect(end.finished?.outcome).toBe('RolledBack');
    expect([...world.endpoints.keys()]).toEqual(endpoints(live));
    expect([...world.groups.keys()]).toEqual(names(live));
  });

  test('S87: does not keep the others from being disabled, and all of them serve again at the end', () => {
    const { world, rollout } = upgrade();
    world.refuse(is('disableEndpoint', '11111111-westeurope-1'), forbidden);
    const end = world.run(rollout);
    expect(world.log).toContain('disableEndpoint web-11111111-westeurope-2');
    expect(end.finished?.outcome).toBe('RolledBack');
    expect([...world.endpoints.values()].map(({ enabled }) => enabled)).toEqual([true, true]);
    expect([...world.groups.keys()]).toEqual(names(live));
  });

  test('S87: does not keep the others from being deleted, and no group goes before its endpoint', () => {
    const { world, rollout } = upgrade();
    world.refuse(is('deleteEndpoint', '11111111-westeurope-1'), forbidden, 3);
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    const first = (line: string) => world.log.indexOf(line);
    const last = (line: string) => world.log.lastIndexOf(line);
    expect(first('deleteEndpoint web-11111111-westeurope-2')).toBeLessThan(
      last('deleteEndpoint web-11111111-westeurope-1'),
    );
    expect(first('deleteGroup web-11111111-westeurope-1')).toBeGreaterThan(
      last('deleteEndpoint web-11111111-westeurope-1'),
    );
    expect([...world.groups.keys()]).toEqual(names(candidate));
  });
});

/** As somebody else, or Azure itself, leaves the first endpoint. */
function change(world: World, endpoint: string | undefined, changes: { enabled?: boolean; weight?: number }): void {
  const before = world.endpoints.get(endpoint ?? '');
  if (before === undefined) throw new Error('the endpoint is there');
  world.endpoints.set(before.name, { ...before, ...changes });
}

describe('an endpoint of the candidate', () => {
  test.each([
    ['is there and disabled', { enabled: false }],
    ['has a weight of zero', { weight: 0 }],
  ])('S91: that %s is not taken for one that serves, but written again', (_, changes) => {
    const { world, rollout } = upgrade();
    const registering = world.run(rollout, at('register'));
    for (const { name, endpoint } of candidate.groups) world.setEndpoint(endpoint, `${name}.example`, true);
    change(world, endpoints(candidate)[0], changes);
    const decision = world.step(registering);
    expect(decision.change).toBeUndefined();
    expect(decision.effects).toMatchObject([{ kind: 'enableEndpoint', group: candidate.groups[0] }]);
  });

  test('S89: that Azure spells in capitals is the same one: nothing is written twice, and it is found to be removed', () => {
    const { world, rollout } = upgrade();
    const shout = world.setEndpoint.bind(world);
    world.setEndpoint = (name, target, enabled) => {
      shout(name, target.toUpperCase(), enabled);
      const written = world.endpoints.get(name);
      if (written !== undefined) world.endpoints.set(name, { ...written, name: name.toUpperCase() });
    };
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    expect(world.log).toHaveLength(10);
    expect(new Set(world.log).size).toBe(10);
  });
});

test('S91: a live endpoint that was disabled is put back, and only that one is written', () => {
  const world = new World();
  world.addStack(live, { inRotation: true });
  change(world, endpoints(live)[1], { enabled: false });
  const end = world.run(startDriftRepair({ app, live, proofs: {}, id: 'drift', now: START }));
  expect(end.finished?.outcome).toBe('Succeeded');
  expect(world.log).toEqual(['enableEndpoint web-11111111-westeurope-2']);
});
