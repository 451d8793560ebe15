/** What should run, from lists that are known, unknown, or not needed. */
import { expect, test } from 'vitest';
import { desiredRelease } from '../../src/controller/desired.ts';
import type { TagPolicy } from '../../src/model/app.ts';
import type { TagList } from '../../src/model/tag.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { app, release, START } from '../rollout/world.ts';

const PINNED = `sha256:${'7'.repeat(64)}`;
const live = release('1.0.0');
const unknown: TagList = { kind: 'unknown', reason: 'the registry is away', stalled: false, retryAfterMs: undefined };
const known = (...names: string[]): TagList => ({
  kind: 'known',
  tags: names.map((name) => ({ name, digest: `sha256:${name}`, pushedAt: START })),
});

function desired(policy: TagPolicy, list: TagList | undefined, given: { nothingRuns?: boolean; now?: number } = {}) {
  const images = app.images.map((image) => ({ ...image, policy }));
  const found = desiredRelease({ ...app, images }, given.nothingRuns === true ? undefined : live, {
    latest: () => list,
    now: given.now ?? START,
  });
  return found.kind === 'release' ? found.release.images[0]?.tag : found.kind;
}

const semver: TagPolicy = { kind: 'semver', range: '*', prerelease: false };

test('R6: a list that failed, or was never read, is unknown', () => {
  expect(desired(semver, unknown)).toBe('unknown');
  expect(desired(semver, undefined)).toBe('unknown');
});

test('a pinned digest needs no list', () => {
  expect(desired({ kind: 'pin', to: PINNED }, unknown, { nothingRuns: true })).toBe(PINNED);
  expect(desired({ kind: 'pin', to: PINNED }, undefined)).toBe(PINNED);
});

test('a pinned tag needs one until it runs', () => {
  expect(desired({ kind: 'pin', to: '1.0.0' }, unknown, { nothingRuns: true })).toBe('unknown');
  expect(desired({ kind: 'pin', to: '1.0.0' }, unknown)).toBe('1.0.0');
  expect(desired({ kind: 'pin', to: '0.9.0' }, known('1.0.0'), { nothingRuns: true })).toBe('nothing');
});

test('a tag becomes wanted when it is old enough', () => {
  const policy: TagPolicy = { ...semver, filter: { ...DEFAULT_FILTER, minAgeMs: 1000 } };
  expect(desired(policy, known('1.1.0'), { now: START + 999 })).toBe('1.0.0');
  expect(desired(policy, known('1.1.0'), { now: START + 1000 })).toBe('1.1.0');
});
