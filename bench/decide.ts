/** The pure machine: whole upgrades in virtual time, for small and for the largest stacks. */
import { startRollout } from '../src/rollout/start.ts';
import type { Rollout } from '../src/rollout/state.ts';
import { app, stack, START, World } from '../test/rollout/world.ts';
import type { Figure } from './bench.ts';

const LONG_ENOUGH_MS = 1500;

export function benchDecide(): Figure[] {
  return [2, 20, 400].map((groups) => {
    let decisions = 0;
    let spentMs = 0;
    while (spentMs < LONG_ENOUGH_MS) {
      const live = stack('11111111', '1.0.0', groups);
      const world = new World();
      world.addStack(live, { inRotation: true });
      let rollout: Rollout = startRollout({ app, live, candidate: stack('22222222', '1.1.0', groups), now: START });
      const from = performance.now();
      while (rollout.finished === undefined) {
        const decision = world.step(rollout);
        rollout = decision.rollout;
        world.now = Math.max(world.now, decision.wakeAt);
        decisions += 1;
      }
      spentMs += performance.now() - from;
    }
    return {
      name: `decide with observation, ${groups} groups a stack`,
      value: (decisions / spentMs) * 1000,
      unit: '/s',
    };
  });
}
