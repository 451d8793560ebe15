/** A rollout of each strategy, with all that it can ask for, as a store gives it back: at each of its steps, both ways. */
import { expect, test } from 'vitest';
import { EMPTY_STATE, parseAppState } from '../../src/controller/app-state.ts';
import type { Strategy } from '../../src/model/app.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { checkNamed, Story } from '../rollout/strategies/story.ts';

const gate = { approvals: 2, autoAfterMs: 5000, timeoutMs: 60_000, onTimeout: 'promote' } as const;
const strategies: readonly Strategy[] = [
  { kind: 'blueGreen' },
  { kind: 'rolling', maxSurge: 1, maxUnavailable: 1 },
  {
    kind: 'canary',
    steps: [
      { share: 12.5, bakeMs: 3000, gate },
      { share: 60, bakeMs: 0 },
    ],
  },
  {
    kind: 'waves',
    waves: [
      { locations: ['west'], bakeMs: 3000, gate },
      { locations: ['north'], bakeMs: 0 },
    ],
  },
  { kind: 'recreate', order: 'newFirst' },
  { kind: 'recreate', order: 'oldFirst' },
];
const checks = {
  before: [
    checkNamed('smoke', {
      source: {
        kind: 'job',
        image: 'smoke',
        container: 'smoke',
        command: ['run'],
        cpu: 1,
        memoryGb: 1,
        deadlineMs: 9000,
      },
      isDryRun: true,
    }),
    checkNamed('port'),
  ],
  after: [
    checkNamed('rate', {
      source: {
        kind: 'prometheus',
        url: 'https://metrics',
        query: 'up',
        secret: { env: 'TOKEN' },
        audience: 'https://prometheus',
        headers: { 'x-scope': 'shop' },
      },
      successWhen: { op: '>=', value: 0.99 },
    }),
  ],
};

function stored(rollout: Rollout): Rollout | undefined {
  const state = { ...EMPTY_STATE, live: rollout.live, rollout };
  return parseAppState('web', JSON.parse(JSON.stringify(state))).rollout;
}

test.each(strategies)('S97: %o', (strategy) => {
  const preview = { replicas: 1 };
  const tags = { candidate: { role: 'green' }, live: { role: 'blue' } };
  const settings = {
    strategy,
    preview,
    tags,
    promotion: gate,
    bakeMs: 3000,
    retain: { forMs: 60_000, count: 2 },
    checks,
  };
  const story = new Story({ live: { west: 1, north: 2 }, settings, hasTraffic: strategy.kind !== 'recreate' });
  const steps = new Set<number>();
  story.run(story.rollout, (rollout) => {
    steps.add(rollout.cursor);
    const turned = turnBack(rollout, { outcome: 'RolledBack', reason: 'a crash', fault: 'release' }, story.now);
    for (const one of [rollout, turned]) expect(stored(one)).toEqual(one);
    return false;
  });
  expect(steps.size).toBe(story.rollout.plan.length + 1);
});
