/** Why each tag was or was not chosen, and what a line of the log tells of it. */
import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import type { ListedTag } from '../../src/policy/choice.ts';
import { choose, explain } from '../../src/policy/choose.ts';
import { summarize } from '../../src/policy/summary.ts';
import { filtered, MINUTE, running, tags } from './tags.ts';

const semver: TagPolicy = { kind: 'semver', range: '<2', prerelease: false };
const numerical: TagPolicy = { kind: 'numerical', order: 'asc' };
const NOW = 24 * 60 * MINUTE;

function why(policy: TagPolicy, list: readonly ListedTag[], current?: string) {
  const given = { running: current === undefined ? undefined : running(current), now: NOW };
  const { behind, skipped } = explain(policy, list, given);
  return { behind: behind.map(({ tag, reason }) => `${tag}: ${reason}`), skipped: skipped.map(({ tag }) => tag) };
}

describe('tags that are merely not the best', () => {
  test('are told best first, each with the one that it is behind', () => {
    expect(why(semver, tags('1.2.0', '1.10.0', '1.9.0', 'latest', '2.0.0'))).toEqual({
      behind: ['1.9.0: lower than 1.10.0', '1.2.0: lower than 1.10.0'],
      skipped: ['2.0.0', 'latest'],
    });
  });

  test('that are worth the same as the chosen one are said to be', () => {
    expect(why(semver, tags('v1.2.0', '1.2.0'), 'v1.2.0').behind).toEqual(['1.2.0: worth the same as v1.2.0']);
  });

  test('are all of them where what runs is better, the best one with the reason for that', () => {
    expect(why(semver, tags('1.1.0', '1.2.0'), '1.3.0').behind).toEqual([
      '1.2.0: highest version within <2 is 1.2.0, lower than running 1.3.0: never a downgrade',
      '1.1.0: lower than 1.2.0',
    ]);
  });

  test('are the tag that is followed where it may not take the place of what runs', () => {
    const once: TagPolicy = { kind: 'digest', tag: 'latest', update: 'never' };
    expect(why(once, tags('stable', 'latest'), 'old')).toEqual({
      behind: ['latest: old runs, and update: never keeps what runs'],
      skipped: ['stable'],
    });
  });
});

test.each<TagPolicy>([
  semver,
  numerical,
  { kind: 'alphabetical', order: 'desc' },
  { kind: 'calver', format: 'YYYY.MM' },
  { kind: 'newest' },
  { kind: 'regex', pattern: '[0-9.]+' },
  { kind: 'digest', tag: '1.2.0', update: 'always' },
  { kind: 'pin', to: '7' },
  filtered(numerical, { include: '^build-(.*)$', extract: '$1', deny: ['build-3'] }),
])('$kind: every tag is chosen or has one reason, and the choice is the same', (policy) => {
  const list = tags('1.2.0', '2.0.0', '7', '007', '12', '2026.1', 'main', 'build-3', 'build-4', 'build-04', 'x.sig');
  for (const current of [undefined, '1.2.0', '7', 'gone', '99']) {
    const given = { running: current === undefined ? undefined : running(current), now: NOW };
    const { behind, ...choice } = explain(policy, list, given);
    expect(choice).toEqual(choose(policy, list, given));
    const told = [...behind, ...choice.skipped].map(({ tag }) => tag);
    const expected = list.map(({ name }) => name).filter((name) => !told.includes(name));
    expect(new Set(told).size).toBe(told.length);
    expect(expected.every((name) => name === choice.chosen?.name)).toBe(true);
    expect([...behind, ...choice.skipped].every(({ reason }) => reason !== '')).toBe(true);
  }
});

describe('the summary of a choice', () => {
  const many = (count: number, name: (index: number) => string) =>
    tags(...Array.from({ length: count }, (_, i) => name(i)));
  const summary = (policy: TagPolicy, list: readonly ListedTag[]) =>
    summarize(explain(policy, list, { running: undefined, now: NOW }), list);

  test('names the best of those behind and the last pushed of those left out, 20 in all', () => {
    const list = [...many(50, (i) => `${i}`), ...many(50, (i) => `main-${String(i).padStart(2, '0')}`)];
    const { nearest } = summary(numerical, list);
    expect(nearest.map(({ tag }) => tag)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `${48 - i}`),
      ...Array.from({ length: 10 }, (_, i) => `main-${49 - i}`),
    ]);
  });

  test('gives the room that one half does not need to the other', () => {
    expect(
      summary(
        numerical,
        many(50, (i) => `${i}`),
      ).nearest,
    ).toHaveLength(20);
    expect(
      summary(
        numerical,
        many(50, (i) => `x${i}`),
      ).nearest,
    ).toHaveLength(20);
    expect(
      summary(
        numerical,
        many(3, (i) => `${i}`),
      ).nearest,
    ).toHaveLength(2);
  });

  test('counts all tags by reason', () => {
    const list = [...many(30, (i) => `${i}`), ...many(50, (i) => `main-${i}`)];
    expect(summary(numerical, list)).toMatchObject({
      chosen: '29',
      reason: '29 is the highest number',
      counts: [
        { reason: 'not a whole number', tags: 50 },
        { reason: 'lower than 29', tags: 29 },
      ],
      others: 0,
    });
  });

  test('is as short where every tag has a reason of its own', () => {
    const policy = filtered(numerical, { include: '^(\\d+)-.*$', extract: '$1' });
    const list = many(1000, (i) => `${i >> 1}-${i}`);
    const told = summary(policy, list);
    expect(told.counts).toHaveLength(10);
    const sum = told.counts.reduce((total, { tags: count }) => total + count, 0);
    expect(sum + told.others).toBe(999);
    expect(JSON.stringify(told).length).toBeLessThan(4000);
  });
});
