/** When a rollout is looked at again. */
import { expect, test } from 'vitest';
import { wokenEarly } from '../../src/controller/look-due.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import { app, stack, START, World } from '../rollout/world.ts';

test('R10: a question to the name servers that cannot be asked, as without a profile, does not keep the loop turning', () => {
  const world = new World();
  const live = stack('11111111', '1.0.0');
  world.addStack(live, { inRotation: true });
  const started = startRollout({ app, live, candidate: stack('22222222', '1.1.0'), now: START });
  const draining = world.run(started, (rollout) => currentStep(rollout)?.kind === 'drain');
  world.profileExists = false;
  const decision = world.step(draining);
  const { wakeAt } = wokenEarly(decision, { askAt: world.now - 5000, now: world.now });
  expect(wakeAt).toBeGreaterThan(world.now);
});
