/** The pure machine in random worlds: it never throws, keeps to the rules as the world judges them, and comes to an end. */
import { array, assert, constantFrom, nat, option, property, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import type { Decision } from '../../src/rollout/decide.ts';
import type { RolloutSettings, Strategy } from '../../src/model/app.ts';
import type { Fault } from '../../src/rollout/effect.ts';
import { resume } from '../../src/rollout/resume.ts';
import { startCleanUp, startDriftRepair, startRollout, startTakeOut } from '../../src/rollout/start.ts';
import { currentStep, REASONS } from '../../src/rollout/state.ts';
import type { Reason, Rollout } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { AILMENTS, FuzzWorld } from './fuzz-world.ts';
import type { Ailment, Sight } from './fuzz-world.ts';
import { app, stack, START, stopped } from './world.ts';

const MOST_REPLICAS = 3;
const RUNS = 5000;
/** No look is further away than this, whatever is waited for. */
const LONGEST_SLEEP_MS = 60_000;
const EVENTS = ['ail', 'vanish', 'disable', 'enable', 'deleteEndpoint', 'check', 'ttl', 'restart', 'abort'] as const;

interface Happening {
  readonly kind: (typeof EVENTS)[number];
  readonly which: number;
  readonly ailment: Ailment;
}
/** One look: what happens before it, what it shows, and what becomes of what it leads to. */
interface Look extends Sight {
  readonly afterMs: number;
  readonly event: Happening | undefined;
  readonly effects: 'done' | 'lost' | Fault;
}

const event = record({
  kind: constantFrom(...EVENTS),
  which: nat(2 * MOST_REPLICAS - 1),
  ailment: constantFrom(...AILMENTS),
});
const look: Arbitrary<Look> = record({
  afterMs: constantFrom(0, 0, 1000, 1000, 2000, 5000, 20_000, 70_000),
  event: option(event, { freq: 3, nil: undefined }),
  profile: constantFrom<Look['profile']>('seen', 'seen', 'seen', 'seen', 'seen', 'unknown', 'gone'),
  hidden: constantFrom(0, 0, 0, 2, 4, 8, 14),
  mute: constantFrom(0, 0, 0, 0, 2, 14),
  effects: constantFrom<Look['effects']>('done', 'done', 'done', 'done', 'lost', 'release', 'world', 'operator'),
});
type Shown = Pick<RolloutSettings, 'preview' | 'tags' | 'retain'>;
const PREVIEW: Shown = { preview: { replicas: 1 } };
const TAGS: Shown = { tags: { candidate: { role: 'green', stage: 'new' }, live: { role: 'blue' } } };

const STOPPED: Shown = { retain: { forMs: 60_000, count: 1, as: 'stopped' } };

const run = record({
  replicas: nat(MOST_REPLICAS - 1).map((n) => n + 1),
  /** Of the new stack, where a release comes with another number of them. */
  fresh: option(
    nat(MOST_REPLICAS - 1).map((n) => n + 1),
    { freq: 4, nil: undefined },
  ),
  reason: constantFrom<Reason>('newRelease', 'newRelease', ...REASONS),
  strategy: constantFrom<Strategy>(
    { kind: 'blueGreen' },
    { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 },
    { kind: 'rolling', maxSurge: 1, maxUnavailable: 1 },
    { kind: 'rolling', maxSurge: 0, maxUnavailable: 1 },
    {
      kind: 'canary',
      steps: [
        { share: 10, bakeMs: 2000 },
        { share: 50, bakeMs: 0 },
      ],
    },
    { kind: 'waves', waves: [{ locations: ['westeurope'], bakeMs: 2000 }] },
  ),
  /** S28, S29: what is shown first, and by which tags stacks are told apart. */
  shown: constantFrom<Shown>({}, {}, PREVIEW, TAGS, { ...PREVIEW, ...TAGS }, STOPPED, { ...TAGS, ...STOPPED }),
  /** Looks at a calm world first, so that trouble meets every step. */
  calm: nat(25),
  looks: array(look, { maxLength: 80, size: 'max' }),
});

const live = (replicas: number) => stack('11111111', '1.0.0', replicas);
const candidate = (replicas: number) => stack('22222222', '1.1.0', replicas);

type Begun = {
  readonly reason: Reason;
  readonly replicas: number;
  readonly fresh: number | undefined;
  readonly strategy: Strategy;
  readonly shown: Shown;
};

function begin({ reason, replicas, strategy, shown, ...more }: Begun): { world: FuzzWorld; rollout: Rollout } {
  const [old, fresh] = [live(replicas), candidate(more.fresh ?? replicas)];
  const world = new FuzzWorld([old, fresh]);
  const given = { app: { ...app, rollout: { ...app.rollout, strategy, ...shown, bakeMs: 3000 } }, id: 'x', now: START };
  if (reason !== 'firstDeployment') world.addStack(old, { inRotation: true });
  if (reason === 'cleanUp') world.addStack(fresh, { inRotation: true });
  switch (reason) {
    case 'firstDeployment':
      return { world, rollout: startRollout({ ...given, live: undefined, candidate: fresh }) };
    case 'drift':
      return { world, rollout: startDriftRepair({ ...given, live: old, proofs: {} }) };
    case 'takeOut':
      return { world, rollout: startTakeOut({ ...given, stack: old }) };
    case 'cleanUp':
    case 'removal':
      return { world, rollout: startCleanUp({ ...given, stray: old, isRemoval: reason === 'removal' }) };
    case 'newRelease':
    case 'repair':
    case 'rollback': {
      const kinds = { isRepair: reason === 'repair', isRollback: reason === 'rollback' };
      const origin = { ...given, ...kinds, live: old, candidate: fresh };
      if (reason !== 'rollback' || shown.retain === undefined) return { world, rollout: startRollout(origin) };
      // Back to what was kept, stopped.
      for (const { name } of fresh.groups) world.groups.set(name, stopped(name, fresh.id));
      const kept = { until: START + 60_000, by: 'ann', name: '1.1.0', at: START };
      return { world, rollout: startRollout({ ...origin, kept }) };
    }
  }
}

/** Something that happens to the world, or to the rollout. */
function happen(world: FuzzWorld, rollout: Rollout, { kind, which, ailment }: Happening): Rollout {
  const groups = [...(rollout.live?.groups ?? []), ...(rollout.candidate?.groups ?? [])];
  const group = groups[which % groups.length];
  if (group === undefined) return rollout;
  const { name, endpoint } = group;
  if (kind === 'restart') {
    // What is probed after it is another request.
    world.now += 1;
    return resume(structuredClone(rollout));
  }
  if (kind === 'abort')
    return turnBack(rollout, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
  if (kind === 'ail') world.ail(name, ailment);
  if (kind === 'vanish') world.groups.delete(name);
  if (kind === 'deleteEndpoint') world.endpoints.delete(endpoint);
  if (kind === 'ttl') world.ttlSeconds = [0, 10, 60, 300][which % 4] ?? 10;
  if (kind === 'check' && !world.checking.delete(endpoint)) world.checking.add(endpoint);
  if ((kind === 'disable' || kind === 'enable') && world.endpoints.has(endpoint))
    world.setEndpoint(endpoint, `${name}.example`, kind === 'enable');
  return rollout;
}

function letEffectsBe(world: FuzzWorld, fate: Look['effects']): void {
  if (fate === 'done') return world.refuse(() => false, { fault: 'world', code: '', message: '' });
  if (fate === 'lost') world.allows = () => false;
  else world.refuse(() => true, { fault: fate, code: 'Code', message: 'refused' });
}

function oneLook(world: FuzzWorld, before: Rollout, given: Look): { rollout: Rollout; wakeAt: number } {
  const rollout = given.event === undefined ? before : happen(world, before, given.event);
  letEffectsBe(world, given.effects);
  const shown = world.show(rollout, given);
  world.take(shown);
  const decision = decide(rollout, shown, world.now);
  expect(world.judge(rollout, decision, shown)).toEqual([]);
  expect(faultsOf(rollout, decision, world.now)).toEqual([]);
  // I6: the same look leads to the same decision, and what was done, done again, changes nothing.
  expect(JSON.stringify(decide(rollout, shown, world.now))).toBe(JSON.stringify(decision));
  world.perform(decision.effects);
  const after = world.snapshot();
  world.perform(decision.effects);
  expect(world.snapshot()).toBe(after);
  return decision;
}

/**
 * I5, I7, I8, for one decision: what goes on waits for something, has an end in time and wakes by itself; it is the same
 * rollout; what moved it is told, and nothing else is. That no two run at once is judged of whole daemons, in
 * test/simulation.
 */
function faultsOf(before: Rollout, { rollout, change, waitingOn, wakeAt, effects }: Decision, now: number): string[] {
  const faults: string[] = [];
  const isOver = rollout.finished !== undefined;
  const isEnding = currentStep(rollout) === undefined;
  const hasEnd = rollout.deadlineAt !== undefined || rollout.heldSince !== undefined || isEnding;
  if (!isOver && (waitingOn === '' || !hasEnd)) faults.push('I5: a wait without a reason or a deadline');
  // One in the past is met at once.
  if (!isOver && !(wakeAt <= now + LONGEST_SLEEP_MS)) faults.push('I5: a wait that does not wake');
  if (rollout.id !== before.id || rollout.startedAt !== before.startedAt) faults.push('I7: another rollout');
  if (change !== undefined && effects.length > 0) faults.push('I8: a change with effects, which are not stored yet');
  if ((change === undefined) !== (mark(rollout) === mark(before))) faults.push('I8: moved untold, or told unmoved');
  if ((change?.kind === 'finished') !== isOver) faults.push('I8: finished and not said, or said and not finished');
  if (change?.kind === 'stepDone' && rollout.cursor !== before.cursor + 1) faults.push('I8: a step left out untold');
  return faults;
}

/** Where it is in its plan, and what was said of it. */
function mark({ cursor, plan, backPlan, turnedBack, finished, told }: Rollout): string {
  return JSON.stringify([cursor, plan, backPlan, turnedBack, finished, told]);
}

/** So many looks, or two hours of them, at a world in which nothing goes wrong. */
function calmLooks(world: FuzzWorld, before: Rollout, most: number): Rollout {
  const calm: Look = { afterMs: 0, event: undefined, profile: 'seen', hidden: 0, mute: 0, effects: 'done' };
  const end = world.now + 7_200_000;
  let rollout = before;
  for (let looks = 0; rollout.finished === undefined && looks < most && world.now < end; looks += 1) {
    const decision = oneLook(world, rollout, calm);
    rollout = decision.rollout;
    world.now = Math.max(world.now, decision.wakeAt);
  }
  return rollout;
}

test(
  'S95: whatever happens and whatever is seen of it: no throw, R1 to R4, R6 and I5 to I8 hold, and it ends',
  { timeout: 120_000 },
  () => {
    const outcomes = new Map<string, number>();
    assert(
      property(run, ({ calm, looks, ...given }) => {
        const { world, rollout: begun } = begin(given);
        let rollout = calmLooks(world, begun, calm);
        for (const one of looks) {
          if (rollout.finished !== undefined) break;
          world.now += one.afterMs;
          ({ rollout } = oneLook(world, rollout, one));
        }
        for (const name of world.groups.keys()) world.ail(name, 'none');
        world.checking.clear();
        const { finished } = calmLooks(world, rollout, 5000);
        expect(finished).toBeDefined();
        outcomes.set(finished?.outcome ?? '', (outcomes.get(finished?.outcome ?? '') ?? 0) + 1);
      }),
      { numRuns: RUNS },
    );
    // A fuzz that always ends in the same way has tried nothing.
    expect([...outcomes.keys()].sort()).toEqual(['Aborted', 'Failed', 'RolledBack', 'Succeeded']);
  },
);
