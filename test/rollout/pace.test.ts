/** How often Azure is looked at, by what a rollout waits for. */
import { describe, expect, test } from 'vitest';
import { onlineLookMs, paceOf } from '../../src/rollout/pace.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { STEP_KINDS } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from './situations.ts';
import { app, START } from './world.ts';

const OBSERVE_MS = app.rollout.observeIntervalMs;
const upgrade = (isRollback = false) => startRollout({ app, live, candidate, isRollback, now: START });
const inStep = (rollout: Rollout, kind: StepKind): Rollout => ({
  ...rollout,
  plan: [{ kind, side: 'candidate' }],
  cursor: 0,
});

describe('the pace of looks', () => {
  test.each(STEP_KINDS)('on the way back all is looked at in each turn, also in %s', (kind) => {
    const why = { outcome: 'RolledBack', reason: 'told', fault: 'operator' } as const;
    const back = turnBack(upgrade(), why, START);
    expect(paceOf({ ...back, backPlan: [{ kind, side: 'live' }], cursor: 0 })).toBeUndefined();
  });

  test.each(['online', 'swap', 'drain', 'register'] as const)('S70: so it is in a rollback, in %s', (kind) => {
    expect(paceOf(inStep(upgrade(true), kind))).toBeUndefined();
    expect(onlineLookMs(inStep(upgrade(true), kind))).toBe(0);
  });

  test.each(['online', 'swap', 'weigh'] as const)(
    'once all are Online in %s, the next look is one turn later',
    (kind) => {
      const waiting = inStep(upgrade(), kind);
      const found: Rollout = { ...waiting, onlineStreak: { looks: 1, at: START } };
      expect(paceOf(found)).toMatchObject({ firstMs: OBSERVE_MS, longestMs: OBSERVE_MS });
      expect(paceOf(waiting)?.longestMs).toBeGreaterThan(OBSERVE_MS);
    },
  );

  test('R2: a drain is looked at each ten seconds, or as seldom as anything', () => {
    const draining = inStep(upgrade(), 'drain');
    expect(paceOf(draining)).toMatchObject({ firstMs: 10_000, longestMs: 10_000 });
    const seldom = { ...draining, settings: { ...draining.settings, observeIntervalMs: 30_000 } };
    expect(paceOf(seldom)).toMatchObject({ firstMs: 30_000, longestMs: 30_000 });
  });

  test('an app without traffic is looked at in each turn', () => {
    expect(paceOf({ ...inStep(upgrade(), 'verify'), traffic: undefined })).toBeUndefined();
  });

  test.each(['verify', 'check', 'gate', 'bake'] as const)(
    'a group that was seen not to run, so that nobody probes it, is looked at soon again in %s',
    (kind) => {
      const step = inStep(upgrade(), kind);
      const proof = { runningSince: START, restarts: 0, probedAt: START, successes: 2, failures: 0, lastDetail: '200' };
      const proven = candidate.groups.map(({ name }) => [name, { ...proof, verifiedAt: START }] as const);
      expect(paceOf({ ...step, proofs: Object.fromEntries(proven) })?.firstMs).toBe(12 * OBSERVE_MS);
      const crashed = paceOf({ ...step, proofs: Object.fromEntries(proven.slice(1)) });
      expect(crashed).toMatchObject({ firstMs: OBSERVE_MS, longestMs: 3 * OBSERVE_MS });
    },
  );
});
