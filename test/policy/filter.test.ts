import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { choose } from '../../src/policy/choose.ts';
import { unknownGroups } from '../../src/policy/extract.ts';
import { DEFAULT_FILTER, nextRipe } from '../../src/policy/filter.ts';
import { compilePattern, patternFault } from '../../src/policy/pattern.ts';
import { chosenName, decide, filtered, MINUTE, running, tags } from './tags.ts';

const numerical: TagPolicy = { kind: 'numerical', order: 'asc' };
const alphabetical: TagPolicy = { kind: 'alphabetical', order: 'asc' };
const semver: TagPolicy = { kind: 'semver', range: '*', prerelease: false };
const newest: TagPolicy = { kind: 'newest' };
const HEX = '0123456789abcdef'.repeat(4);

describe('include and extract', () => {
  test.each([
    [
      'S03: a group feeds the numerical policy',
      numerical,
      { include: '^1\\.0\\.0-rc\\.(?<n>\\d+)$', extract: '$n' },
      ['1.0.0', '1.0.0-rc.9', '1.0.0-rc.10', '1.0.1-rc.99'],
      '1.0.0-rc.10',
    ],
    [
      'S03: and the alphabetical one',
      alphabetical,
      { include: '^foo-(?<word>[a-z]+)', extract: '$word' },
      ['foo-aaa', 'bar-zzz', 'foo-ooo'],
      'foo-ooo',
    ],
    [
      'S03: groups put together',
      semver,
      { include: '^(?<major>\\d+)_(?<minor>\\d+)_b(\\d+)$', extract: '$major.${minor}.$3' },
      ['1_9_b1', '1_10_b1', '1_10_b0'],
      '1_10_b1',
    ],
    ['without extract the tag itself counts', numerical, { include: '^1' }, ['2', '10', '11'], '11'],
    ['a match anywhere counts, where the pattern is not anchored', numerical, { include: '7' }, ['70', '80'], '70'],
    [
      'a dollar stands for itself when doubled',
      alphabetical,
      { include: '^(?<a>.)', extract: '$$${a}' },
      ['a', 'b'],
      'b',
    ],
    [
      'a group that took no part gives nothing',
      numerical,
      { include: '^(?<n>\\d+)?(x)?', extract: '$n' },
      ['x', '5'],
      '5',
    ],
  ])('%s', (_, policy, filter, names, expected) => {
    expect(chosenName(filtered(policy, filter), names, undefined)).toBe(expected);
  });

  const build = filtered(numerical, { include: '^build-(?<n>\\d+)(-.*)?$', extract: '$n' });

  test('R7: what runs is compared by what is extracted of it', () => {
    expect(chosenName(build, ['build-9', 'build-10'], 'build-11')).toBe('build-11');
    expect(chosenName(build, ['build-9', 'build-12'], 'build-11')).toBe('build-12');
    expect(decide(build, tags('build-9'), 'latest').reason).toContain(
      'does not match the filter, so build-9 cannot be told',
    );
  });

  test('tags that extract to the same value are told: the one pushed last counts', () => {
    const choice = decide(build, tags('build-7-a', 'build-7-b', 'build-6'), undefined);
    expect(choice.chosen?.name).toBe('build-7-b');
    expect(choice.collisions).toEqual([{ value: '7', tags: ['build-7-b', 'build-7-a'] }]);
    expect(choice.skipped).toEqual([{ tag: 'build-7-a', reason: 'extracts to 7, as build-7-b does' }]);
  });

  test('tags that extract to the same value, pushed at once: by name; and what runs stays', () => {
    const atOnce = tags('build-7-b', 'build-7-a').map((tag) => ({ ...tag, pushedAt: 5 }));
    expect(decide(build, atOnce, undefined).chosen?.name).toBe('build-7-a');
    expect(decide(build, atOnce, 'build-7-b').chosen).toEqual(running('build-7-b'));
    expect(decide(build, tags('build-7-b', 'build-7-a'), 'build-7-b').collisions).toEqual([
      { value: '7', tags: ['build-7-b', 'build-7-a'] },
    ]);
  });
});

describe('exclude and deny', () => {
  test.each([`sha256-${HEX}`, `sha256-${HEX}.sig`, `sha256-${HEX}.att`, `sha256-${HEX}.sbom`, 'web.sig'])(
    'S05: %s is left out by itself',
    (signature) => {
      const choice = decide(newest, tags('1.0.0', signature), undefined);
      expect(choice.chosen?.name).toBe('1.0.0');
      expect(choice.skipped[0]?.reason).toMatch(/^excluded by /);
    },
  );

  test('S05: several patterns are left out together', () => {
    expect(chosenName(filtered(newest, { exclude: ['^dev-', 'rc'] }), ['1.0.0', 'dev-1', '2-rc'], undefined)).toBe(
      '1.0.0',
    );
  });

  test('S05: a list takes the place of the default', () => {
    expect(chosenName(filtered(newest, { exclude: ['^dev-'] }), ['1.0.0', 'web.sig', 'dev-1'], undefined)).toBe(
      'web.sig',
    );
  });

  test.each([['1.1.0'], ['sha256:1.1.0']])('%s on the deny list is never taken', (denied) => {
    const policy = filtered(semver, { deny: [denied] });
    expect(chosenName(policy, ['1.0.0', '1.1.0'], '1.0.0')).toBe('1.0.0');
    expect(chosenName(policy, ['1.0.0', '1.1.0', '1.1.1'], '1.0.0')).toBe('1.1.1');
  });

  test('R7: where what runs is denied, it stays until something higher is there', () => {
    const policy = filtered(semver, { deny: ['1.1.0'] });
    expect(chosenName(policy, ['1.0.0', '1.1.0'], '1.1.0')).toBe('1.1.0');
    expect(chosenName(policy, ['1.0.0', '1.1.0', '1.1.1'], '1.1.0')).toBe('1.1.1');
    expect(chosenName(filtered(newest, { deny: ['b'] }), ['a', 'b', 'c'], 'b')).toBe('c');
  });
});

describe('minAge', () => {
  const policy = filtered(semver, { minAgeMs: 60 * MINUTE });
  const list = [
    { name: '1.0.0', pushedAt: 0 },
    { name: '1.1.0', pushedAt: 90 * MINUTE },
  ];
  const at = (now: number) => choose(policy, list, { running: { name: '1.0.0' }, now });

  test('a tag waits until it is old enough, to the millisecond', () => {
    expect(at(150 * MINUTE - 1).chosen?.name).toBe('1.0.0');
    expect(at(150 * MINUTE - 1).skipped).toEqual([{ tag: '1.1.0', reason: 'pushed 59m ago, younger than minAge 1h' }]);
    expect(at(150 * MINUTE).chosen?.name).toBe('1.1.0');
  });

  test('a push in the future, by a clock that goes wrong, is too young', () => {
    expect(at(60 * MINUTE).skipped).toEqual([
      { tag: '1.1.0', reason: "pushed in 30m by the registry's clock, younger than minAge 1h" },
    ]);
  });

  test('R6: where the registry gives no push time it cannot be told', () => {
    const choice = choose(policy, [{ name: '1.1.0' }], { running: { name: '1.0.0' }, now: 0 });
    expect(choice.chosen?.name).toBe('1.0.0');
    expect(choice.skipped[0]?.reason).toBe('the registry gives no push time, so minAge 1h cannot be told');
  });
});

describe('the next tag to be old enough', () => {
  const at = (...times: (number | undefined)[]) => times.map((pushedAt, index) => ({ name: `${index}`, pushedAt }));

  test.each([
    ['is the first of those that wait', 10, at(3, 1, 2, 5), 5, 11],
    ['is none that is old enough by now', 10, at(1, 2), 11, 12],
    ['is none where all are', 10, at(1, 2), 12, undefined],
    ['is none without a push time', 10, at(undefined, 7), 8, 17],
    ['may be one from the future', 10, at(20), 8, 30],
    ['is none where no age is asked for', 0, at(20), 8, undefined],
    ['is none of an empty list', 10, [], 8, undefined],
  ])('%s', (_, minAgeMs, list, now, expected) => {
    expect(nextRipe({ ...DEFAULT_FILTER, minAgeMs }, list, now)).toBe(expected);
  });
});

describe('patterns', () => {
  test.each([
    ['look-ahead', 'a(?=b)', 1, 'no look-around'],
    ['look-behind', 'ab(?<!b)c', 2, 'no look-around'],
    ['behind the same letters, escaped', String.raw`\(?=a(?=b)`, 5, 'no look-around'],
    ['behind the same letters, in a class', '[(?=]a(?=b)', 6, 'no look-around'],
    ['a back-reference', String.raw`(a)\1`, 3, 'no back-references'],
    ['a back-reference by name', String.raw`(?<n>a)\k<n>`, 7, 'no back-references'],
    ['an atomic group', '(?>a)', 0, 'never backtracks'],
    ['a possessive repeat', 'a++', 1, 'never backtracks'],
    ['a parenthesis too much', 'ab)', 2, 'syntax is that of RE2'],
    ['a large count', 'ab{1001}', 2, 'syntax is that of RE2'],
    ['repeats that are large together', 'a{1000}b{1000}c{1000}d{1000}e{1000}', 0, 'smaller counts'],
  ])('S04: %s is refused with its place and a hint', (_, pattern, offset, hint) => {
    expect(patternFault(pattern)).toMatchObject({ offset });
    expect(patternFault(pattern)?.hint).toContain(hint);
  });

  test('run in linear time, whatever they are', () => {
    const policy: TagPolicy = { kind: 'regex', pattern: '(a*)*(a|aa)+b' };
    const names = Array.from({ length: 500 }, (_, index) => `${'a'.repeat(120)}${index}`);
    // A backtracking engine would not end in the life of the universe.
    expect(chosenName(policy, [...names, 'ab'], undefined)).toBe('ab');
  });

  test('S04: groups that a template names must be there', () => {
    expect(unknownGroups('$a.$b.$2.${a}', compilePattern('(?<a>x)'))).toEqual([
      { group: 'b', offset: 3 },
      { group: '2', offset: 6 },
    ]);
  });
});
