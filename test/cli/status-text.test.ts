/** What `viridian status` says of a step that works on a part of a stack. */
import { expect, test } from 'vitest';
import { statusText } from '../../src/cli/status-text.ts';
import type { AppStatus } from '../../src/server/api-schema.ts';

const AT = '2026-01-01T12:00:00.000Z';

function statusAt(step: NonNullable<NonNullable<AppStatus['rollout']>['step']>): string {
  const rollout = {
    id: 'r',
    reason: 'newRelease',
    direction: 'forward',
    step,
    startedAt: AT,
    stepSince: AT,
    votes: [],
  };
  const status: AppStatus = {
    app: 'web',
    isDriven: true,
    at: AT,
    rollout: { ...rollout, reason: 'newRelease', direction: 'forward' },
    groups: [],
    images: [],
    desired: { reason: 'newest' },
    failed: [],
  };
  return statusText(status);
}

test.each([
  [{ part: 'preview', groups: 1 }, 'gate of the candidate stack (preview: 1 group), 4 of 11, since'],
  [{ part: 'batch 2', groups: 2 }, 'gate of the candidate stack (batch 2: 2 groups), 4 of 11, since'],
  [{ groups: 4 }, 'gate of the candidate stack, 4 of 11, since'],
])('S28: it tells which part, and of how many groups: %o', (part, expected) => {
  expect(statusAt({ kind: 'gate', side: 'candidate', number: 4, of: 11, ...part })).toContain(expected);
});

test('S70: it tells what is kept, as what, and until when', () => {
  const release = { id: 'a', name: '1.0.0' };
  const until = '2026-01-01T13:00:00.000Z';
  const status: AppStatus = {
    app: 'web',
    isDriven: true,
    at: AT,
    groups: [],
    images: [],
    desired: { reason: 'newest' },
    failed: [],
    retained: [
      { release, as: 'stopped', until },
      { release: { id: 'b', name: '1.1.0' }, as: 'warm', until },
      { release: { id: 'c', name: '1.2.0' }, as: 'warm' },
    ],
  };
  const kept = statusText(status)
    .split('\n')
    .filter((line) => line.startsWith('kept'));
  expect(kept).toEqual([
    expect.stringContaining('1.0.0, stopped, until '),
    expect.stringContaining('1.1.0, running, until '),
    expect.stringContaining('1.2.0, running, until newer ones push it out'),
  ]);
});
