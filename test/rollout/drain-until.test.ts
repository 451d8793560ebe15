/** S77: a drain that goes on until a measurement says that no traffic is left. */
import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { AskedCheck, Measurement } from '../../src/model/check.ts';
import { watching } from '../../src/rollout/watching.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { drainedAt } from '../../src/rollout/drained.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from './situations.ts';
import { app, START, World } from './world.ts';

const drained: AskedCheck = {
  name: 'drained',
  source: {
    kind: 'http',
    url: 'http://{target}/connections',
    statuses: [{ from: 200, to: 200 }],
    host: undefined,
    bodyIncludes: undefined,
    json: 'active',
  },
  successWhen: { op: '==', value: 0 },
  failureWhen: undefined,
  intervalMs: 4000,
  count: 3,
  timeoutMs: 1000,
  failureLimit: 0,
  errorLimit: 0,
  inconclusiveLimit: 0,
  isDryRun: false,
};
const MAX_MS = 300_000;
const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;

/** Has just entered the drain: TTL 10 s, margin 5 s, drain time 2 s where nothing else is said. */
function draining(kind: () => Measurement['kind'], drainMs = 2000) {
  const world = new World();
  world.addStack(live, { inRotation: true });
  world.measure = kind;
  const patient = { ...app, rollout: { ...app.rollout, drainMs, drainUntil: { check: drained, maxMs: MAX_MS } } };
  const rollout = world.run(startRollout({ app: patient, live, candidate, now: START }), at('drain'));
  /** The end of the TTL. */
  const from = (drainedAt(rollout, live.groups) ?? NaN) - drainMs;
  return { world, rollout, from };
}
const endOf = (world: World, rollout: Rollout) => world.run(rollout, (one) => !at('drain')(one)).enteredAt;

describe('a drain that is measured', () => {
  test('S77: ends with the last of so many measurements in a row that say so, from the end of the TTL on', () => {
    const { world, rollout, from } = draining(() => 'success');
    expect(endOf(world, rollout)).toBe(from + 8000);
    expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
  });

  test('S77: goes on while traffic is left, and says so', () => {
    let now = START;
    const { world, rollout, from } = draining(() => (now >= from + 60_000 ? 'success' : 'failure'));
    const observe = world.observe.bind(world);
    world.observe = (one) => {
      ({ now } = world);
      return observe(one);
    };
    const busy = world.run(rollout, () => world.now > from + 30_000);
    expect(world.step(busy).waitingOn).toMatch(
      /^waiting until 2 old groups have no traffic left, 0 of 3 times in a row, last: measured; until \d\d:\d\d:\d\dZ at the latest$/,
    );
    expect(endOf(world, busy)).toBe(from + 68_000);
  });

  test.each(['failure', 'error', 'inconclusive'] as const)(
    'S77: that ends in %s each time lasts to its limit',
    (kind) => {
      const { world, rollout, from } = draining(() => kind);
      expect(endOf(world, rollout)).toBe(from + MAX_MS);
      expect(world.run(rollout).finished?.outcome).toBe('Succeeded');
      expect(world.changes.map((change) => change.kind)).not.toContain('overdue');
    },
  );

  test('S77: counts from the beginning after one that could not be measured', () => {
    const kinds: Measurement['kind'][] = ['success', 'success', 'error'];
    const { world, rollout, from } = draining(() => kinds.shift() ?? 'success');
    expect(endOf(world, rollout)).toBe(from + 5 * 4000);
  });

  test('S77: never ends before the drain time, however early it is empty', () => {
    const { world, rollout, from } = draining(() => 'success', 60_000);
    expect(endOf(world, rollout)).toBe(from + 60_000);
  });

  test('S77: with no drain time ends as soon as it is empty', () => {
    const { world, rollout, from } = draining(() => 'success', 0);
    expect(endOf(world, rollout)).toBe(from + 8000);
  });

  test('S77: asks nothing before the end of the TTL, and about the groups that drain', () => {
    const { rollout, from } = draining(() => 'success');
    const names = live.groups.map(({ name }) => name);
    expect(watching(rollout).checks).toMatchObject([{ check: { name: 'drained' }, of: names, dueAt: from }]);
  });

  test('S77: that begins anew as somebody enabled an endpoint again forgets what was measured', () => {
    const { world, rollout, from } = draining(() => 'success');
    const measured = world.run(rollout, () => world.now > from + 5000);
    const [back] = live.groups;
    world.setEndpoint(back?.endpoint ?? '', `${back?.name}.example`, true);
    const taken = world.run(measured, (one) => one.removedAt[back?.name ?? ''] === undefined);
    const seen = world.run(taken, (one) => one.removedAt[back?.name ?? ''] !== undefined);
    expect(endOf(world, seen)).toBe((drainedAt(seen, live.groups) ?? NaN) - 2000 + 8000);
  });

  test('of a candidate that nobody was sent to is over at once', () => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    world.measure = () => 'failure';
    const patient = { ...app, rollout: { ...app.rollout, drainUntil: { check: drained, maxMs: MAX_MS } } };
    const verifying = world.run(startRollout({ app: patient, live, candidate, now: START }), at('verify'));
    const turned = turnBack(verifying, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
    expect(world.run(turned).finished?.at).toBe(turned.enteredAt);
  });

  test('is stored with its rollout', () => {
    const { rollout } = draining(() => 'success');
    const stored = JSON.parse(JSON.stringify({ ...EMPTY_STATE, rollout }));
    expect(parseAppState('web', stored).rollout?.settings.drainUntil).toEqual({ check: drained, maxMs: MAX_MS });
  });
});
