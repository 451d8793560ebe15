/** Endpoints that Traffic Manager does not take, or that somebody takes away. */
import { describe, expect, test } from 'vitest';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live } from './situations.ts';
import { app, START, World } from './world.ts';

const forbidden = { fault: 'operator', code: 'AuthorizationFailed', message: 'no right to write' } as const;

function upgrade(): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return { world, rollout: startRollout({ app, live, candidate, now: START }) };
}

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;
const endpoints = (of: typeof live) => of.groups.map(({ endpoint }) => endpoint);

describe('enabling an endpoint', () => {
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
