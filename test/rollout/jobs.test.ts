/** Jobs as checks, decided purely: made once, judged by their own exit, and gone at the end whatever becomes of the rollout. */
import { describe, expect, test } from 'vitest';
import type { Check, JobSource } from '../../src/model/check.ts';
import { jobName } from '../../src/model/ownership.ts';
import type { ObservedGroup } from '../../src/rollout/observation.ts';
import { resume } from '../../src/rollout/resume.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from './situations.ts';
import { app, running, START, World } from './world.ts';

const MINUTE = 60_000;

function job(name: string, more: Partial<Check> = {}, source: Partial<JobSource> = {}): Check {
  const limits = { count: 1, failureLimit: 0, errorLimit: 1, inconclusiveLimit: 0 };
  const conditions = { successWhen: undefined, failureWhen: undefined };
  const cost = { command: undefined, cpu: 1, memoryGb: 1, deadlineMs: 2 * MINUTE };
  return {
    name,
    source: { kind: 'job', image: 'candidate', container: 'check', ...cost, ...source },
    ...conditions,
    ...limits,
    intervalMs: 1000,
    timeoutMs: 1000,
    isDryRun: false,
    ...more,
  };
}

function upgrade(...before: readonly Check[]): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const checked = { ...app, rollout: { ...app.rollout, checks: { before, after: [] } } };
  return { world, rollout: startRollout({ app: checked, live, candidate, now: START }) };
}

/** The step after provision and verify. */
const CHECK_STEP = 2;
const nameOf = (check: string) => jobName('web', candidate.id, `${CHECK_STEP} ${check}`);
const jobsIn = (world: World) => [...world.groups.keys()].filter((name) => name.includes('-job-'));
const isThere = (name: string) => (world: World) => world.groups.has(name);
const timesMade = (world: World, name: string) => world.log.filter((line) => line === `createJob ${name}`).length;

/** Runs until the world is as told, without ending the rollout. */
function until(world: World, rollout: Rollout, isSo: (world: World) => boolean): Rollout {
  return world.run(rollout, () => isSo(world));
}

function end(world: World, check: string, exitCode: number, changes: Partial<ObservedGroup> = {}): void {
  const name = nameOf(check);
  const good = running(name, `${candidate.id}-job`);
  const containers = good.containers.map((one) => ({ ...one, name: 'check', state: 'Terminated', exitCode }));
  world.groups.set(name, { ...good, state: exitCode === 0 ? 'Succeeded' : 'Failed', containers, ...changes });
}

describe('S46: a job', () => {
  test('that ends with exit code 0 lets the rollout go on, and is deleted', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const started = until(world, rollout, isThere(nameOf('smoke')));
    expect(world.log.filter((line) => line.startsWith('enableEndpoint'))).toEqual([]);
    end(world, 'smoke', 0);
    expect(world.run(started).finished?.outcome).toBe('Succeeded');
    expect(jobsIn(world)).toEqual([]);
    expect(timesMade(world, nameOf('smoke'))).toBe(1);
  });

  test('that ends with another one blames the release, with the code and the end of its log', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const started = until(world, rollout, isThere(nameOf('smoke')));
    world.logs.set(nameOf('smoke'), 'asks /healthz\n500: no such table\n');
    end(world, 'smoke', 7);
    const { finished, turnedBack } = world.run(started);
    expect(finished?.outcome).toBe('RolledBack');
    expect(turnedBack).toMatchObject({ fault: 'release' });
    expect(turnedBack?.reason).toMatch(/exit code 7.*500: no such table/);
    expect(world.log.filter((line) => line.startsWith('enableEndpoint'))).toEqual([]);
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });

  test('S102: that ends with exit code 75 cannot tell for the moment: it is run again, and blames nobody', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const started = until(world, rollout, isThere(nameOf('smoke')));
    end(world, 'smoke', 75);
    const ended = until(world, world.step(started).rollout, () => jobsIn(world).length === 0);
    const again = until(world, ended, isThere(nameOf('smoke')));
    end(world, 'smoke', 0);
    expect(world.run(again).finished?.outcome).toBe('Succeeded');
    expect(timesMade(world, nameOf('smoke'))).toBe(2);
  });

  test('that runs longer than its deadline is deleted, and blames the release', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const { finished, turnedBack } = world.run(rollout);
    expect([finished?.outcome, turnedBack?.fault]).toEqual(['RolledBack', 'release']);
    expect(turnedBack?.reason).toContain('not ended within 120 s');
    expect(jobsIn(world)).toEqual([]);
  });

  test('R7: that Azure never brings to run is an error, which blames nobody', () => {
    const { world, rollout } = upgrade(job('smoke'));
    let current = rollout;
    for (let runs = 0; runs < 2; runs += 1) {
      current = until(world, current, isThere(nameOf('smoke')));
      end(world, 'smoke', 0, { provisioningState: 'Creating', state: 'Pending', containers: [] });
      current = until(world, current, () => jobsIn(world).length === 0);
    }
    const { turnedBack, finished } = world.run(current);
    expect([finished?.outcome, turnedBack?.fault]).toEqual(['RolledBack', 'world']);
    expect(turnedBack?.reason).toContain('did not run in time');
  });

  test.each([
    ['release', 'InaccessibleImage', 'release'],
    ['world', 'ContainerGroupQuotaReached', 'world'],
    ['operator', 'AuthorizationFailed', 'world'],
  ] as const)('that is refused by fault of the %s (%s) is judged as of the %s', (fault, code, judged) => {
    const { world, rollout } = upgrade(job('smoke'));
    world.refuse(({ kind }) => kind === 'createJob', { fault, code, message: 'told why' });
    const { turnedBack } = world.run(rollout);
    expect(turnedBack?.fault).toBe(judged);
    expect(turnedBack?.reason).toContain(`${code}: told why`);
  });

  test('whose image cannot be pulled blames the release with the reason', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const started = until(world, rollout, isThere(nameOf('smoke')));
    const warnings = ['Failed: Failed to pull image "shop.azurecr.io/smoke:9"'];
    end(world, 'smoke', 0, { provisioningState: 'Failed', containers: [], warnings });
    const { turnedBack } = world.run(started);
    expect(turnedBack).toMatchObject({ fault: 'release' });
    expect(turnedBack?.reason).toContain('shop.azurecr.io/smoke:9');
  });

  test.each([
    ['vanishes', undefined, 'vanished'],
    ['is stopped by somebody', 'Container stopped per client request', 'no exit code of its own'],
  ])('R7: that %s is an error and is run again', (_, detail, told) => {
    const { world, rollout } = upgrade(job('smoke'));
    let current = until(world, rollout, isThere(nameOf('smoke')));
    // It was seen.
    current = world.step(current).rollout;
    if (detail === undefined) world.groups.delete(nameOf('smoke'));
    else {
      end(world, 'smoke', 0);
      const group = world.groups.get(nameOf('smoke'));
      const containers = group?.containers.map((one) => ({ ...one, detail })) ?? [];
      end(world, 'smoke', 0, { containers });
    }
    current = until(world, current, () => timesMade(world, nameOf('smoke')) === 2);
    expect(Object.values(current.tallies)[0]?.lastDetail).toContain(told);
    end(world, 'smoke', 0);
    expect(world.run(current).finished?.outcome).toBe('Succeeded');
  });

  test('among several, of which all run at a time and one fails, fails all; the others are deleted', () => {
    const { world, rollout } = upgrade(job('smoke'), job('contract'));
    const both = (seen: World) => jobsIn(seen).length === 2;
    const started = until(world, rollout, both);
    end(world, 'contract', 1);
    const { turnedBack } = world.run(started);
    expect(turnedBack?.reason).toContain('check contract');
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });

  test('is run as often as is asked for, each time anew', () => {
    const { world, rollout } = upgrade(job('smoke', { count: 2 }));
    let current = rollout;
    for (let runs = 1; runs <= 2; runs += 1) {
      current = until(world, current, (seen) => timesMade(seen, nameOf('smoke')) === runs);
      end(world, 'smoke', 0);
      current = until(world, current, (seen) => jobsIn(seen).length === 0);
    }
    expect(world.run(current).finished?.outcome).toBe('Succeeded');
    expect(timesMade(world, nameOf('smoke'))).toBe(2);
  });
});

describe('a restart', () => {
  test('adopts the job that runs, and starts none beside it', () => {
    const { world, rollout } = upgrade(job('smoke'));
    const resumed = resume(until(world, rollout, isThere(nameOf('smoke'))));
    const later = world.run(resumed, () => world.now > START + MINUTE);
    end(world, 'smoke', 0);
    expect(world.run(later).finished?.outcome).toBe('Succeeded');
    expect(timesMade(world, nameOf('smoke'))).toBe(1);
  });

  test('finds a job that no saved state knows of, and adopts it', () => {
    const { world, rollout } = upgrade(job('smoke'));
    end(world, 'smoke', 0);
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
    expect(timesMade(world, nameOf('smoke'))).toBe(0);
    expect(jobsIn(world)).toEqual([]);
  });

  test('does not run a job again that has ended while others still run', () => {
    const { world, rollout } = upgrade(job('quick'), job('slow'));
    let current = until(world, rollout, (seen) => jobsIn(seen).length === 2);
    end(world, 'quick', 0);
    current = resume(until(world, current, (seen) => jobsIn(seen).length === 1));
    end(world, 'slow', 0);
    expect(world.run(current).finished?.outcome).toBe('Succeeded');
    expect(timesMade(world, nameOf('quick'))).toBe(1);
  });
});

test('S46: a job that runs while the rollout is called off is deleted before it ends', () => {
  const { world, rollout } = upgrade(job('smoke'));
  const started = until(world, rollout, isThere(nameOf('smoke')));
  const aborted = turnBack(started, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  expect(world.run(aborted).finished?.outcome).toBe('Aborted');
  expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
});

test('a job that cannot be deleted does not keep a rollout from its end for ever', () => {
  const { world, rollout } = upgrade(job('smoke'));
  const started = until(world, rollout, isThere(nameOf('smoke')));
  end(world, 'smoke', 0);
  world.allows = ({ kind }) => kind !== 'deleteJob';
  expect(world.run(started).finished?.outcome).toBe('Succeeded');
  expect(jobsIn(world)).toHaveLength(1);
});

test('R4: a group of that name that is not ours is neither adopted nor deleted', () => {
  const { world, rollout } = upgrade(job('smoke'));
  const other = running(nameOf('smoke'), 'foreign');
  world.groups.set(other.name, other);
  const checking = world.run(rollout, (one) => currentStep(one)?.kind === 'check');
  const aborted = turnBack(checking, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  world.run(aborted);
  expect(world.groups.get(other.name)).toBe(other);
  expect(world.log.filter((line) => line.includes('Job'))).toEqual([]);
});

test('R8: a rollout waits for the deletion of its jobs before it ends', () => {
  const { world, rollout } = upgrade(job('smoke'));
  const started = until(world, rollout, isThere(nameOf('smoke')));
  const aborted = turnBack(started, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  let tries = 0;
  world.allows = ({ kind }) => kind !== 'deleteJob' || (tries += 1) > 4;
  expect(world.run(aborted).finished?.outcome).toBe('Aborted');
  expect([tries, jobsIn(world)]).toEqual([5, []]);
});
