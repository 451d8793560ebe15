/** What Azure says of a container group, word for word, and what the machine makes of it. */
import { describe, expect, test } from 'vitest';
import { healthOf } from '../../src/rollout/health.ts';
import type { ObservedContainer, ObservedGroup } from '../../src/rollout/observation.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, groupsAre, live } from './situations.ts';
import { app, running, START, World } from './world.ts';

type Changes = Partial<ObservedGroup> & { container?: Partial<ObservedContainer> };

const crashLoop = { state: 'Waiting', detail: 'CrashLoopBackOff: Back-off 10s restarting failed', restarts: 2 };
const byRequest = { state: 'Terminated', exitCode: 0, detail: 'Container stopped per client request' };

/** The group of a stack that runs, with the changes; `container` changes its only container. */
function group(name: string, stackId: string, { container, ...changes }: Changes): ObservedGroup {
  const good = running(name, stackId);
  return { ...good, containers: good.containers.map((one) => ({ ...one, ...container })), ...changes };
}

function inStep(kind: StepKind, changes: Changes): string {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const isThere = (rollout: Rollout) => currentStep(rollout)?.kind === kind;
  const entered = world.run(startRollout({ app, live, candidate, now: START }), isThere);
  groupsAre('candidate', (name, id) => group(name, id, changes))(world, entered);
  const { change, effects } = world.step(entered);
  const fault = change?.kind === 'turnedBack' ? ` by the ${change.fault}` : '';
  return `${change?.kind ?? 'waits'}${fault}${effects.length === 0 ? '' : `: ${effects[0]?.kind}`}`;
}

describe('a group of the candidate', () => {
  // In provision it is waited for; in verify one that has failed is not made anew any more.
  test.each<[string, Changes, inProvision: string, inVerify: string]>([
    ['Pending', { provisioningState: 'Pending', state: 'Pending', container: { state: undefined } }, 'waits', 'waits'],
    [
      'Creating',
      { provisioningState: 'Creating', state: 'Pending', container: { state: 'Waiting' } },
      'waits',
      'waits',
    ],
    ['Creating, all containers Running', { provisioningState: 'Creating' }, 'waits', 'waits'],
    ['Repairing', { provisioningState: 'Repairing', container: { state: 'Waiting' } }, 'waits', 'waits'],
    ['Repairing, all containers Running', { provisioningState: 'Repairing' }, 'waits', 'waits'],
    ['Running', {}, 'stepDone', 'waits'],
    ['Running, its container Waiting', { container: { state: 'Waiting' } }, 'waits', 'waits'],
    ['Running, its container unknown', { container: { state: 'Hibernating' } }, 'waits', 'waits'],
    ['Running, its container not shown yet', { container: { state: undefined } }, 'waits', 'waits'],
    ['Running, no container shown at all', { containers: [] }, 'waits', 'waits'],
    ['Running, crash-looping', { container: crashLoop }, 'turnedBack by the release', 'turnedBack by the release'],
    [
      'Running, restarted too often',
      { container: { restarts: 3 } },
      'turnedBack by the release',
      'turnedBack by the release',
    ],
    [
      'Succeeded: every container has ended',
      { state: 'Succeeded', container: { state: 'Terminated', exitCode: 0 } },
      'turnedBack by the release',
      'turnedBack by the release',
    ],
    [
      'Failed: a container has ended with 1',
      { state: 'Failed', container: { state: 'Terminated', exitCode: 1 } },
      'turnedBack by the release',
      'turnedBack by the release',
    ],
    ['Failed, its containers not shown', { state: 'Failed', container: { state: undefined } }, 'waits', 'waits'],
    [
      'Failed to be provisioned',
      { provisioningState: 'Failed', state: 'Pending', container: { state: undefined } },
      'waits: deleteGroup',
      'turnedBack by the world',
    ],
    [
      'Terminated',
      { state: 'Terminated', container: { state: 'Terminated', exitCode: 137 } },
      'turnedBack by the release',
      'turnedBack by the release',
    ],
    ['Stopped on request', { state: 'Stopped', container: byRequest }, 'waits: startGroup', 'waits'],
    ['of an unknown state', { state: 'Hibernating' }, 'waits', 'waits'],
    ['of an unknown provisioning state', { provisioningState: 'Unhealthy' }, 'waits', 'waits'],
    ['without an instance view', { state: undefined }, 'waits', 'waits'],
  ])('S93: that is %s', (_, changes, inProvision, inVerify) => {
    expect({ provision: inStep('provision', changes), verify: inStep('verify', changes) }).toEqual({
      provision: inProvision,
      verify: inVerify,
    });
  });
});

describe('a group of several containers', () => {
  const [main] = running('web', 'x').containers;
  const containers = (...states: string[]) =>
    states.map((state, index) => ({
      name: `c${index}`,
      image: main?.image ?? '',
      state,
      detail: '',
      exitCode: 1,
      restarts: 1,
    }));

  test.each([
    [['Running', 'Running', 'Running'], 'running'],
    [['Running', 'Running', 'Waiting'], 'starting'],
    [['Waiting', 'Running', 'Running'], 'starting'],
    [['Running', 'Creating', 'Running'], 'starting'],
    [['Running', 'Running', 'Terminated'], 'crashed'],
    [['Waiting', 'Waiting', 'Terminated'], 'crashed'],
  ])('S93: %j is %s', (states, kind) => {
    expect(healthOf({ ...running('web', 'x'), containers: containers(...states) }).kind).toBe(kind);
  });

  test('S93: counts the restarts of all of them, so that none goes unseen', () => {
    const group = { ...running('web', 'x'), containers: containers('Running', 'Running') };
    expect(healthOf(group)).toEqual({ kind: 'running', restarts: 2 });
  });
});

test('S93: restarts of a whole life are no crash loop of a group that no rollout has just made', () => {
  const group = { ...running('web', 'x') };
  const worn = { ...group, containers: group.containers.map((container) => ({ ...container, restarts: 26 })) };
  expect(healthOf(worn).kind).toBe('crashed');
  expect(healthOf(worn, { isOld: true })).toMatchObject({ kind: 'running' });
  const ended = { ...worn, containers: worn.containers.map((one) => ({ ...one, state: 'Terminated' })) };
  expect(healthOf(ended, { isOld: true }).kind).toBe('crashed');
});

test('S93, R3: a group whose container was seen not to run has to prove itself anew', () => {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const verifying = (rollout: Rollout) => currentStep(rollout)?.kind === 'verify';
  const entered = world.run(startRollout({ app, live, candidate, now: START }), verifying);
  const once = world.step(entered).rollout;
  world.now += 1000;
  const name = candidate.groups[0]?.name ?? '';
  world.groups.set(name, group(name, candidate.id, { provisioningState: 'Repairing' }));
  const repairing = world.step(once);
  expect(repairing.change).toBeUndefined();
  expect(repairing.waitingOn).toContain(`1 verified (${name}: not running)`);
});
