import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/model/app.ts';
import { chosenName, decide, filtered, running, tags } from './tags.ts';

const numerical = (order: 'asc' | 'desc' = 'asc'): TagPolicy => ({ kind: 'numerical', order });
const alphabetical = (order: 'asc' | 'desc' = 'asc'): TagPolicy => ({ kind: 'alphabetical', order });
const calver = (format: string): TagPolicy => ({ kind: 'calver', format });
const newest: TagPolicy = { kind: 'newest' };
const pin = (to: string): TagPolicy => ({ kind: 'pin', to });

describe('numerical', () => {
  test.each([
    ['the highest, not the last by the alphabet', numerical(), ['9', '10', '2'], undefined, '10'],
    ['desc: the lowest', numerical('desc'), ['9', '10', '2'], undefined, '2'],
    [
      'beyond what floats can tell apart',
      numerical(),
      ['9007199254740993', '9007199254740992'],
      undefined,
      '9007199254740993',
    ],
    ['as many digits as a tag has', numerical(), ['1'.repeat(128), '9'.repeat(127)], undefined, '1'.repeat(128)],
    ['no floats, signs or hex', numerical(), ['1', '2.5', '0x10', '1e9', 'latest'], undefined, '1'],
    ['S10: wherever the registry lists it', numerical(), ['3', '1', '2'], '1', '3'],
    ['S11: what is no number changes nothing', numerical(), ['7', 'main', '8-rc'], '7', '7'],
    ['R7: never a lower one', numerical(), ['6', '5'], '7', '7'],
    ['R7: desc: never a higher one', numerical('desc'), ['8'], '7', '7'],
    ['of equal numbers the running one stays', numerical(), ['7', '007'], '007', '007'],
    ['a running tag that is no number stays', numerical(), ['7'], 'latest', 'latest'],
    ['nothing is a number, nothing runs', numerical(), ['a'], undefined, undefined],
  ])('%s', (_, policy, names, current, expected) => {
    expect(chosenName(policy, names, current)).toBe(expected);
  });
});

describe('alphabetical', () => {
  test.each([
    ['the last', alphabetical(), ['b', 'c', 'a'], undefined, 'c'],
    ['desc: the first', alphabetical('desc'), ['b', 'c', 'a'], undefined, 'a'],
    ['by code points: capitals before small letters', alphabetical(), ['Z', 'a'], undefined, 'a'],
    [
      'by code points: what lies beyond 16 bits comes last',
      alphabetical(),
      ['\u{ff5e}', '\u{1f600}'],
      undefined,
      '\u{1f600}',
    ],
    ['digits as letters', alphabetical(), ['10', '9'], undefined, '9'],
    ['a longer one after its beginning', alphabetical(), ['main-2', 'main'], undefined, 'main-2'],
    ['R7: never one before what runs', alphabetical(), ['a', 'b'], 'c', 'c'],
    ['R7: desc: never one after what runs', alphabetical('desc'), ['d'], 'c', 'c'],
  ])('%s', (_, policy, names, current, expected) => {
    expect(chosenName(policy, names, current)).toBe(expected);
  });
});

describe('calver', () => {
  test.each([
    ['the latest day', 'YYYY.MM.DD', ['2024.1.31', '2024.10.2', '2024.9.30'], undefined, '2024.10.2'],
    [
      'padded where the format does not ask for it',
      'YYYY.MM.DD',
      ['2024.01.31', '2024.02.01'],
      undefined,
      '2024.02.01',
    ],
    ['padded where it does', 'YYYY.0M.0D', ['2024.1.31', '2024.01.30'], undefined, '2024.01.30'],
    ['a counter of any size', 'YYYY.0M.MICRO', ['2024.05.9', '2024.05.10'], undefined, '2024.05.10'],
    ['the month before the counter', 'YYYY.0M.MICRO', ['2024.05.99', '2024.06.0'], undefined, '2024.06.0'],
    ['short years, and those after 2099', 'YY.MM', ['9.12', '24.1', '106.1'], undefined, '106.1'],
    ['padded short years', '0Y.0M', ['09.12', '24.01'], undefined, '24.01'],
    ['weeks', 'YYYY.0W', ['2024.09', '2024.53', '2024.54', '2024.00'], undefined, '2024.53'],
    ['digits with nothing between them', 'YYYY0M0D', ['20240131', '20240201', '20241301'], undefined, '20240201'],
    [
      'digits with nothing between them, padded or not',
      'YYYYMMDDMICRO',
      ['202401319', '2024013110'],
      undefined,
      '2024013110',
    ],
    ['major before the year', 'MAJOR.YY.MINOR', ['1.24.7', '2.23.0'], undefined, '2.23.0'],
    [
      'text around it, and v before it',
      'release-YYYY-MM-DD',
      ['vrelease-2024-1-2', 'release-2024-1-1'],
      undefined,
      'vrelease-2024-1-2',
    ],
    ['no 30th of February', 'YYYY.MM.DD', ['2024.2.30', '2024.2.29'], undefined, '2024.2.29'],
    ['a 29th of February in leap years only', 'YYYY.MM.DD', ['2023.2.29', '2023.2.28'], undefined, '2023.2.28'],
    ['no 29th of February in 2100', 'YYYY.MM.DD', ['2100.2.29', '2100.2.28'], undefined, '2100.2.28'],
    [
      'no 31st of April, no month 13, no day 0',
      'YYYY.MM.DD',
      ['2024.4.31', '2024.13.1', '2024.5.0', '2023.1.1'],
      undefined,
      '2023.1.1',
    ],
    ['a version is no date', 'YYYY.MM.DD', ['1.2.3', '2024.1.1.1', '2024.1'], undefined, undefined],
    ['R7: never an earlier one', 'YYYY.MM.DD', ['2024.1.1'], '2024.1.2', '2024.1.2'],
    ['R7: not even where what runs has left the list', 'YYYY.MM', ['2024.1'], '2024.2', '2024.2'],
    ['of equal dates the running one stays', 'YYYY.MM.DD', ['2024.1.2', '2024.01.02'], '2024.01.02', '2024.01.02'],
  ])('%s: %s', (_, format, names, current, expected) => {
    expect(chosenName(calver(format), names, current)).toBe(expected);
  });
});

describe('newest', () => {
  test.each([
    ['the one pushed last', ['b', 'a'], undefined, 'a'],
    ['S10: wherever the registry lists it', ['b', 'c', 'a'], 'c', 'a'],
    ['R7: nothing that was pushed before what runs', ['a', 'b'], 'b', 'b'],
    ['R7: an unlisted running tag stays', ['a'], 'z', 'z'],
  ])('%s', (_, names, current, expected) => {
    expect(chosenName(newest, names, current)).toBe(expected);
  });

  test('of two pushed at once the running one stays', () => {
    const atOnce = tags('a', 'b').map((tag) => ({ ...tag, pushedAt: 5 }));
    expect(decide(newest, atOnce, 'b').chosen?.name).toBe('b');
    expect(decide(newest, atOnce, 'a').chosen?.name).toBe('a');
  });

  test('R6: a registry that gives no push times is unknown, with the reason for each tag', () => {
    const choice = decide(newest, [{ name: 'a' }, { name: 'b' }], 'a');
    expect(choice.chosen).toEqual(running('a'));
    expect(choice.reason).toBe('none of 2 tags is a tag with a push time');
    expect(choice.skipped.map(({ reason }) => reason)).toEqual(Array(2).fill('the registry gives no push time'));
    expect(decide(newest, [{ name: 'a' }], undefined).chosen).toBeUndefined();
  });

  test('a filter that has changed does not hide when what runs was pushed', () => {
    const policy = filtered(newest, { include: '^release-' });
    expect(chosenName(policy, ['main-1', 'release-1'], 'main-1')).toBe('release-1');
    expect(chosenName(policy, ['release-1', 'main-1'], 'main-1')).toBe('main-1');
  });
});

describe('pin', () => {
  const digest = `sha256:${'0'.repeat(64)}`;

  test.each([
    ['that tag, whatever else there is', '1.2.3', ['1.2.3', '9.9.9'], undefined, '1.2.3'],
    ['down too: the operator says so', '1.2.3', ['1.2.3', '9.9.9'], '9.9.9', '1.2.3'],
    ['what runs stays while it is not listed', '1.2.3', ['9.9.9'], '9.9.9', '9.9.9'],
    ['nothing, where nothing runs and it is not listed', '1.2.3', ['9.9.9'], undefined, undefined],
    ['of what runs already: no list is needed', '1.2.3', [], '1.2.3', '1.2.3'],
    ['a digest, by the name of a tag that has it', 'sha256:1.2.3', ['1.2.3', '9.9.9'], '9.9.9', '1.2.3'],
    ['a digest that no tag has any more', digest, ['9.9.9'], '9.9.9', digest],
    ['a digest, though the repository has no tags', digest, [], undefined, digest],
  ])('%s', (_, to, names, current, expected) => {
    expect(chosenName(pin(to), names, current)).toBe(expected);
  });

  test('a pinned tag that is pushed again keeps the digest that runs', () => {
    expect(decide(pin('7'), [{ name: '7', digest: 'sha256:new' }], '7').chosen).toEqual(running('7'));
  });
});
