import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { chosenName, decide, running, tags } from './tags.ts';

const semver = (range: string, prerelease = false): TagPolicy => ({ kind: 'semver', range, prerelease });
const regex = (pattern: string): TagPolicy => ({ kind: 'regex', pattern });

describe('semver', () => {
  test.each([
    ['the highest within the range', semver('1.x'), ['1.0.0', '1.2.0', '2.0.0', '1.10.0'], undefined, '1.10.0'],
    ['S10: wherever the registry lists it', semver('>=1.0.0'), ['2.0.0', '1.0.0'], '1.0.0', '2.0.0'],
    ['S02: v in tags only', semver('>=1.0.0'), ['v1.0.0', 'v1.1.0'], undefined, 'v1.1.0'],
    ['S02: v in the range only', semver('>=v1.0.0 <v2'), ['1.0.0', '1.1.0', '2.0.0'], undefined, '1.1.0'],
    ['S02: v in both', semver('^v1.0.0'), ['v1.0.0', 'v1.1.0'], undefined, 'v1.1.0'],
    ['S12: no pre-release unless allowed', semver('>=1.0.0'), ['1.0.0', '1.1.0-rc.1'], '1.0.0', '1.0.0'],
    ['S12: not even where the range has one', semver('>=1.1.0-rc.1'), ['1.0.0', '1.1.0-rc.2'], '1.0.0', '1.0.0'],
    ['S12: rc.2 is lower than rc.10', semver('>=1.0.0', true), ['1.1.0-rc.10', '1.1.0-rc.2'], undefined, '1.1.0-rc.10'],
    ['S12: from a candidate to its release', semver('>=1.0.0', true), ['1.1.0-rc.1', '1.1.0'], '1.1.0-rc.1', '1.1.0'],
    ['S15: a commit hash is no version', semver('*'), ['1234567', '1.0.0', '20240101'], undefined, '1.0.0'],
    ['S05: a signature is no version', semver('*'), ['1.0.0', 'sha256-0a.sig', '1.0'], undefined, '1.0.0'],
    ['a range that no tag is in and all are above', semver('<1.0.0'), ['1.0.0', '1.1.0'], '1.0.0', '1.0.0'],
    ['R7: never a downgrade', semver('<2.0.0'), ['1.0.0', '1.9.0'], '2.0.0', '2.0.0'],
    ['R7: what runs stays though its tag is gone', semver('*'), ['1.0.0'], '1.1.0', '1.1.0'],
    ['of equal versions the running one stays', semver('*'), ['1.0.0', 'v1.0.0'], 'v1.0.0', 'v1.0.0'],
    ['a running tag that is no version stays', semver('*'), ['1.0.0'], 'latest', 'latest'],
    ['nothing fits, nothing runs', semver('>=3.0.0'), ['1.0.0'], undefined, undefined],
    ['nothing fits, what runs stays', semver('>=3.0.0'), ['1.0.0'], '1.0.0', '1.0.0'],
  ])('%s', (_, policy, names, current, expected) => {
    expect(chosenName(policy, names, current)).toBe(expected);
  });

  test('says of each tag why it was not considered', () => {
    expect(decide(semver('1.x'), tags('1.0.0', 'latest', '2.0.0', '1.1.0-rc.1'), undefined).skipped).toEqual([
      { tag: '1.1.0-rc.1', reason: 'a pre-release, which the policy does not allow' },
      { tag: '2.0.0', reason: 'not within 1.x' },
      { tag: 'latest', reason: 'not a version' },
    ]);
  });

  test('says in a sentence why a lower version is not taken', () => {
    expect(decide(semver('<2.0.0'), tags('1.9.0'), '2.0.0').reason).toBe(
      'highest version within <2.0.0 is 1.9.0, lower than running 2.0.0: never a downgrade',
    );
  });
});

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
    expect(chosenName(regex(pattern), names, current)).toBe(expected);
  });

  test('a tag that was pushed again keeps the digest that runs', () => {
    const [pushedAgain] = tags('stable');
    const choice = decide(
      regex('stable'),
      pushedAgain === undefined ? [] : [{ ...pushedAgain, digest: 'sha256:new' }],
      'stable',
    );
    expect(choice.chosen).toEqual(running('stable'));
    expect(choice.reason).toContain('pushed again, what runs stays');
  });
});

test.each([semver('*'), regex('.*')])('S01: an empty repository is waited for, whatever runs: $kind', (policy) => {
  expect(decide(policy, [], undefined).chosen).toBeUndefined();
  expect(decide(policy, [], '1.0.0').chosen).toEqual(running('1.0.0'));
  expect(decide(policy, [], undefined).reason).toContain('no tags');
});

test('R6: tags of a registry that tells no times are not chosen by time, and say why', () => {
  const timeless = tags('main-1', 'main-2').map((tag) => ({ ...tag, pushedAt: undefined }));
  const choice = decide(regex('main-.*'), timeless, undefined);
  expect(choice.chosen).toBe(undefined);
  expect(choice.skipped.map(({ reason }) => reason)).toEqual(Array(2).fill('the registry gives no push time'));
});
