/** What holds for every policy, whatever the list. */
import {
  array,
  assert,
  constantFrom,
  integer,
  option,
  property,
  record,
  shuffledSubarray,
  tuple,
  uniqueArray,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import type { ListedTag } from '../../src/policy/choice.ts';
import { choose } from '../../src/policy/choose.ts';
import { DEFAULT_FILTER } from '../../src/policy/filter.ts';
import { MINUTE } from './tags.ts';

const NOW = 1000 * MINUTE;
const small = integer({ min: 0, max: 12 });
const version = tuple(small, small, small, constantFrom('', 'v')).map(([a, b, c, v]) => `${v}${a}.${b}.${c}`);
const number = tuple(small, constantFrom('', '0')).map(([n, zero]) => `${zero}${n}`);
const word = array(constantFrom('a', 'b', 'Z', '0'), { minLength: 1, maxLength: 3 }).map((letters) => letters.join(''));
const date = tuple(small, integer({ min: 0, max: 32 })).map(([month, day]) => `2024.${month}.${day}`);
const build = tuple(small, constantFrom('', '-a', '-b')).map(([n, end]) => `build-${n}${end}`);
const noise = constantFrom('latest', 'main', '1234567', '1.0');

const numbersOf = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
const extracted = { ...DEFAULT_FILTER, include: '^build-(?<n>\\d+)', extract: '$n' };

interface Case {
  readonly policy: TagPolicy;
  readonly names: Arbitrary<string>;
  /** What a higher name has more of; undefined: the time of its push. */
  readonly rank: ((name: string) => readonly (number | string)[]) | undefined;
  readonly sign?: -1;
}

const CASES: readonly (readonly [string, Case])[] = [
  ['semver', { policy: { kind: 'semver', range: '*', prerelease: false }, names: version, rank: numbersOf }],
  ['numerical', { policy: { kind: 'numerical', order: 'asc' }, names: number, rank: numbersOf }],
  ['numerical, desc', { policy: { kind: 'numerical', order: 'desc' }, names: number, rank: numbersOf, sign: -1 }],
  [
    'numerical, extracted',
    { policy: { kind: 'numerical', order: 'asc', filter: extracted }, names: build, rank: numbersOf },
  ],
  ['alphabetical', { policy: { kind: 'alphabetical', order: 'asc' }, names: word, rank: (name) => name.split('') }],
  [
    'alphabetical, desc',
    { policy: { kind: 'alphabetical', order: 'desc' }, names: word, rank: (name) => name.split(''), sign: -1 },
  ],
  ['calver', { policy: { kind: 'calver', format: 'YYYY.MM.DD' }, names: date, rank: numbersOf }],
  ['newest', { policy: { kind: 'newest' }, names: word, rank: undefined }],
  ['regex', { policy: { kind: 'regex', pattern: '[aZ0].*' }, names: word, rank: undefined }],
];

/** Different tags with any times, one of which may run. */
function lists(names: Arbitrary<string>) {
  const tag = record({
    name: names,
    pushedAt: option(
      integer({ min: 0, max: 5 }).map((n) => n * MINUTE),
      { nil: undefined },
    ),
  });
  return uniqueArray(tag, { selector: ({ name }) => name, minLength: 1, maxLength: 12 }).chain((list) =>
    record({
      list: constantFrom(list.map((one): ListedTag => ({ ...one, digest: `sha256:${one.name}` }))),
      shuffled: shuffledSubarray(list, { minLength: list.length }).map((all) =>
        all.map((one): ListedTag => ({ ...one, digest: `sha256:${one.name}` })),
      ),
      running: option(constantFrom(...list.map(({ name }) => ({ name, digest: `sha256:${name}` }))), {
        nil: undefined,
      }),
    }),
  );
}

describe.each(CASES)('%s', (_, { policy, names, rank, sign }) => {
  const given = (running: { name: string; digest: string } | undefined) => ({ running, now: NOW });

  test('S06, S10: the order of the list never matters, not even to the reasons', () => {
    assert(
      property(lists(names), ({ list, shuffled, running }) => {
        expect(choose(policy, shuffled, given(running))).toEqual(choose(policy, list, given(running)));
      }),
    );
  });

  test('S05, S11: a tag that is left out never changes the choice', () => {
    const excluded = constantFrom(`sha256-${'0'.repeat(64)}.sig`, 'web.att', 'denied', 'young');
    const filter = { ...(policy.filter ?? DEFAULT_FILTER), deny: ['denied', 'sha256:denied'], minAgeMs: MINUTE };
    assert(
      property(lists(names), excluded, integer({ min: 0, max: 12 }), ({ list, running }, name, at) => {
        // Names of any kind, made ineligible by one part of the filter each.
        const more = { name, digest: 'sha256:denied', pushedAt: name === 'young' ? NOW : 9 * MINUTE };
        const strict = { ...policy, filter };
        const longer = [...list.slice(0, at), more, ...list.slice(at)];
        const [before, after] = [choose(strict, list, given(running)), choose(strict, longer, given(running))];
        expect(after.chosen).toEqual(before.chosen);
      }),
    );
  });

  test('S11, S15: what does not parse changes nothing either', () => {
    if (policy.kind === 'alphabetical' || policy.kind === 'newest' || policy.kind === 'regex') return;
    const others = policy.kind === 'numerical' ? constantFrom('latest', 'main', '1.0') : noise;
    assert(
      property(lists(names), others, ({ list, running }, name) => {
        const longer = [{ name, digest: 'sha256:x', pushedAt: 9 * MINUTE }, ...list];
        expect(choose(policy, longer, given(running)).chosen).toEqual(choose(policy, list, given(running)).chosen);
      }),
    );
  });

  test('R7: never a downgrade, and what is worth the same stays', () => {
    assert(
      property(lists(names), ({ list, running }) => {
        const { chosen } = choose(policy, list, given(running));
        if (running === undefined || chosen?.name === running.name) return;
        const pushedAt = (name: string | undefined) => [list.find((tag) => tag.name === name)?.pushedAt ?? -1];
        const rankOf = (name: string | undefined) => (rank === undefined ? pushedAt(name) : rank(name ?? ''));
        expect(compare(rankOf(chosen?.name), rankOf(running.name)) * (sign ?? 1)).toBeGreaterThan(0);
      }),
    );
  });

  test('choosing again, with what was chosen running, chooses the same', () => {
    assert(
      property(lists(names), ({ list, running }) => {
        const { chosen } = choose(policy, list, given(running));
        expect(choose(policy, list, { running: chosen, now: NOW }).chosen).toEqual(chosen);
      }),
    );
  });
});

const FOLLOWED: readonly (readonly [string, TagPolicy])[] = [
  ['digest, always', { kind: 'digest', tag: 'latest', update: 'always' }],
  ['digest, once', { kind: 'digest', tag: 'latest', update: 'once' }],
  ['digest, never', { kind: 'digest', tag: 'latest', update: 'never' }],
  ['pin of a tag', { kind: 'pin', to: 'latest' }],
  ['pin of a digest', { kind: 'pin', to: 'sha256:latest' }],
];

/** These have no order, so nothing is lower: there is one tag, or digest, that may take the place of what runs. */
describe.each(FOLLOWED)('%s', (_, policy) => {
  const names = constantFrom('latest', 'main', '1.0.0', '2.0.0', 'edge');
  const given = (running: { name: string; digest: string } | undefined) => ({ running, now: NOW });

  test('S06, S10: the order of the list never matters, not even to the reasons', () => {
    assert(
      property(lists(names), ({ list, shuffled, running }) => {
        expect(choose(policy, shuffled, given(running))).toEqual(choose(policy, list, given(running)));
      }),
    );
  });

  test('S05, S11: another tag never changes the choice', () => {
    assert(
      property(lists(names), integer({ min: 0, max: 12 }), ({ list, running }, at) => {
        const more = { name: 'sha256-0.sig', digest: 'sha256:other', pushedAt: 9 * MINUTE };
        const longer = [...list.slice(0, at), more, ...list.slice(at)];
        expect(choose(policy, longer, given(running)).chosen).toEqual(choose(policy, list, given(running)).chosen);
      }),
    );
  });

  test('R7: nothing but what is followed takes the place of what runs', () => {
    assert(
      property(lists(names), ({ list, running }) => {
        const { chosen } = choose(policy, list, given(running));
        if (chosen === undefined || chosen.name === running?.name) return;
        expect(['latest', 'sha256:latest']).toContain(chosen.name);
      }),
    );
  });

  test('choosing again, with what was chosen running, chooses the same', () => {
    assert(
      property(lists(names), ({ list, running }) => {
        const { chosen } = choose(policy, list, given(running));
        expect(choose(policy, list, { running: chosen, now: NOW }).chosen).toEqual(chosen);
      }),
    );
  });
});

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  if (at === -1) return a.length - b.length;
  const [left, right] = [a[at], b[at]];
  return left === undefined || right === undefined ? a.length - b.length : left > right ? 1 : -1;
}
