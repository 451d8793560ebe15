import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { choose } from '../../src/policy/choose.ts';
import { filtered, MINUTE } from './tags.ts';

type Update = 'never' | 'once' | 'always';
const follow = (update: Update, tag = 'latest'): TagPolicy => ({ kind: 'digest', tag, update });
const given = (name: string, digest: string) => ({ running: { name, digest }, now: 100 * MINUTE });
const nothing = { running: undefined, now: 100 * MINUTE };

/** `latest` as it was, and as it is once it was pushed again. */
const before = [{ name: 'latest', digest: 'sha256:a', pushedAt: 0 }];
const after = [
  { name: 'latest', digest: 'sha256:b', pushedAt: 99 * MINUTE },
  { name: '2.0.0', digest: 'sha256:z', pushedAt: 99 * MINUTE },
];

describe('S16: a tag is pushed again while its policy goes', () => {
  test.each([
    ['never', 'never', 'sha256:a'],
    ['never', 'once', 'sha256:a'],
    ['never', 'always', 'sha256:b'],
    ['once', 'never', 'sha256:a'],
    ['once', 'once', 'sha256:a'],
    ['once', 'always', 'sha256:b'],
    ['always', 'never', 'sha256:a'],
    ['always', 'once', 'sha256:a'],
    ['always', 'always', 'sha256:b'],
  ] as const)('from %s to %s: %s runs', (first, second, expected) => {
    const seen = choose(follow(first), before, nothing).chosen;
    expect(seen).toEqual({ name: 'latest', digest: 'sha256:a' });
    const choice = choose(follow(second), after, given('latest', seen?.digest ?? ''));
    expect(choice.chosen).toEqual({ name: 'latest', digest: expected });
  });

  test.each([
    ['never', { name: 'stable', digest: 'sha256:s' }],
    ['once', { name: 'latest', digest: 'sha256:b' }],
    ['always', { name: 'latest', digest: 'sha256:b' }],
  ] as const)('%s, and another tag is named: %o runs', (update, expected) => {
    expect(choose(follow(update), after, given('stable', 'sha256:s')).chosen).toEqual(expected);
  });
});

describe('digest', () => {
  test('looks at no other tag', () => {
    expect(choose(follow('always'), after, given('latest', 'sha256:b')).reason).toBe('latest is where it was');
    expect(choose(follow('always'), after, nothing).skipped).toEqual([
      { tag: '2.0.0', reason: 'not the tag that is followed, latest' },
    ]);
  });

  test.each([
    ['is not listed', [{ name: 'other', digest: 'sha256:x' }]],
    ['is listed without a digest', [{ name: 'latest' }]],
    ['R6: the list is empty', []],
  ])('where the tag %s, what runs stays', (_, list) => {
    expect(choose(follow('always'), list, given('latest', 'sha256:a')).chosen?.digest).toBe('sha256:a');
    expect(choose(follow('always'), list, nothing).chosen).toBeUndefined();
  });

  test.each([
    ['its digest is denied', { deny: ['sha256:b'] }, 'its digest is on the deny list'],
    ['it is too young', { minAgeMs: 2 * MINUTE }, 'pushed 1m ago, younger than minAge 2m'],
  ])('where %s, what runs stays, with the reason', (_, filter, reason) => {
    const choice = choose(filtered(follow('always'), filter), after, given('latest', 'sha256:a'));
    expect(choice.chosen?.digest).toBe('sha256:a');
    expect(choice.skipped).toContainEqual({ tag: 'latest', reason });
  });
});
