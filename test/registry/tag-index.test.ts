import { describe, expect, test } from 'vitest';
import { EMPTY_INDEX, merge, reachesKnown, sameTags } from '../../src/registry/tag-index.ts';
import type { DatedTag } from '../../src/registry/tag-index.ts';

const tag = (name: string, pushedAt: number, digest = `digest of ${name}`): DatedTag => ({ name, digest, pushedAt });
const listed = (...tags: DatedTag[]) => new Map(tags.map((each) => [each.name, each]));
const index = merge(EMPTY_INDEX, listed(tag('c', 3), tag('b', 2), tag('a', 1)), true);

describe('where a later look may stop', () => {
  test.each([
    ['never, with nothing remembered', EMPTY_INDEX, [tag('a', 1)], false],
    ['at a tag that is known as it is', index, [tag('d', 4), tag('b', 2)], true],
    ['not at new tags only', index, [tag('e', 5), tag('d', 4)], false],
    ['not at a known name with another digest', index, [tag('b', 4, 'moved')], false],
    ['not at the newest one: others may have come at the same moment', index, [tag('c', 3)], false],
    ['not at an old tag that was never seen', index, [tag('z', 0)], false],
    ['not at an empty page', index, [], false],
  ])('%s', (_, known, page, expected) => {
    expect(reachesKnown(known, page)).toBe(expected);
  });
});

describe('what is remembered', () => {
  test('grows by a page, with a tag that moved in place of the old one', () => {
    const merged = merge(index, listed(tag('a', 9, 'moved'), tag('d', 4)), false);
    expect([...merged.tags.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(merged.tags.get('a')).toEqual(tag('a', 9, 'moved'));
    expect(merged.watermark).toBe(9);
  });

  test('loses what a whole list no longer has', () => {
    const merged = merge(index, listed(tag('b', 2)), true);
    expect([...merged.tags.values()]).toEqual([tag('b', 2)]);
    expect(merged.watermark).toBe(2);
  });

  test.each([
    ['a page', [tag('c', 3), tag('b', 2)], false],
    ['the whole list', [tag('a', 1), tag('b', 2), tag('c', 3)], true],
  ])('is the very same where %s brings nothing new, so that a steady look costs nothing', (_, page, isWhole) => {
    expect(merge(index, listed(...page), isWhole)).toBe(index);
  });

  test('takes more tags than a call takes arguments', () => {
    const many = Array.from({ length: 200_000 }, (_, number) => tag(`1.0.${number}`, number));
    expect(merge(EMPTY_INDEX, new Map(many.map((each) => [each.name, each])), true)).toMatchObject({
      watermark: 199_999,
      tags: { size: 200_000 },
    });
  });

  test('is the one given, unchanged', () => {
    merge(index, listed(tag('d', 4)), false);
    expect([...index.tags.keys()]).toEqual(['c', 'b', 'a']);
  });
});

test.each([
  ['the same in another order', [tag('a', 1), tag('b', 2)], [tag('b', 2), tag('a', 1)], true],
  ['one more', [tag('a', 1)], [tag('a', 1), tag('b', 2)], false],
  ['one less', [tag('a', 1), tag('b', 2)], [tag('a', 1)], false],
  ['another name', [tag('a', 1)], [tag('b', 1, 'digest of a')], false],
  ['another digest', [tag('a', 1)], [tag('a', 1, 'moved')], false],
  ['pushed again', [tag('a', 1)], [tag('a', 2)], false],
])('news or not: %s', (_, before, after, same) => {
  expect(sameTags(before, after)).toBe(same);
});
