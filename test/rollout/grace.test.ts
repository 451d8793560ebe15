/** S51: a program that binds its port late: what its probe answers within the grace period condemns nothing. */
import { describe, expect, test } from 'vitest';
import { startRollout } from '../../src/rollout/start.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { app, stack, START, World } from './world.ts';

const probe = { scheme: 'http', port: 80, path: '/', host: undefined, statuses: [{ from: 200, to: 299 }] } as const;
const pace = { intervalMs: 1000, timeoutMs: 1000, successes: 2, failures: 3 };
const live = stack('11111111', '1.0.0', 1);
const candidate = stack('22222222', '1.1.0', 1);

/** A rollout whose candidate answers from `bindsMs` after its start on. */
function binding(bindsMs: number, graceMs: number): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  world.isHealthy = (group) => !candidate.groups.some(({ name }) => name === group) || world.now >= START + bindsMs;
  const slow = { ...app, replicas: 1, probe: { ...probe, ...pace, graceMs } };
  return { world, rollout: startRollout({ app: slow, live, candidate, now: START }) };
}

describe('S51: the grace period of a probe', () => {
  test('a slow bind within it is waited for, however many probes fail meanwhile', () => {
    const { world, rollout } = binding(20_000, 30_000);
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
  });

  test('without it the same one fails as soon as its probes have failed as often as they may', () => {
    const { world, rollout } = binding(20_000, 0);
    expect(world.run(rollout)).toMatchObject({
      finished: { outcome: 'RolledBack' },
      turnedBack: { fault: 'release', reason: expect.stringContaining('fails its probe 3 times in a row') },
    });
  });

  test('once it is over, failures count from then on only', () => {
    const { world, rollout } = binding(600_000, 10_000);
    const { turnedBack } = world.run(rollout);
    expect(turnedBack).toMatchObject({ fault: 'release' });
    const sinceStartMs = (turnedBack?.at ?? 0) - START;
    expect(sinceStartMs).toBeGreaterThanOrEqual(12_000);
    expect(sinceStartMs).toBeLessThan(16_000);
  });

  test('success is not kept waiting for its end', () => {
    const { world, rollout } = binding(0, 60_000);
    const verified = world.run(rollout, ({ plan, cursor }) => plan[cursor]?.kind === 'register');
    expect(verified.enteredAt - START).toBeLessThan(10_000);
  });
});
