import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, constantFrom, property, string } from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../src/config/policy.ts';
import { ConfigError } from '../../src/model/errors.ts';
import { DEFAULT_EXCLUDE } from '../../src/policy/filter.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DIGEST = `sha256:${'0'.repeat(64)}`;

function load(yaml: string) {
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, yaml);
  return loadPolicy(file);
}

function problems(yaml: string): string {
  try {
    load(yaml);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems
      .map((p) => `${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : ` (${p.hint})`}`)
      .join('\n');
  }
  return '';
}

describe('a policy', () => {
  test.each([
    ['semver: ">=1.0.0 <2"', { kind: 'semver', range: '>=1.0.0 <2', prerelease: false }],
    ['semver: { range: ">=v1.0.0", prerelease: true }', { kind: 'semver', range: '>=v1.0.0', prerelease: true }],
    ['numerical: { order: desc }', { kind: 'numerical', order: 'desc' }],
    ['numerical: {}', { kind: 'numerical', order: 'asc' }],
    ['alphabetical: { order: asc }', { kind: 'alphabetical', order: 'asc' }],
    ['calver: YYYY.0M.MICRO', { kind: 'calver', format: 'YYYY.0M.MICRO' }],
    ['calver: { format: YY.0W }', { kind: 'calver', format: 'YY.0W' }],
    ['newest: true', { kind: 'newest' }],
    ['newest: {}', { kind: 'newest' }],
    ['digest: latest', { kind: 'digest', tag: 'latest', update: 'always' }],
    ['digest: { tag: latest, update: once }', { kind: 'digest', tag: 'latest', update: 'once' }],
    ["regex: 'main-\\d+'", { kind: 'regex', pattern: String.raw`main-\d+` }],
    ['pin: "1.2.3"', { kind: 'pin', to: '1.2.3' }],
    [`pin: ${DIGEST}`, { kind: 'pin', to: DIGEST }],
  ])('%s', (yaml, expected) => {
    expect(load(yaml)).toEqual(expected);
  });

  test('has a filter before it, whose exclude takes the place of the default', () => {
    const filter = `filter: { include: '^b-(?<n>\\d+)$', extract: $n, deny: ["7", "${DIGEST}"], minAge: 1h }`;
    expect(load(`numerical: {}\n${filter}`).filter).toEqual({
      include: String.raw`^b-(?<n>\d+)$`,
      extract: '$n',
      exclude: DEFAULT_EXCLUDE,
      deny: ['7', DIGEST],
      minAgeMs: 3_600_000,
    });
    expect(load('newest: true\nfilter: { exclude: [] }').filter?.exclude).toEqual([]);
  });
});

describe('S04: a bad policy is refused with its place', () => {
  test.each([
    [
      'none',
      'filter: {}',
      '1:1 expected exactly one of semver, numerical, alphabetical, calver, newest, digest, regex and pin',
    ],
    ['two', 'semver: "*"\nnewest: true', '1:1 expected exactly one of'],
    ['an unknown one', 'semvr: "*"', '1:1 unknown key "semvr" (did you mean "semver"?)'],
    ['a range that is none', 'semver: ">=one"', '1:9 semver: expected a range such as ">=1.0.0 <2", got ">=one"'],
    ['a range that is none, in full', 'semver:\n  range: ">=one"', '2:10 semver: expected a range'],
    ['an order that is none', 'numerical: { order: up }', '1:21 numerical.order: expected one of'],
    ['a pin that YAML takes for a number', 'pin: 1.2', '1:6 pin: expected a tag in quotes, or a digest, got 1.2'],
    ['a digest that is cut off', 'pin: sha256:0a', 'sha256: and 64 hex digits'],
    ['an image in place of a tag', 'digest: shop/web:latest', '1:9 digest: expected a tag'],
    [
      'look-around',
      "regex: 'main-(?!rc)'",
      '1:14 regex: expected a regular expression of RE2, got "main-(?!rc)": invalid or unsupported Perl syntax at character 6 (RE2 has no look-around',
    ],
    ['a back-reference, after a quote in quotes', "newest: true\nfilter:\n  include: 'it''s(a)\\1'", '3:21 include: '],
    ['a back-reference, in double quotes', 'newest: true\nfilter:\n  include: "(\\\\d)\\\\1"', '3:18 include: '],
    ['a back-reference, without quotes', 'newest: true\nfilter:\n  include: (a)\\1', '3:15 include: '],
    [
      'a pattern of several lines, at its beginning',
      'newest: true\nfilter:\n  include: >\n    (a)\\1',
      '3:12 include: ',
    ],
    ['a pattern to exclude', 'newest: true\nfilter:\n  exclude: [ok, "a("]', '3:18 exclude: '],
    [
      'an unknown group',
      "numerical: {}\nfilter:\n  include: '(?<num>a)'\n  extract: 'x$nun'",
      '4:14 extract: include has no group "nun" (did you mean "$num"?)',
    ],
    [
      'a group that takes too much',
      "semver: '*'\nfilter:\n  include: '(?<major>1)(?<minor>2)'\n  extract: '$major_$minor'",
      '4:13 extract: include has no group "major_" (did you mean "${major}"?)',
    ],
    [
      'a group by a number that there is not',
      "numerical: {}\nfilter:\n  include: '(a)'\n  extract: $2",
      'include has no group "2" (include has no named group',
    ],
    ['extract alone', 'numerical: {}\nfilter:\n  extract: $n', '3:12 extract: expected include beside it'],
    [
      'extract where only the time counts',
      "newest: true\nfilter:\n  include: '(?<n>a)'\n  extract: $n",
      '4:3 extract: newest goes by the time',
    ],
    [
      'include where one tag is followed',
      "digest: latest\nfilter:\n  include: 'a'",
      '3:3 include: digest follows one tag',
    ],
    ['a filter of a pin', 'pin: "1"\nfilter: { minAge: 1h }', '2:1 filter: a pin is one tag'],
    ['an age without its unit', 'newest: true\nfilter: { minAge: 60 }', '2:19 filter.minAge: expected a duration'],
    [
      'a format with a token that is none',
      'calver: YYYY.mm.PATCH',
      '1:17 calver: expected a format such as YYYY.MM.DD, got "YYYY.mm.PATCH": "P" begins no token',
    ],
    [
      'a format without a date',
      'calver: MAJOR.MINOR',
      '1:9 calver: expected a format such as YYYY.MM.DD, got "MAJOR.MINOR": there is no year in it',
    ],
    ['a format that cannot be ordered', 'calver: DD.MM.YYYY', 'DD stands before MM'],
    [
      'a day without a month',
      'calver: YYYY.DD',
      '1:14 calver: expected a format such as YYYY.MM.DD, got "YYYY.DD": DD without a month',
    ],
    ['a month without a year', 'calver: MM.MICRO', 'MM without a year'],
    ['a week of a month', 'calver: YYYY.MM.WW', 'beside a month'],
    [
      'a token given twice',
      'calver: YYYY.YY',
      '1:14 calver: expected a format such as YYYY.MM.DD, got "YYYY.YY": YY says the year a second time',
    ],
    [
      'numbers that run into each other',
      'calver: YYYY.MINORMICRO',
      '1:14 calver: expected a format such as YYYY.MM.DD, got "YYYY.MINORMICRO": MINOR has any number of digits',
    ],
  ])('%s', (_, yaml, expected) => {
    expect(problems(yaml)).toContain(expected);
  });

  test('every problem at once, in order of place', () => {
    const yaml = "filter:\n  include: '('\n  exclude: ['(?=a)']\nregex: ')'";
    expect(
      problems(yaml)
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['2', '3', '4']);
  });

  test('whatever the text, nothing but a ConfigError', () => {
    const begun = constantFrom('regex: "', "regex: '", 'calver: ', 'semver: "', 'newest: true\nfilter: { include: "');
    const end = constantFrom('"', "'", '', '" }');
    assert(
      property(begun, string({ maxLength: 40, unit: 'grapheme' }), end, (start, noise, stop) => {
        // `problems` lets every other error through.
        expect(typeof problems(start + noise + stop)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});
