/** What an app runs as its repository changes in odd ways, on the whole daemon in virtual time. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { REGISTRY } from '../../src/simulation/virtual-azure.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const semver: TagPolicy = { kind: 'semver', range: '*', prerelease: false };
const newest: TagPolicy = { kind: 'newest' };

let daemon: VirtualDaemon;
const push = (tag: string, startMs = 0) => daemon.azure.push({ repository: 'web', tag, startMs });
const started = () => daemon.linesOf('rollout.started').map(({ fields }) => fields['to']);
const run = async (policy: TagPolicy) => {
  daemon.run([appOf('shop', { web: policy })]);
  await daemon.passMs(10 * MINUTE);
};

beforeEach(() => {
  daemon = new VirtualDaemon();
});
afterEach(() => daemon.close());

test('S11: a tag that does not count changes nothing, at no moment of an hour', async () => {
  push('1.0.0');
  await run(semver);
  const before = daemon.said.length;
  for (const tag of ['latest', '2.0.0-rc.1', '1234567', 'sha256-0000.sig', '0.9.0']) push(tag);
  await daemon.passMs(HOUR);
  expect(daemon.said.slice(before).map(({ event }) => event)).toEqual(['release.explained']);
  expect(started()).toEqual(['1.0.0']);
});

test.each([
  ['always', 2],
  ['once', 1],
  ['never', 1],
] as const)('S16: a tag that is pushed again is a rollout where its policy says so: %s', async (update, rollouts) => {
  push('latest');
  await run({ kind: 'digest', tag: 'latest', update });
  push('latest', 1);
  await daemon.passMs(10 * MINUTE);
  expect(started()).toEqual(Array(rollouts).fill('latest'));
});

test('a tag of 128 characters, the longest that there is, is rolled out', async () => {
  const longest = `1.0.0-${'z'.repeat(122)}`;
  push(longest);
  await run({ ...semver, prerelease: true });
  expect(daemon.linesOf('rollout.finished').map(({ fields }) => [fields['to'], fields['outcome']])).toEqual([
    [longest, 'Succeeded'],
  ]);
});

test('tags that extract to the same value are told', async () => {
  const filter = { ...DEFAULT_FILTER, include: '^build-(\\d+)', extract: '$1' };
  push('build-7-a');
  await daemon.passMs(MINUTE);
  push('build-7-b');
  await run({ kind: 'numerical', order: 'asc', filter });
  expect(daemon.linesOf('release.explained').map(({ fields }) => [fields['chosen'], fields['nearest']])).toEqual([
    ['build-7-b', [{ tag: 'build-7-a', reason: 'extracts to 7, as build-7-b does' }]],
  ]);
});

describe('a push that the registry’s clock dates to the future', () => {
  const pushAhead = (tag: string) =>
    void daemon.azure.images.push({
      registry: REGISTRY,
      repository: 'web',
      tag,
      program: {},
      at: daemon.time.now() + HOUR,
    });

  test('hides no later push', async () => {
    push('1.0.0');
    await run(semver);
    pushAhead('1.1.0');
    await daemon.passMs(10 * MINUTE);
    push('1.2.0');
    await daemon.passMs(10 * MINUTE);
    expect(started()).toEqual(['1.0.0', '1.1.0', '1.2.0']);
  });

  test('is newer than those before it, and what is pushed meanwhile is never a way back', async () => {
    push('a');
    await run(newest);
    pushAhead('b');
    await daemon.passMs(10 * MINUTE);
    push('c');
    await daemon.passMs(2 * HOUR);
    push('d');
    await daemon.passMs(10 * MINUTE);
    expect(started()).toEqual(['a', 'b', 'd']);
  });

  test('waits for its age all the longer', async () => {
    push('1.0.0');
    await daemon.passMs(HOUR);
    await run({ ...semver, filter: { ...DEFAULT_FILTER, minAgeMs: HOUR } });
    pushAhead('1.1.0');
    await daemon.passMs(2 * HOUR - MINUTE);
    expect(started()).toEqual(['1.0.0']);
    await daemon.passMs(2 * MINUTE);
    expect(started()).toEqual(['1.0.0', '1.1.0']);
  });
});
