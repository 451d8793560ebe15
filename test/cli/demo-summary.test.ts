import { expect, test } from 'vitest';
import { judge, summaryText } from '../../src/cli/demo-summary.ts';
import type { Summary } from '../../src/cli/demo-summary.ts';

const good: Summary = {
  requests: 2000,
  failed: 0,
  rollouts: [{ app: 'web', from: '1.0.0', to: '1.1.0', outcome: 'Succeeded', seconds: 17.2 }],
};
const expected = [{ app: 'web', to: '1.1.0', outcome: 'Succeeded', lowerBoundSeconds: 17 }];

test('all as expected: no fault is found', () => {
  expect(judge(good, expected)).toEqual([]);
});

test.each<[string, Partial<Summary>, string]>([
  ['a lost request', { failed: 1 }, '1 of 2000 requests failed'],
  [
    'another outcome',
    { rollouts: good.rollouts.map((rollout) => ({ ...rollout, outcome: 'RolledBack' })) },
    'web to 1.1.0: RolledBack, expected Succeeded',
  ],
  ['a rollout that did not happen', { rollouts: [] }, 'web to 1.1.0: no rollout, expected Succeeded'],
  [
    'one too many',
    { rollouts: [...good.rollouts, { app: 'web', from: '1.1.0', to: '1.0.0', outcome: 'Succeeded', seconds: 1 }] },
    '1 rollouts more than expected',
  ],
])('%s is a fault', (_, change, fault) => {
  expect(judge({ ...good, ...change }, expected).join('\n')).toContain(fault);
});

test('each rollout is shown with its time over the lower bound', () => {
  expect(summaryText(good, expected)).toMatch(
    /web +1\.0\.0 → 1\.1\.0 +Succeeded +17\.2 s +17\.0 s at least, 0\.2 s over/,
  );
});
