/** What is stored of an app and its rollout, and what is read of it. */
import { describe, expect, test } from 'vitest';
import { afterRollout, EMPTY_STATE, parseAppState, retryPauseMs } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { StalledError } from '../../src/model/errors.ts';
import type { Evidence } from '../../src/rollout/evidence.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { drainWaitMs } from '../../src/rollout/drained.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from '../rollout/situations.ts';
import { app, START, World } from '../rollout/world.ts';

function upgrade(): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return { world, rollout: startRollout({ app, live, candidate, now: START }) };
}

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;

/** As a store gives it back. */
const stored = (state: AppState) => parseAppState('web', JSON.parse(JSON.stringify(state)));

const proof = {
  runningSince: START,
  restarts: 0,
  probedAt: START,
  successes: 2,
  failures: 0,
  lastDetail: '200',
  verifiedAt: START,
};

const evidence: Evidence = {
  at: START,
  items: [{ kind: 'log', of: 'web-22222222-westeurope-1 web', text: 'one\ntwo' }],
  isCut: true,
};

function fullState(rollout: Rollout): AppState {
  const { resourceGroup, traffic, probe } = app;
  const summary = { from: '1.0.0', to: '1.0.5', detail: 'crashed', startedAt: START - 9000, endedAt: START - 5000 };
  return {
    live,
    rollout,
    condemned: [{ releaseId: 'bad', name: '1.0.5', reason: 'exit code 3', at: START - 5000 }],
    retry: { releaseId: 'late', attempts: 3, notBefore: START + retryPauseMs(3) },
    ttl: { seconds: 5, before: { seconds: 300, until: START + 300_000 } },
    history: [{ ...summary, rollout: '00000000', reason: 'newRelease', outcome: 'RolledBack', evidence }],
    liveProofs: { [live.groups[0]?.name ?? '']: proof },
    retained: [
      { stack: candidate, proofs: {}, until: START + 60_000 },
      { kind: 'failed', stack: candidate, proofs: {}, until: START + 60_000 },
    ],
    releases: [{ release: live.release, at: START - 90_000 }],
    templates: { aaaa: { properties: { containers: [] } } },
    folders: { aaaa: 'templates' },
    saved: { by: 'daemon.1', count: 7, before: { by: 'other.2', count: 3 } },
    bypass: { by: 'ada', until: 1_767_225_600_000 },
    setup: { resourceGroup, traffic, probe, rollout: app.rollout },
    operator: {
      hold: { reason: 'incident', by: 'alice', at: START },
      pause: { reason: undefined, by: 'bob', at: START },
      votes: [{ rollout: rollout.id, by: 'alice', at: START, full: true }],
      refused: { release: candidate.release, by: 'alice', at: START, after: 'abort' },
      rollback: { to: live.release.id, name: '1.0.0', by: 'alice', at: START },
      audit: [{ by: 'alice', at: START, from: '127.0.0.1', command: 'hold', outcome: 'web is held' }],
    },
  };
}

describe('evidence in the history', () => {
  const big = (name: string): Evidence => ({
    at: START,
    items: [{ kind: 'log', of: name, text: 'x'.repeat(30_000) }],
    isCut: false,
  });

  test('stays within 256 KiB of an app: the oldest goes first, what became of its rollout stays', () => {
    const { world, rollout } = upgrade();
    let state: AppState = { ...EMPTY_STATE, live };
    for (let n = 1; n <= 12; n += 1) {
      const finished = { outcome: 'RolledBack' as const, at: world.now };
      state = afterRollout(state, { ...rollout, id: `r${n}`, evidence: big(`r${n}`), finished }, {});
    }
    expect(state.history.map(({ rollout: id }) => id)).toHaveLength(12);
    const kept = state.history.filter((summary) => summary.evidence !== undefined).map(({ rollout: id }) => id);
    expect(kept).toEqual(['r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12']);
  });
});

describe('what is stored', () => {
  test.each<StepKind>(['provision', 'verify', 'register', 'online', 'deregister', 'drain', 'retire'])(
    'S97: of a rollout in %s comes back whole, forward and on the way back',
    (kind) => {
      const { world, rollout } = upgrade();
      const entered = world.run(rollout, at(kind));
      const tried = world.step(entered).rollout;
      const turned = turnBack(tried, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
      for (const one of [tried, turned]) expect(stored(fullState(one))).toEqual(fullState(one));
    },
  );

  test('S97: holds the deadline, the tries and the removals that were seen', () => {
    const { world, rollout } = upgrade();
    const tried = world.step(world.run(rollout, at('deregister'))).rollout;
    const draining = world.run(tried, at('drain'));
    const read = stored(fullState(draining)).rollout;
    expect(stored(fullState(tried)).rollout?.attempts).toEqual({
      'disableEndpoint web-11111111-westeurope-1': { count: 1, lastAt: world.now },
    });
    expect(Object.keys(read?.removedAt ?? {})).toEqual(live.groups.map(({ name }) => name));
    expect(read?.deadlineAt).toBe(draining.enteredAt + drainWaitMs(draining) + app.rollout.deadlines.onlineMs);
  });

  test('S97: holds which groups cannot be taken for gone yet', () => {
    const { rollout } = upgrade();
    const unsettled = { asked: { askedAt: START, isMade: true }, gone: { goneAt: START } };
    expect(stored(fullState({ ...rollout, unsettled })).rollout?.unsettled).toEqual(unsettled);
  });

  test('S97: holds a probe over TCP as it is', () => {
    const probe = {
      scheme: 'tcp' as const,
      port: 6379,
      intervalMs: 1,
      timeoutMs: 2,
      successes: 3,
      failures: 4,
      graceMs: 5,
    };
    const { rollout } = upgrade();
    expect(stored(fullState({ ...rollout, probe })).rollout?.probe).toEqual(probe);
  });

  test('S97: by an older version, without what has been added since, is read', () => {
    const { rollout } = upgrade();
    const { probe, deadlineAt, backPlan, turnedBack, ...old } = rollout;
    const read = stored(JSON.parse(JSON.stringify({ live, rollout: old, condemned: [], history: [] })));
    expect(read).toEqual({ ...EMPTY_STATE, live, rollout: old });
    expect([read.retry, read.ttl, read.setup, deadlineAt]).toEqual([undefined, undefined, undefined, START + 60_000]);
    expect([probe, backPlan, turnedBack]).toEqual([app.probe, undefined, undefined]);
  });

  test('S97: and cannot be read is refused with its place, not taken for nothing', () => {
    const bad = { ...EMPTY_STATE, condemned: undefined };
    expect(() => parseAppState('web', bad)).toThrow(StalledError);
    expect(() => parseAppState('web', bad)).toThrow('the stored state of app web cannot be read: condemned');
  });
});

test('S73: three deployments, of which one goes back, leave their history in this order in what is stored', () => {
  const world = new World();
  let state = EMPTY_STATE;
  for (const [id, outcome] of [
    ['1.0.0', true],
    ['1.1.0', false],
    ['1.2.0', true],
  ] as const) {
    const next = {
      ...candidate,
      id,
      groups: candidate.groups.map((group) => ({
        ...group,
        name: `${group.name}-${id}`,
        endpoint: `${group.endpoint}-${id}`,
      })),
    };
    world.isHealthy = () => outcome;
    const end = world.run(startRollout({ app, live: state.live, candidate: next, now: world.now }));
    state = stored(afterRollout(state, end, { to: id }));
  }
  expect(state.history.map(({ rollout, outcome }) => [rollout, outcome])).toEqual([
    ['1.0.0', 'Succeeded'],
    ['1.1.0', 'RolledBack'],
    ['1.2.0', 'Succeeded'],
  ]);
  const times = state.history.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(state.live?.id).toBe('1.2.0');
});
