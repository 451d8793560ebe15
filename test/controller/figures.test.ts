/** What a finished rollout is said to have taken and cost. */
import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../src/controller/figures.ts';
import { afterRollout, EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { decide } from '../../src/rollout/decide.ts';
import { overlapSeconds } from '../../src/rollout/spans.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep, OUTCOMES } from '../../src/rollout/state.ts';
import type { Rollout, Span } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from '../rollout/situations.ts';
import { app, START, World } from '../rollout/world.ts';

const prices = { currency: 'EUR', cpuPerSecond: 0.001, memoryGbPerSecond: 0.0001 };
const template = {
  properties: {
    containers: [
      { name: 'web', properties: { resources: { requests: { cpu: 1, memoryInGB: 2 } } } },
      { name: 'proxy', properties: { resources: { requests: { cpu: 0.5, memoryInGB: 1 } } } },
    ],
  },
};
const begun = startRollout({ app, live, candidate, now: START });
const [old, older] = live.groups.map(({ name }) => name);
const [next, later] = candidate.groups.map(({ name }) => name);

/** Seconds from the start, by group. */
function spanning(spans: readonly (readonly [string | undefined, number, number?])[]): Rollout {
  const list = spans.map(([name = '', from, until]): [string, Span] => [
    name,
    { from: START + from * SECOND, ...(until === undefined ? {} : { until: START + until * SECOND }) },
  ]);
  const finished = { outcome: 'Succeeded', at: START + 300 * SECOND } as const;
  return { ...begun, spans: Object.fromEntries(list), finished };
}

describe('the overlap of two stacks', () => {
  const cases: [string, Rollout, number][] = [
    [
      'from the creation of each new group to the end of an old one',
      spanning([
        [old, 0, 200],
        [older, 0, 210],
        [next, 10],
        [later, 20],
      ]),
      190 + 190,
    ],
    [
      'nothing where the old one went first',
      spanning([
        [old, 0, 100],
        [older, 0, 100],
        [next, 100],
        [later, 100],
      ]),
      0,
    ],
    [
      'one group where they are replaced one by one',
      spanning([
        [old, 0, 50],
        [next, 10],
        [older, 0, 90],
        [later, 60],
      ]),
      40 + 30,
    ],
    [
      'to the end where the old one is kept',
      spanning([
        [old, 0],
        [older, 0],
        [next, 100],
        [later, 200],
      ]),
      200 + 100,
    ],
    [
      'until the candidate is gone, where it went back',
      spanning([
        [old, 0],
        [older, 0],
        [next, 100, 150],
      ]),
      50,
    ],
  ];
  test.each(cases)('counts %s', (_, rollout, groupSeconds) => {
    expect(overlapSeconds(rollout, rollout.finished?.at ?? 0)).toBe(groupSeconds);
  });

  test('is told in container-seconds, and in money by the size of a group', () => {
    const rollout = spanning([
      [old, 0, 200],
      [older, 0, 200],
      [next, 100],
      [later, 150],
    ]);
    expect(figuresOf(rollout, { template, prices })).toMatchObject({
      overlapContainerSeconds: 2 * 150,
      overlapCost: 150 * (1.5 * 0.001 + 3 * 0.0001),
      currency: 'EUR',
    });
  });

  test('has no money where the config has no prices, and no size where the template is gone', () => {
    const rollout = spanning([
      [old, 0],
      [older, 0],
      [next, 100],
    ]);
    const figures = { overlapContainerSeconds: 200, overlapCost: undefined, currency: undefined };
    expect(figuresOf(rollout, { template: undefined, prices: undefined })).toMatchObject(figures);
    expect(figuresOf(rollout, { template: undefined, prices })).toMatchObject({ overlapCost: 0, currency: 'EUR' });
  });

  test('is seen in a rollout as it goes: from the creation to the look that finds the old one gone', () => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    const end = world.run(begun);
    const goneAt = Math.max(...live.groups.map(({ name }) => end.spans[name]?.until ?? 0));
    expect(candidate.groups.map(({ name }) => end.spans[name])).toEqual([{ from: START }, { from: START }]);
    expect(overlapSeconds(end, end.finished?.at ?? 0)).toBe((2 * (goneAt - START)) / SECOND);
    expect(goneAt - START).toBeGreaterThan(17 * SECOND);
  });

  test('is none where there was nothing to replace', () => {
    const world = new World();
    const end = world.run(startRollout({ app, live: undefined, candidate, now: START }));
    expect(overlapSeconds(end, end.finished?.at ?? 0)).toBe(0);
  });
});

describe('S104: the time of a rollout', () => {
  test.each(OUTCOMES)('that ends as %s is what it went on and what it was held, together', (outcome) => {
    const gate = { approvals: 1, timeoutMs: 30 * MINUTE, onTimeout: 'rollBack' } as const;
    const world = new World();
    world.addStack(live, { inRotation: true });
    const gated = { ...app, rollout: { ...app.rollout, promotion: gate } };
    const waiting = world.run(
      startRollout({ app: gated, live, candidate, now: START }),
      (rollout) => currentStep(rollout)?.kind === 'gate',
    );
    const first = world.step(waiting).rollout;
    world.now += 10 * MINUTE;
    const goOn =
      outcome === 'Succeeded'
        ? decide(first, { ...world.observe(first), votes: [{ by: 'ann', at: world.now, full: false }] }, world.now)
            .rollout
        : turnBack(first, { outcome, reason: 'told to', fault: 'operator' }, world.now);
    const end = world.run(goOn);
    const { totalMs, heldMs, progressionMs } = figuresOf(end, { template, prices });
    expect(end.finished?.outcome).toBe(outcome);
    expect(heldMs).toBe(10 * MINUTE);
    expect(totalMs).toBe((end.finished?.at ?? 0) - START);
    expect(progressionMs + heldMs).toBe(totalMs);
  });

  test('S73: is in the history that is stored, and comes back from it', () => {
    const rollout = spanning([
      [old, 0, 200],
      [older, 0, 200],
      [next, 100],
    ]);
    const figures = figuresOf(rollout, { template, prices });
    const stored: unknown = JSON.parse(JSON.stringify(afterRollout(EMPTY_STATE, rollout, { figures })));
    expect(parseAppState('web', stored).history.at(-1)?.figures).toEqual(figures);
  });
});
