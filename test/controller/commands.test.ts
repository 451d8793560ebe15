/** Every command in every situation of an app: what it changes, that it changes it once, and why it is refused. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { AppState, Summary } from '../../src/controller/app-state.ts';
import { applyCommand } from '../../src/controller/commands.ts';
import type { CommandScene } from '../../src/controller/command-outcome.ts';
import { votesFor } from '../../src/controller/operator-state.ts';
import type { Command } from '../../src/model/command.ts';
import { MINUTE } from '../../src/model/time.ts';
import { decide } from '../../src/rollout/decide.ts';
import { startCleanUp, startDriftRepair, startRollout } from '../../src/rollout/start.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from '../rollout/situations.ts';
import { oneGate } from '../rollout/strategies/story.ts';
import { app, release, stack, START, World } from '../rollout/world.ts';

const NOW = START + MINUTE;
const scene: CommandScene = { app, caller: { by: 'alice', from: '127.0.0.1' }, now: NOW, desired: undefined };

function rolloutAt(kind: StepKind): Rollout {
  const world = new World();
  world.addStack(live, { inRotation: true });
  return world.run(
    startRollout({ app, live, candidate, now: START }),
    (rollout) => currentStep(rollout)?.kind === kind,
  );
}

function ran(version: string, more: Partial<Summary> = {}): Summary {
  const at = { startedAt: START - 9000, endedAt: START - 5000 };
  const to = { to: version, release: release(version).id, rollout: `of-${version}` };
  return { reason: 'newRelease', from: undefined, outcome: 'Succeeded', detail: undefined, ...at, ...to, ...more };
}

const idle: AppState = { ...EMPTY_STATE, live, history: [ran('0.9.0'), ran('1.0.0')] };
const during = (kind: StepKind): AppState => ({ ...idle, rollout: rolloutAt(kind) });
const wayBack = (outcome: 'RolledBack' | 'Aborted'): AppState => ({
  ...idle,
  rollout: turnBack(rolloutAt('verify'), { outcome, reason: 'because', fault: 'world' }, START),
});
const first: AppState = { ...EMPTY_STATE, rollout: startRollout({ app, live: undefined, candidate, now: START }) };
const repair: AppState = {
  ...idle,
  rollout: startRollout({ app, live, candidate: stack('33333333', '1.0.0'), isRepair: true, now: START }),
};
const cleanUp: AppState = { ...idle, rollout: startCleanUp({ app, stray: candidate, id: 'clean', now: START }) };
const drift: AppState = { ...idle, rollout: startDriftRepair({ app, live, proofs: {}, id: 'drift', now: START }) };
const saying = (state: AppState, operator: Partial<AppState['operator']>): AppState => ({
  ...state,
  operator: { ...state.operator, ...operator },
});
const paused = (state: AppState) => saying(state, { pause: { by: 'bob', at: START, reason: undefined } });
const held = (state: AppState) => saying(state, { hold: { by: 'bob', at: START, reason: 'incident' } });
const condemned: AppState = {
  ...idle,
  condemned: [{ releaseId: candidate.release.id, name: '1.1.0', reason: 'exit code 3', at: START }],
};
const refusedBy = (after: 'abort' | 'rollback') =>
  saying(idle, { refused: { release: candidate.release, after, by: 'bob', at: START } });

const SITUATIONS = {
  'nothing runs yet': EMPTY_STATE,
  idle,
  'in provision': during('provision'),
  'in verify': during('verify'),
  'in register': during('register'),
  'in online': during('online'),
  'in deregister': during('deregister'),
  'in drain': during('drain'),
  'in retire': during('retire'),
  'on the way back': wayBack('RolledBack'),
  'on the way back, aborted': wayBack('Aborted'),
  'in a first deployment': first,
  'in a repair': repair,
  'in a clean-up': cleanUp,
  'in a repair of drift': drift,
  'paused while idle': paused(idle),
  'paused in verify': paused(during('verify')),
  held: held(idle),
  'held in verify': held(during('verify')),
  'after a release that failed': condemned,
  'after an abort': refusedBy('abort'),
  'after a rollback': refusedBy('rollback'),
} satisfies Record<string, AppState>;
type Situation = keyof typeof SITUATIONS;

const COMMANDS: Record<Exclude<Command['kind'], 'bypass'>, Command> = {
  promote: { kind: 'promote', full: false },
  pause: { kind: 'pause', reason: 'looking' },
  resume: { kind: 'resume' },
  abort: { kind: 'abort' },
  retry: { kind: 'retry', release: '1.1.0' },
  rollback: { kind: 'rollback' },
  hold: { kind: 'hold', reason: 'incident' },
  release: { kind: 'release' },
};

/** Each letter a command in the order above: applied, unchanged, refused. */
const TABLE: Record<Situation, string> = {
  //                          promote pause resume abort retry rollback hold release
  'nothing runs yet': '        r a u r u r a u',
  idle: '                      r a u r u a a u',
  'in provision': '            a a u a u a a u',
  'in verify': '               a a u a u a a u',
  'in register': '             a a u a u a a u',
  'in online': '               a a u a u a a u',
  'in deregister': '           a a u a u a a u',
  'in drain': '                a a u a u a a u',
  'in retire': '               a a u r u r a u',
  'on the way back': '         r a u a u a a u',
  'on the way back, aborted': 'r a u a u a a u',
  'in a first deployment': '   a a u a u a a u',
  'in a repair': '             a a u a u a a u',
  'in a clean-up': '           r a u r u r a u',
  'in a repair of drift': '    r a u a u a a u',
  'paused while idle': '       r u a r u a a u',
  'paused in verify': '        a u a a u a a u',
  held: '                      r a u r u a u a',
  'held in verify': '          a a u a u a u a',
  'after a release that failed': 'r a u r a a a u',
  'after an abort': '          r a u r a a a u',
  'after a rollback': '        r a u r a u a u',
};

describe.each(Object.entries(SITUATIONS))('%s', (situation, state) => {
  const expected =
    Object.entries(TABLE)
      .find(([name]) => name === situation)?.[1]
      .trim()
      .split(' ') ?? [];
  test.each(Object.values(COMMANDS).map((command, index) => [command.kind, expected[index], command] as const))(
    '%s is %s',
    (_, letter, command) => {
      const outcome = applyCommand(state, command, scene);
      expect(outcome.kind.at(0)).toBe(letter);
      expect(outcome.message).toMatch(/\w{3}/);
      if (outcome.kind !== 'applied') return;
      // What is stored comes back; asked again, it changes nothing more; it is written down who did it.
      const stored = parseAppState('web', JSON.parse(JSON.stringify(outcome.state)));
      expect(stored).toEqual(outcome.state);
      expect(stored.operator.audit).toEqual([
        { at: NOW, by: 'alice', from: '127.0.0.1', command: command.kind, outcome: outcome.message },
      ]);
      expect(applyCommand(stored, command, { ...scene, now: NOW + MINUTE })).toMatchObject({ kind: 'unchanged' });
    },
  );
});

function apply(state: AppState, command: Command, more: Partial<CommandScene> = {}): AppState {
  const outcome = applyCommand(state, command, { ...scene, ...more });
  if (outcome.kind !== 'applied') throw new Error(`${outcome.kind}: ${outcome.message}`);
  return outcome.state;
}

describe('pause and resume', () => {
  test('S39: the deadline moves by the time that was paused', () => {
    const state = during('verify');
    const resumed = apply(apply(state, COMMANDS.pause), COMMANDS.resume, { now: NOW + 10 * MINUTE });
    expect(resumed.rollout?.deadlineAt).toBe((state.rollout?.deadlineAt ?? 0) + 10 * MINUTE);
    expect(resumed.operator.pause).toBeUndefined();
  });

  test('S39: only by the time of the present step, where an abort has changed it meanwhile', () => {
    const turned = apply(apply(during('verify'), COMMANDS.pause), COMMANDS.abort, { now: NOW + 9 * MINUTE });
    expect(turned.operator.pause).toBeDefined();
    const resumed = apply(turned, COMMANDS.resume, { now: NOW + 10 * MINUTE });
    expect(resumed.rollout?.deadlineAt).toBe((turned.rollout?.deadlineAt ?? 0) + MINUTE);
  });

  test('S104: what was paused is held time, and moves the deadline of the whole rollout', () => {
    const resumed = apply(apply(during('verify'), COMMANDS.pause), COMMANDS.resume, { now: NOW + 10 * MINUTE });
    expect(resumed.rollout?.heldMs).toBe(10 * MINUTE);
  });

  test.each([
    ['people have their whole time at a gate', 'gate', { promotion: { ...oneGate, timeoutMs: 5 * MINUTE } }],
    ['a bake is watched for its whole time', 'bake', { bakeMs: 5 * MINUTE }],
  ] as const)('S34: %s, without what was paused', (_, kind, settings) => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    const origin = { app: { ...app, rollout: { ...app.rollout, ...settings } }, live, candidate, now: START };
    const entered = world.run(startRollout(origin), (rollout) => currentStep(rollout)?.kind === kind);
    const pausedAt = entered.enteredAt + MINUTE;
    const resumedAt = pausedAt + 60 * MINUTE;
    const state = apply({ ...idle, rollout: entered }, COMMANDS.pause, { now: pausedAt });
    const { rollout } = apply(state, COMMANDS.resume, { now: resumedAt });
    world.now = resumedAt + 4 * MINUTE - 1;
    const still = decide(rollout ?? entered, world.observe(rollout ?? entered), world.now);
    expect([still.change, still.until]).toEqual([undefined, resumedAt + 4 * MINUTE]);
    world.now += 1;
    expect(decide(still.rollout, world.observe(still.rollout), world.now).change).toBeDefined();
  });

  test('R2: a drain that nobody has watched begins anew', () => {
    const state = during('drain');
    expect(Object.keys(state.rollout?.removedAt ?? {})).not.toEqual([]);
    expect(apply(apply(state, COMMANDS.pause), COMMANDS.resume).rollout?.removedAt).toEqual({});
  });
});

describe('abort', () => {
  test.each<StepKind>(['provision', 'verify', 'register', 'online', 'deregister', 'drain'])(
    'S58: in %s goes back as Aborted, and the release is remembered as refused',
    (kind) => {
      const state = apply(during(kind), { kind: 'abort', reason: 'wrong build' });
      expect(state.rollout?.turnedBack).toMatchObject({
        outcome: 'Aborted',
        fault: 'operator',
        reason: 'aborted by alice: wrong build',
      });
      expect(state.operator.refused).toMatchObject({ release: candidate.release, after: 'abort', by: 'alice' });
    },
  );

  test('tells the change, so that it is logged as any other', () => {
    const outcome = applyCommand(during('verify'), COMMANDS.abort, scene);
    expect(outcome).toMatchObject({ change: { kind: 'turnedBack', step: { kind: 'verify', side: 'candidate' } } });
  });

  test('past the point of no return says so and what can be done', () => {
    const { message } = applyCommand(during('retire'), COMMANDS.abort, scene);
    expect(message).toContain('past the point of no return');
    expect(message).toContain('roll back afterwards');
  });

  test('of a repair refuses no release: it is the one that runs', () => {
    expect(apply(repair, COMMANDS.abort).operator.refused).toBeUndefined();
  });

  test.each([
    { kind: 'abort', rollout: 'another' },
    { kind: 'rollback', release: undefined, rollout: 'another' },
    { kind: 'promote', full: false, rollout: 'another' },
  ] as const)('of another rollout than the one that was meant is refused, as is $kind', (command) => {
    const outcome = applyCommand(during('verify'), command, scene);
    expect(outcome).toMatchObject({ kind: 'refused', message: 'rollout another is not under way, but 22222222' });
  });
});

describe('promote', () => {
  const promote = (by: string, full = false) =>
    [{ kind: 'promote', full } as const, { caller: { by, from: 'x' } }] as const;

  test('counts each person once, and who says --full later counts for all', () => {
    let state = apply(during('verify'), ...promote('alice'));
    state = apply(state, ...promote('bob'));
    expect(votesFor(state.operator, '22222222')).toEqual({ people: 2, full: false });
    state = apply(state, ...promote('alice', true));
    expect(votesFor(state.operator, '22222222')).toEqual({ people: 2, full: true });
    expect(applyCommand(state, promote('alice')[0], { ...scene, caller: { by: 'alice', from: 'x' } }).kind).toBe(
      'unchanged',
    );
  });

  test('votes of a rollout before do not count, and go', () => {
    const state = saying(during('verify'), { votes: [{ rollout: 'before', by: 'bob', at: START, full: true }] });
    expect(apply(state, COMMANDS.promote).operator.votes.map(({ rollout }) => rollout)).toEqual(['22222222']);
  });
});

describe('retry', () => {
  test('forgets a release that failed, by its name or its id', () => {
    for (const named of ['1.1.0', candidate.release.id]) {
      expect(apply(condemned, { kind: 'retry', release: named }).condemned).toEqual([]);
    }
  });

  test('without a name means the release that should run', () => {
    const more = { desired: candidate.release };
    expect(apply(condemned, { kind: 'retry' }, more).condemned).toEqual([]);
    expect(apply(refusedBy('rollback'), { kind: 'retry' }, more).operator.refused).toBeUndefined();
    const waiting = { ...idle, retry: { releaseId: candidate.release.id, attempts: 3, notBefore: NOW + MINUTE } };
    expect(apply(waiting, { kind: 'retry' }, more).retry).toBeUndefined();
    expect(apply(waiting, { kind: 'retry', release: '1.1.0' }, more).retry).toBeUndefined();
    expect(applyCommand(condemned, { kind: 'retry' }, scene)).toMatchObject({ kind: 'refused' });
  });

  test('of a held app says that it waits for the release', () => {
    expect(applyCommand(held(condemned), COMMANDS.retry, scene).message).toContain(
      'once the app is released (held: incident)',
    );
  });
});

describe('rollback', () => {
  const upgraded: AppState = {
    ...idle,
    live: candidate,
    history: [
      ...idle.history,
      ran('1.1.0'),
      ran('1.1.0', { reason: 'repair' }),
      ran('1.2.0', { outcome: 'RolledBack' }),
    ],
  };

  test('asks for the release that ran before, and refuses the one that runs', () => {
    const { operator } = apply(upgraded, COMMANDS.rollback);
    expect(operator.rollback).toEqual({ to: release('1.0.0').id, name: '1.0.0', by: 'alice', at: NOW });
    expect(operator.refused).toMatchObject({ release: candidate.release, after: 'rollback' });
    expect(operator.hold).toBeUndefined();
  });

  test.each(['0.9.0', release('0.9.0').id, 'of-0.9.0'])('goes to %s, where that is named', (named) => {
    expect(apply(upgraded, { kind: 'rollback', release: named }).operator.rollback?.name).toBe('0.9.0');
  });

  test('to what the history does not have says what it has', () => {
    const { message } = applyCommand(upgraded, { kind: 'rollback', release: '0.1.0' }, scene);
    expect(message).toContain(`the history has no release 0.1.0; it has 1.0.0 (${release('1.0.0').id}), 0.9.0 (`);
    const bare = applyCommand({ ...idle, history: [] }, COMMANDS.rollback, scene);
    expect(bare).toMatchObject({ kind: 'refused', message: 'the history knows of no release that ran before 1.0.0' });
  });

  test('holds the app where the config says so, until it is released; the release that was left stays refused', () => {
    const state = apply(upgraded, COMMANDS.rollback, { app: { ...app, afterRollback: 'hold' } });
    expect(state.operator.hold).toMatchObject({ reason: 'rolled back from 1.1.0' });
    const released = apply(state, COMMANDS.release);
    expect(released.operator.hold).toBeUndefined();
    expect(released.operator.refused).toBeDefined();
  });

  test('in the middle of a rollout is an abort', () => {
    const state = apply(during('online'), COMMANDS.rollback);
    expect(state.rollout?.turnedBack).toMatchObject({ outcome: 'Aborted', reason: 'rolled back by alice' });
    expect(state.operator).toMatchObject({ refused: { after: 'rollback' }, rollback: undefined });
    expect(applyCommand(during('online'), { kind: 'rollback', release: '0.9.0' }, scene).kind).toBe('refused');
  });

  test('that has not begun is called off by abort', () => {
    const state = apply(apply(upgraded, COMMANDS.rollback), COMMANDS.abort);
    expect(state.operator).toMatchObject({ rollback: undefined, refused: undefined });
  });
});

test('a bypass counts from now on, is not shortened by a repeat, and can be ended', () => {
  const bypass = (state: AppState, forMs: number) => applyCommand(state, { kind: 'bypass', forMs }, scene);
  const asked = bypass(idle, 60_000);
  const bypassed = asked.kind === 'applied' ? asked.state : idle;
  expect(bypassed.bypass).toEqual({ by: scene.caller.by, until: NOW + 60_000 });
  expect(bypassed.operator.audit.at(-1)).toMatchObject({ command: 'bypass', by: scene.caller.by });
  expect([bypass(bypassed, 30_000).kind, bypass(bypassed, 90_000).kind]).toEqual(['unchanged', 'applied']);
  expect(bypass(bypassed, 0)).toMatchObject({ kind: 'applied', state: { bypass: undefined } });
  expect(bypass(idle, 0).kind).toBe('unchanged');
});

test('the last fifty commands are kept', () => {
  let state = idle;
  for (let index = 0; index < 60; index += 1) state = apply(state, { kind: 'hold', reason: `no ${index}` });
  expect(state.operator.audit).toHaveLength(50);
  expect(state.operator.hold?.reason).toBe('no 59');
});
