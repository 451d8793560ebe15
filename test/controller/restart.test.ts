/** What a next life makes of a rollout: no drain ends early, and nothing is done twice. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import { resume } from '../../src/rollout/resume.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { drainedAt, drainWaitMs } from '../../src/rollout/drained.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live } from '../rollout/situations.ts';
import { app, START, World } from '../rollout/world.ts';

function upgrade(): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return { world, rollout: startRollout({ app, live, candidate, now: START }) };
}

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;

/** As a store gives it back. */
function stored(rollout: Rollout): Rollout {
  const read = parseAppState('web', JSON.parse(JSON.stringify({ ...EMPTY_STATE, live, rollout }))).rollout;
  if (read === undefined) throw new Error('the rollout was stored');
  return read;
}

const nextLife = (rollout: Rollout) => resume(stored(rollout));

describe('the end of a drain', () => {
  test('S74: is stored as the moment of the removal, so that reading it again does not move it', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain'));
    const until = drainedAt(draining, live.groups);
    const read = stored(draining);
    expect(until).toBe(draining.enteredAt + drainWaitMs(draining));
    expect(drainedAt(read, live.groups)).toBe(until);
    expect(world.run(read, at('retire')).enteredAt).toBe(until);
  });

  test.each([1000, 16_000, 3 * 3_600_000])(
    'S74, R2: after a restart %i ms into it is never earlier: the clock may be another one',
    (ms) => {
      const { world, rollout } = upgrade();
      const draining = world.run(rollout, at('drain'));
      world.ttlSeconds = 1;
      world.now += ms;
      const again = nextLife(draining);
      expect(again).toMatchObject({ maxTtlSeconds: 10, deadlineAt: draining.deadlineAt, exposed: draining.exposed });
      const from = world.now;
      const retiring = world.run(again, at('retire'));
      expect(retiring.enteredAt).toBe(from + drainWaitMs(draining));
      expect(world.changes.map(({ kind }) => kind)).not.toContain('turnedBack');
      expect(world.run(retiring).finished?.outcome).toBe('Succeeded');
    },
  );
});

/** Runs with a kill at the n-th decision, before or after what it asked for was done. */
function killedAt(nth: number, when: 'before' | 'after', isBad: boolean): { world: World; decisions: number } {
  const { world, rollout } = upgrade();
  world.isHealthy = (name) => !isBad || !name.includes(candidate.id);
  let current = rollout;
  let decisions = 0;
  for (; current.finished === undefined && decisions < 500; decisions += 1) {
    const isKilled = decisions === nth;
    world.allows = () => !(isKilled && when === 'before');
    const decision = world.step(current);
    if (isKilled && when === 'before') world.log.splice(world.log.length - decision.effects.length);
    current = isKilled && decision.rollout.finished === undefined ? nextLife(decision.rollout) : decision.rollout;
    world.now = Math.max(world.now, isKilled ? world.now + 5000 : decision.wakeAt);
  }
  return { world, decisions };
}

test.each([false, true])(
  'S96: killed at any decision it ends the same and does nothing twice (a bad release: %s)',
  (isBad) => {
    const undisturbed = killedAt(-1, 'after', isBad);
    const end = ({ world }: { world: World }) => [[...world.groups.keys()], [...world.endpoints.keys()], world.log];
    expect(undisturbed.decisions).toBeGreaterThan(7);
    for (let nth = 0; nth < undisturbed.decisions; nth += 1) {
      for (const when of ['before', 'after'] as const) {
        expect({ nth, when, end: end(killedAt(nth, when, isBad)) }).toEqual({ nth, when, end: end(undisturbed) });
      }
    }
  },
);
