/** What an operator's word keeps from being started, and what it does not. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { refusalToStart, freshMemory } from '../../src/controller/idle.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { operatorRefusal } from '../../src/controller/operator-refusal.ts';
import type { OperatorState } from '../../src/controller/operator-state.ts';
import { afterRollout } from '../../src/controller/app-state.ts';
import { supersede } from '../../src/controller/supersede.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { app, release, stack, START } from '../rollout/world.ts';
import { idleAzure } from '../support/idle-azure.ts';

const live = stack('11111111', '1.0.0');
const by = { by: 'bob', at: START };
const hold = { ...by, reason: 'incident' };
const refused = { ...by, release: release('1.2.0'), after: 'rollback' as const };

function given(operator: Partial<OperatorState>, names: readonly string[] = ['1.0.0', '1.1.0', '1.2.0']) {
  const tags = names.map((name) => ({ name, digest: release(name).images[0]?.digest, pushedAt: START }));
  const state: AppState = { ...EMPTY_STATE, live, operator: { ...EMPTY_STATE.operator, ...operator } };
  const source = {
    latest: () => ({ kind: 'known' as const, tags }),
    want: () => undefined,
    lookedAt: () => START,
    look: () => undefined,
    check: async () => ({ kind: 'fit' as const, imageDigest: '' }),
  };
  return { app, state, tags: source, machine: MACHINE, now: START };
}

describe('what an operator said keeps', () => {
  test('S99: every release where the app is held, with the message of who held it', () => {
    expect(operatorRefusal(given({ hold }), release('1.2.0'))).toEqual({
      hold: 'operator',
      reason: 'incident (since 2026-01-01T12:00:00.000Z, by bob); 1.2.0 waits until it is released',
    });
  });

  test('S58: the release that was called off, but not a newer one', () => {
    expect(operatorRefusal(given({ refused }), release('1.2.0'))?.reason).toContain('1.2.0 was rolled back');
    expect(operatorRefusal(given({ refused }, ['1.0.0', '1.2.0', '1.3.0']), release('1.3.0'))).toBeUndefined();
  });

  test('also one that is newer than what runs, and older than what was called off', () => {
    const older = operatorRefusal(given({ refused }, ['1.0.0', '1.1.0']), release('1.1.0'));
    expect(older?.reason).toContain('1.1.0 is not newer than 1.2.0');
  });

  test('no repair of what runs', () => {
    const idle = {
      ...given({ hold }),
      owner: 'viridian',
      memory: freshMemory(),
      clock: { now: () => START, wait: async () => undefined },
      events: makeEvents({ debug: drop, info: drop, warn: drop, error: drop }),
      newId: () => 'x',
    };
    expect(refusalToStart({ ...idle, azure: idleAzure('not to be asked') }, live.release)).toBeUndefined();
    expect(refusalToStart({ ...idle, azure: idleAzure('not to be asked') }, release('1.2.0'))).toMatchObject({
      hold: 'operator',
    });
  });

  test('S99: a rollout under way from being superseded by a release that would not start', () => {
    const rollout = startRollout({ app, live, candidate: stack('22222222', '1.1.0'), now: START });
    expect(supersede(rollout, given({}))?.rollout.turnedBack).toMatchObject({ outcome: 'Superseded' });
    expect(supersede(rollout, given({ hold }))).toBeUndefined();
    expect(supersede(rollout, given({ refused }))).toBeUndefined();
  });
});

test('S58: what was called off is replaced once a newer release runs, and stays so through a repair', () => {
  const candidate = stack('22222222', '1.3.0');
  const { state } = given({ refused, votes: [{ ...by, rollout: '22222222', full: false }] });
  const finished = { outcome: 'Succeeded' as const, at: START };
  const upgrade = { ...startRollout({ app, live, candidate, now: START }), finished };
  expect(afterRollout(state, upgrade, {}).operator).toMatchObject({ refused: undefined, votes: [] });
  expect(afterRollout(state, { ...upgrade, reason: 'repair' }, {}).operator.refused).toEqual(refused);
});

const drop = () => undefined;
