import { assert, constantFrom, integer, property, record, shuffledSubarray, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import type { Tag } from '../../src/model/tag.ts';
import { choose } from '../../src/policy/choose.ts';

const semver = (range: string, prerelease = false): TagPolicy => ({ kind: 'semver', range, prerelease });
const regex = (pattern: string): TagPolicy => ({ kind: 'regex', pattern });

/** Pushed a minute apart, in the order given. */
function tags(...names: string[]): Tag[] {
  return names.map((name, index) => ({ name, digest: `sha256:${name}`, pushedAt: index * 60_000 }));
}

const running = (name: string) => ({ name, digest: `sha256:${name}` });

describe('semver', () => {
  test.each([
    ['the highest within the range', semver('1.x'), ['1.0.0', '1.2.0', '2.0.0', '1.10.0'], undefined, '1.10.0'],
    ['S10: wherever the registry lists it', semver('>=1.0.0'), ['2.0.0', '1.0.0'], '1.0.0', '2.0.0'],
    ['S02: v in tags only', semver('>=1.0.0'), ['v1.0.0', 'v1.1.0'], undefined, 'v1.1.0'],
    ['S02: v in the range only', semver('>=v1.0.0 <v2'), ['1.0.0', '1.1.0', '2.0.0'], undefined, '1.1.0'],
    ['S02: v in both', semver('^v1.0.0'), ['v1.0.0', 'v1.1.0'], undefined, 'v1.1.0'],
    ['S12: no pre-release unless allowed', semver('>=1.0.0'), ['1.0.0', '1.1.0-rc.1'], '1.0.0', '1.0.0'],
    ['S12: rc.2 is lower than rc.10', semver('>=1.0.0', true), ['1.1.0-rc.10', '1.1.0-rc.2'], undefined, '1.1.0-rc.10'],
    ['S12: from a candidate to its release', semver('>=1.0.0', true), ['1.1.0-rc.1', '1.1.0'], '1.1.0-rc.1', '1.1.0'],
    ['S15: a commit hash is no version', semver('*'), ['1234567', '1.0.0', '20240101'], undefined, '1.0.0'],
    ['S05: a signature is no version', semver('*'), ['1.0.0', 'sha256-0a.sig', '1.0'], undefined, '1.0.0'],
    ['R7: never a downgrade', semver('<2.0.0'), ['1.0.0', '1.9.0'], '2.0.0', '2.0.0'],
    ['R7: what runs stays though its tag is gone', semver('*'), ['1.0.0'], '1.1.0', '1.1.0'],
    ['of equal versions the running one stays', semver('*'), ['1.0.0', 'v1.0.0'], 'v1.0.0', 'v1.0.0'],
    ['a running tag that is no version stays', semver('*'), ['1.0.0'], 'latest', 'latest'],
    ['nothing fits, nothing runs', semver('>=3.0.0'), ['1.0.0'], undefined, undefined],
    ['nothing fits, what runs stays', semver('>=3.0.0'), ['1.0.0'], '1.0.0', '1.0.0'],
  ])('%s', (_, policy, names, current, expected) => {
    const choice = choose(policy, tags(...names), current === undefined ? undefined : running(current));
    expect(choice.chosen?.name).toBe(expected);
  });

  test('says of each tag why it was not considered', () => {
    expect(choose(semver('1.x'), tags('1.0.0', 'latest', '2.0.0', '1.1.0-rc.1'), undefined).skipped).toEqual([
      { tag: 'latest', reason: 'not a version' },
      { tag: '2.0.0', reason: 'not within 1.x' },
      { tag: '1.1.0-rc.1', reason: 'a pre-release, which the policy does not allow' },
    ]);
  });

  test('says in a sentence why a lower version is not taken', () => {
    expect(choose(semver('<2.0.0'), tags('1.9.0'), running('2.0.0')).reason).toBe(
      'highest version within <2.0.0 is 1.9.0, lower than running 2.0.0: never a downgrade',
    );
  });

  const part = integer({ min: 0, max: 12 });
  const version = record({ major: part, minor: part, patch: part, v: constantFrom('', 'v') });
  const names = uniqueArray(
    version.map(({ major, minor, patch, v }) => `${v}${major}.${minor}.${patch}`),
    { minLength: 1, maxLength: 12 },
  );

  test('S06, R7: whatever the tags, their order is irrelevant and the choice is never lower than what runs', () => {
    const cases = names.chain((list) =>
      shuffledSubarray(list, { minLength: list.length }).map((other) => ({ list, other })),
    );
    assert(
      property(cases, ({ list, other }) => {
        const current = running(list[0] ?? '');
        const choice = choose(semver('*'), tags(...list), current).chosen?.name;
        expect(choose(semver('*'), tags(...other), current).chosen?.name).toBe(choice);
        expect(toNumber(choice)).toBeGreaterThanOrEqual(toNumber(current.name));
      }),
    );
  });
});

function toNumber(name: string | undefined): number {
  const [major = -1, minor = -1, patch = -1] = (name ?? '').replace('v', '').split('.').map(Number);
  return major * 10_000 + minor * 100 + patch;
}

describe('regex', () => {
  test.each([
    ['the one pushed last', 'main-.*', ['main-b', 'main-a', 'dev-c'], undefined, 'main-a'],
    ['only where the whole tag matches', 'main', ['main', 'main-2', 'old-main'], undefined, 'main'],
    ['alternatives are anchored as a whole', 'a|b', ['a', 'ab', 'xb'], undefined, 'a'],
    ['R7: nothing that was pushed before what runs', 'main-.*', ['main-a', 'main-b'], 'main-b', 'main-b'],
    ['R7: an unlisted running tag stays', 'main-.*', ['main-a'], 'main-z', 'main-z'],
    ['a newer match', 'main-.*', ['main-b', 'main-a'], 'main-b', 'main-a'],
    ['nothing matches', 'prod-.*', ['main-a'], 'main-a', 'main-a'],
  ])('%s', (_, pattern, names, current, expected) => {
    const choice = choose(regex(pattern), tags(...names), current === undefined ? undefined : running(current));
    expect(choice.chosen?.name).toBe(expected);
  });

  test('a tag that was pushed again keeps the digest that runs', () => {
    const choice = choose(regex('stable'), tags('stable'), { name: 'stable', digest: 'sha256:before' });
    expect(choice.chosen?.digest).toBe('sha256:before');
    expect(choice.reason).toContain('pushed again, what runs stays');
  });
});

test.each([semver('*'), regex('.*')])('S01: an empty repository is waited for, whatever runs: $kind', (policy) => {
  expect(choose(policy, [], undefined).chosen).toBeUndefined();
  expect(choose(policy, [], running('1.0.0')).chosen).toEqual(running('1.0.0'));
  expect(choose(policy, [], undefined).reason).toContain('no tags');
});

test('R6: tags of a registry that tells no times are not chosen by time, and say why', () => {
  const timeless = tags('main-1', 'main-2').map((tag) => ({ ...tag, pushedAt: undefined }));
  const choice = choose({ kind: 'regex', pattern: 'main-.*' }, timeless, undefined);
  expect(choice.chosen).toBe(undefined);
  expect(choice.reason).toContain('does not say when tags were pushed');
  expect(choice.skipped).toHaveLength(2);
});
