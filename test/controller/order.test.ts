/** Whether an app that goes first is still ahead, by its stored state and the lists of its repositories. */
import { expect, test } from 'vitest';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import type { AppState } from '../../src/controller/app-state.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import { whyAhead } from '../../src/controller/order.ts';
import type { OrderGiven } from '../../src/controller/order.ts';
import { makeRelease } from '../../src/model/release.ts';
import type { TagList } from '../../src/model/tag.ts';
import { app, START } from '../rollout/world.ts';

const digest = (name: string) => `sha256:${name}`;
const known = (...names: string[]): TagList => ({
  kind: 'known',
  tags: names.map((name) => ({ name, digest: digest(name), pushedAt: START })),
});
const unknown = (stalled: boolean): TagList => ({ kind: 'unknown', reason: 'it is away', stalled, retryAfterMs: 1 });
const releaseOf = (tag: string) =>
  makeRelease(
    app.images.map((image) => ({ ...image, tag, digest: digest(tag) })),
    app.template.hash,
  );
const live = { id: '00000001', release: releaseOf('1.0.0'), groups: [] };
const newer = releaseOf('1.1.0').id;
const runs: AppState = { ...EMPTY_STATE, live };
const bob = { by: 'bob', at: START };
const saying = (operator: Partial<AppState['operator']>): AppState => ({
  ...runs,
  operator: { ...runs.operator, ...operator },
});

function ahead(state: AppState, list: TagList | undefined, given: Partial<OrderGiven> = {}): boolean {
  const tags = { latest: () => list, lookedAt: () => START, want: () => undefined };
  return (
    whyAhead(app, { state, tags, machine: MACHINE, now: START, isOpen: true, wantedAt: START, ...given }) !== undefined
  );
}

test.each<[string, boolean, Parameters<typeof ahead>]>([
  ['runs its newest release', false, [runs, known('1.0.0')]],
  ['runs it as far as an older list shows', true, [runs, known('1.0.0'), { wantedAt: START + 1 }]],
  ['is about to start', true, [runs, known('1.0.0', '1.1.0')]],
  ['is about to start, its windows closed', false, [runs, known('1.1.0'), { isOpen: false }]],
  [
    'is about to try again',
    true,
    [{ ...runs, retry: { releaseId: newer, attempts: 1, notBefore: START + 1 } }, known('1.1.0')],
  ],
  [
    'waits for a newer one than a failed one',
    false,
    [{ ...runs, condemned: [{ releaseId: newer, name: '1.1.0', reason: 'crash', at: START }] }, known('1.1.0')],
  ],
  [
    'waits for a newer one than what was called off',
    false,
    [saying({ refused: { release: releaseOf('1.1.0'), after: 'abort', ...bob } }), known('1.1.0')],
  ],
  [
    'is about to start a newer one than what was called off',
    true,
    [saying({ refused: { release: releaseOf('1.1.0'), after: 'abort', ...bob } }), known('1.1.0', '1.2.0')],
  ],
  ['is held by a person', false, [saying({ hold: { reason: 'launch day', ...bob } }), known('1.1.0')]],
  ['is paused by a person', false, [saying({ pause: { reason: undefined, ...bob } }), known('1.1.0')]],
  ['R6: has a list that was never read', true, [runs, undefined]],
  ['R6: has a list that failed for now', true, [runs, unknown(false)]],
  ['has a list that fails until a person acts', false, [runs, unknown(true)]],
  ['has nothing that may run', false, [EMPTY_STATE, known()]],
])('an app that goes first and %s is still ahead: %s', (_, expected, given) => {
  expect(ahead(...given)).toBe(expected);
});
