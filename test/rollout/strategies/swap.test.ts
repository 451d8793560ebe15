/**
 * The step that leads endpoints from one stack to the other, both ways: its transition table, as in
 * test/rollout/transitions.test.ts, and whole rollouts in place.
 */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../../src/controller/app-state.ts';
import type { App } from '../../../src/model/app.ts';
import type { Decision } from '../../../src/rollout/decide.ts';
import type { Effect, Stack } from '../../../src/rollout/effect.ts';
import type { ObservedProfile } from '../../../src/rollout/observation.ts';
import { startDriftRepair, startRollout } from '../../../src/rollout/start.ts';
import { currentStep, stepName } from '../../../src/rollout/state.ts';
import type { Rollout } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { both, cell, testTable } from '../table.ts';
import type { Row, Situation } from '../table.ts';
import { app as besideApp, crashing, stack, START, World } from '../world.ts';

const traffic = { resourceGroup: 'demo', profile: 'web', weight: 100, switch: 'inPlace' } as const;
const app: App = { ...besideApp, traffic };
const OLD = '11111111';
const NEW = '22222222';

/** As a first deployment in place has named its endpoints. */
function liveStack(replicas = 2): Stack {
  const { groups, ...rest } = stack(OLD, '1.0.0', replicas);
  const named = groups.map((group) => ({ ...group, endpoint: place(group.replica), byTarget: true }));
  return { ...rest, groups: named };
}

const place = (replica: number) => `viridian.web.westeurope.${replica}`;
const targetOf = (id: string, replica: number) => `web-${id}-westeurope-${replica}.example`;

function begin(replicas: { old?: number; new?: number } = {}): { world: World; rollout: Rollout } {
  const { old = 2, new: fresh = old } = replicas;
  const world = new World();
  world.routingMethod = 'Priority';
  const live = liveStack(old);
  world.addStack(live, { inRotation: true });
  for (const { endpoint, replica } of live.groups) world.mapEndpoint(endpoint, { priority: replica });
  const candidate = stack(NEW, '1.1.0', fresh);
  const stacks = { live, candidate };
  const rollout = startRollout({ app, ...stacks, owner: 'viridian', profile: seenProfile(world), now: START });
  return { world, rollout };
}

function seenProfile(world: World): ObservedProfile {
  const fqdn = 'web.trafficmanager.net';
  const { routingMethod, ttlSeconds } = world;
  return { name: 'web', fqdn, ttlSeconds, routingMethod, enabled: true, endpoints: [...world.endpoints.values()] };
}

const isAt =
  (kind: string, side: string) =>
  (rollout: Rollout): boolean => {
    const step = currentStep(rollout);
    return step?.kind === kind && step.side === side;
  };

/** A world and a rollout that has just entered the step. */
function scene(direction: 'forward' | 'back'): { world: World; rollout: Rollout } {
  const { world, rollout } = begin();
  if (direction === 'forward') return { world, rollout: world.run(rollout, isAt('swap', 'candidate')) };
  const drained = world.run(rollout, isAt('drain', 'live'));
  const turned = turnBack(drained, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  return { world, rollout: world.run(turned, isAt('swap', 'live')) };
}

/** Effects by the number of their group. */
const swapCell = (decision: Decision) => cell(decision, ({ kind, group }) => `${kind} ${group.replica}`);

const led =
  (...ids: readonly string[]): Situation =>
  (world) => {
    for (const [index, id] of ids.entries()) world.setEndpoint(place(index + 1), targetOf(id, index + 1), true);
  };
const looks =
  (times: number): Situation =>
  (world, rollout) => {
    let current = rollout;
    for (let look = 0; look < times; look += 1) {
      current = world.step(current).rollout;
      world.now += 1000;
    }
    return current;
  };
const monitor =
  (status: string): Situation =>
  (world) =>
    void (world.monitor = () => status);
const gone: Situation = (world) => void world.endpoints.delete(place(1));
const groupsAre =
  (id: string, make: typeof crashing): Situation =>
  (world) => {
    for (const replica of [1, 2]) {
      const name = `web-${id}-westeurope-${replica}`;
      world.groups.set(name, make(name, id));
    }
  };
const late: Situation = (world) => void (world.now += 3_600_000);
const unreadable: Situation = (world) => void (world.profileKnown = false);
const nobodyIsWell: Situation = (world) => void (world.isHealthy = () => false);

const FORWARD: readonly Row[] = [
  ['none is led there', () => undefined, 'waits → swap candidate: retargetEndpoint 1'],
  ['one is, and Online', led(NEW, OLD), 'waits → swap candidate: retargetEndpoint 2'],
  ['one is, and still checked', both(led(NEW, OLD), monitor('CheckingEndpoint')), 'waits → swap candidate'],
  ['one is, and Degraded', both(led(NEW, OLD), monitor('Degraded')), 'waits → swap candidate'],
  ['all are', led(NEW, NEW), 'stepDone → drain live'],
  ['all are, and still checked', both(led(NEW, NEW), monitor('CheckingEndpoint')), 'waits → swap candidate'],
  ['all were Degraded before', monitor('Degraded'), 'waits → swap candidate: retargetEndpoint 1'],
  [
    'somebody led one elsewhere',
    (w) => w.setEndpoint(place(1), 'old.example', true),
    'waits → swap candidate: retargetEndpoint 1',
  ],
  [
    'somebody disabled one',
    (w) => w.setEndpoint(place(1), targetOf(OLD, 1), false),
    'waits → swap candidate: enableEndpoint 1',
  ],
  ['somebody deleted one', gone, 'waits → swap candidate: enableEndpoint 1'],
  [
    'a nested one has its name',
    (w) => w.mapEndpoint(place(1), { kind: 'nested' }),
    'waits → swap candidate: retargetEndpoint 2',
  ],
  ['a crash loop', groupsAre(NEW, crashing), 'turnedBack (release) → swap live'],
  ['too many failed probes', both(nobodyIsWell, looks(3)), 'turnedBack (release) → swap live'],
  ['a group vanishes', (w) => void w.groups.delete(`web-${NEW}-westeurope-2`), 'turnedBack (world) → swap live'],
  ['the profile cannot be read', unreadable, 'waits → swap candidate'],
  ['the profile is gone', (w) => void (w.profileExists = false), 'waits → swap candidate'],
  ['the deadline passes', both(unreadable, late), 'turnedBack (world) → swap live'],
];

const BACK: readonly Row[] = [
  ['the live ones are not proven yet', () => undefined, 'waits → swap live'],
  ['the live ones were seen healthy', looks(2), 'waits → swap live: retargetEndpoint 1'],
  ['one is led back', looks(3), 'waits → swap live: retargetEndpoint 2'],
  ['one is led back, and Degraded', both(looks(3), monitor('Degraded')), 'waits → swap live: retargetEndpoint 2'],
  ['all are', led(OLD, OLD), 'stepDone → drain candidate'],
  ['all are, and still checked', both(led(OLD, OLD), monitor('CheckingEndpoint')), 'waits → swap live'],
  ['the live ones are ill', both(nobodyIsWell, looks(3)), 'waits → swap live'],
  ['the live ones crash', both(groupsAre(OLD, crashing), looks(2)), 'waits → swap live'],
  ['groups cannot be seen', both((w) => void (w.groupsKnown = false), looks(2)), 'waits → swap live'],
  ['the profile cannot be read', both(looks(1), unreadable), 'waits → swap live'],
  ['the deadline passes', both(unreadable, late), 'overdue → end'],
];

describe.each([
  ['forward', FORWARD],
  ['back', BACK],
] as const)('%s', (direction, rows) => {
  testTable(rows, () => scene(direction), swapCell);
});

describe('a whole rollout', () => {
  test('R2: old groups are deleted once no endpoint leads there, and the drain after that was seen has ended', () => {
    const { world, rollout } = begin();
    const draining = world.run(rollout, isAt('drain', 'live'));
    const seenAt = world.now;
    expect(Object.values(draining.removedAt).every((at) => at <= seenAt && at > START)).toBe(true);
    const end = world.run(draining);
    expect(end.finished?.outcome).toBe('Succeeded');
    const { propagationMarginMs, drainMs } = app.rollout;
    expect(world.now - Math.max(...Object.values(draining.removedAt))).toBeGreaterThanOrEqual(
      world.ttlSeconds * 1000 + propagationMarginMs + drainMs,
    );
    expect([...world.groups.keys()].every((name) => name.includes(NEW))).toBe(true);
    expect(world.log.filter((line) => line.includes('Endpoint'))).toEqual([
      `retargetEndpoint web-${NEW}-westeurope-1`,
      `retargetEndpoint web-${NEW}-westeurope-2`,
    ]);
    expect([...world.endpoints.values()].map(({ priority }) => priority)).toEqual([1, 2]);
  });

  test('of a larger stack: what has no counterpart joins beside, behind all others', () => {
    const { world, rollout } = begin({ old: 1, new: 2 });
    expect(rollout.plan.map(stepName)).toContain('register candidate more');
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    const shown = [...world.endpoints.values()].map(({ name, target, priority }) => ({ name, target, priority }));
    expect(shown).toEqual([
      { name: place(1), target: targetOf(NEW, 1), priority: 1 },
      { name: place(2), target: targetOf(NEW, 2), priority: 2 },
    ]);
  });

  test('of a smaller stack: what has no counterpart leaves, its endpoint before its group', () => {
    const { world, rollout } = begin({ old: 3, new: 1 });
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    expect([...world.endpoints.keys()]).toEqual([place(1)]);
    expect([...world.groups.keys()]).toEqual([`web-${NEW}-westeurope-1`]);
  });

  test.each([
    [1, 2],
    [3, 1],
  ])('aborted at any look, %i and %i groups: the live stack is as it was', (old, fresh) => {
    for (let looksBefore = 1; looksBefore < 25; looksBefore += 1) {
      const { world, rollout } = begin({ old, new: fresh });
      const before = [...world.endpoints.values()];
      let current = rollout;
      for (let look = 0; look < looksBefore; look += 1) {
        const decision = world.step(current);
        current = decision.rollout;
        world.now = Math.max(world.now, decision.wakeAt);
      }
      const turned = turnBack(current, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
      if (turned === current) break;
      expect(world.run(turned).finished?.outcome).toBe('Aborted');
      const shown = [...world.endpoints.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(shown).toMatchObject(
        before.map(({ name, target, priority }) => ({ name, target, priority, enabled: true })),
      );
      expect([...world.groups.keys()].every((name) => name.includes(OLD))).toBe(true);
    }
  });

  test('endpoints that were named for one group are led elsewhere and back all the same', () => {
    const world = new World();
    world.routingMethod = 'Priority';
    const live = stack(OLD, '1.0.0');
    world.addStack(live, { inRotation: true });
    const given = { app, live, candidate: stack(NEW, '1.1.0'), owner: 'viridian', now: START };
    const begun = startRollout({ ...given, profile: seenProfile(world) });
    const drained = world.run(begun, isAt('drain', 'live'));
    expect([...world.endpoints.values()].map(({ target }) => target)).toEqual([targetOf(NEW, 1), targetOf(NEW, 2)]);
    const turned = turnBack(drained, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
    world.run(turned);
    const ends = live.groups.map(({ endpoint: name, replica }) => ({ name, target: targetOf(OLD, replica) }));
    expect([...world.endpoints.values()]).toMatchObject(ends);
  });
});

describe('Performance, where a second endpoint in a location is refused', () => {
  const MESSAGE = "Multiple endpoints point to region 'westeurope'.";

  function refusing(message = MESSAGE): { world: World; rollout: Rollout } {
    const world = new World();
    world.routingMethod = 'Performance';
    const live = stack(OLD, '1.0.0');
    world.addStack(live, { inRotation: true });
    const code = 'BadRequest';
    const isNew = (effect: Effect) =>
      effect.kind === 'enableEndpoint' &&
      effect.group.name.includes(NEW) &&
      !world.endpoints.has(effect.group.endpoint);
    world.refuse(isNew, { fault: 'operator', code, message });
    const given = { app: besideApp, live, candidate: stack(NEW, '1.1.0'), owner: 'viridian', now: START };
    const begun = startRollout({ ...given, profile: seenProfile(world) });
    return { world, rollout: world.run(begun, isAt('register', 'candidate')) };
  }

  test('the rest is planned anew, and those that are there are led to the candidate', () => {
    const { world, rollout } = refusing();
    const refused = world.step(rollout).rollout;
    expect(cell(world.step(refused))).toBe('replanned → swap candidate');
    const end = world.run(refused);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(end.plan.map(stepName)).toEqual([
      'provision candidate',
      'verify candidate',
      'swap candidate',
      'drain live',
      'retire live',
    ]);
    expect([...world.endpoints.values()].map(({ target }) => target)).toEqual([targetOf(NEW, 1), targetOf(NEW, 2)]);
  });

  test('what is refused for another reason is tried again beside, until its deadline', () => {
    const { world, rollout } = refusing('The endpoint is not to our liking.');
    expect(world.run(rollout).turnedBack?.reason).toContain('not to our liking');
  });

  test('an endpoint in the way that is no pair’s is not waited for: only clean-up takes it away', () => {
    const { world, rollout } = refusing();
    const swapping = world.run(rollout, isAt('swap', 'candidate'));
    const [first = ''] = world.endpoints.keys();
    world.endpoints.delete(first);
    world.refusals.clear();
    const tried = world.step(swapping).rollout;
    const patient = { ...tried, settings: { ...tried.settings, onDeadline: 'wait' as const } };
    expect(cell(world.step(patient))).toBe('turnedBack (world) → swap live');
  });

  test('what puts the live stack as it should be is not planned anew: it tries again, later each time, until its deadline', () => {
    const { world } = refusing();
    const live = stack(OLD, '1.0.0');
    const [first = ''] = world.endpoints.keys();
    world.endpoints.delete(first);
    const isLost = (effect: Effect) => effect.kind === 'enableEndpoint' && effect.group.endpoint === first;
    world.refuse(isLost, { fault: 'operator', code: 'BadRequest', message: MESSAGE });
    world.log.length = 0;
    world.changes.length = 0;
    const given = { app: besideApp, live, proofs: {}, id: '33333333', now: world.now };
    const end = world.run({ ...startDriftRepair(given), routing: 'Performance' });
    expect(end.finished).toBeDefined();
    expect(end.turnedBack?.reason).toContain(MESSAGE);
    expect(world.changes.map(({ kind }) => kind)).not.toContain('replanned');
    expect(world.log.filter((line) => line.startsWith('enableEndpoint')).length).toBeLessThan(8);
  });

  test('what is replanned goes back like any other in place', () => {
    const { world, rollout } = refusing();
    const drained = world.run(rollout, isAt('drain', 'live'));
    const turned = turnBack(drained, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
    expect(world.run(turned).finished?.outcome).toBe('Aborted');
    expect([...world.endpoints.values()].map(({ target }) => target)).toEqual([targetOf(OLD, 1), targetOf(OLD, 2)]);
  });
});

test('S97: a rollout in place comes back from a store as it was, at each of its steps, both ways', () => {
  const { world, rollout } = begin({ old: 3, new: 1 });
  const stored = (one: Rollout) => {
    const state = { ...EMPTY_STATE, live: one.live, rollout: one };
    return parseAppState('web', JSON.parse(JSON.stringify(state))).rollout;
  };
  const drained = world.run(rollout, (one) => {
    expect(stored(one)).toEqual(one);
    return isAt('drain', 'live')(one);
  });
  const turned = turnBack(drained, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  world.run(turned, (one) => {
    expect(stored(one)).toEqual(one);
    return false;
  });
});

test('an endpoint whose weight somebody has changed gets it back as it is led to its new group', () => {
  const { world, rollout } = begin();
  world.routingMethod = 'Weighted';
  const swapping = world.run({ ...rollout, routing: 'Weighted' }, isAt('swap', 'candidate'));
  world.setEndpoint(place(1), targetOf(OLD, 1), true, 7);
  expect(swapCell(world.step(swapping))).toBe('waits → swap candidate: enableEndpoint 1');
  expect(world.run(swapping).finished?.outcome).toBe('Succeeded');
});

test('R7: a live group that has restarted often in its life proves itself by what it does now', () => {
  const { world, rollout } = scene('back');
  for (const replica of [1, 2]) {
    const name = `web-${OLD}-westeurope-${replica}`;
    const group = world.groups.get(name);
    if (group === undefined) throw new Error(`${name} is there`);
    const containers = group.containers.map((container) => ({ ...container, restarts: 26 }));
    world.groups.set(name, { ...group, containers });
  }
  expect(world.run(rollout).finished?.outcome).toBe('Aborted');
});

test('never three releases: an endpoint that leads to neither stack, as one that was called off has left it, is led first', () => {
  const { world, rollout } = begin();
  world.setEndpoint(place(2), targetOf('33333333', 2), true, 100);
  const end = world.run(rollout);
  expect(end.finished?.outcome).toBe('Succeeded');
  expect(world.log.filter((line) => line.startsWith('retarget'))).toEqual([
    `retargetEndpoint web-${NEW}-westeurope-2`,
    `retargetEndpoint web-${NEW}-westeurope-1`,
  ]);
});

test('and nothing else is led meanwhile, where its first write is refused', () => {
  const { world, rollout } = begin({ old: 3 });
  world.setEndpoint(place(3), targetOf('33333333', 3), true, 100);
  const isThird = ({ kind, group }: Effect) => kind === 'retargetEndpoint' && group.name.endsWith('-3');
  world.refuse(isThird, { fault: 'world', code: 'TooManyRequests', message: '' }, 1);
  const versions = () => new Set([...world.endpoints.values()].map(({ target = '' }) => target.split('-')[1]));
  const most: number[] = [];
  const end = world.run(rollout, () => {
    most.push(versions().size);
    return false;
  });
  expect(end.finished?.outcome).toBe('Succeeded');
  expect(Math.max(...most)).toBe(2);
});
