import { assert, constantFrom, integer, property, record, array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Window, Windows } from '../../src/model/window.ts';
import { cronFault, isBypassed, judgeWindows } from '../../src/policy/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const utc = (text: string) => Date.parse(`${text}Z`);

function window(cron: string, hours: number, timeZone = 'Europe/Berlin'): Window {
  return { name: undefined, cron, timeZone, durationMs: hours * HOUR };
}

function judge(windows: Partial<Windows>, at: string): string {
  const verdict = judgeWindows([{ allow: [], deny: [], ...windows }], utc(at));
  if (verdict.kind === 'open') return 'open';
  return verdict.opensAt === undefined ? 'never' : new Date(verdict.opensAt).toISOString().slice(0, 16);
}

const NIGHT = window('0 22 * * *', 4);
const WORK = window('0 9 * * MON-FRI', 8);

describe('rollouts may start', () => {
  test.each<[string, Partial<Windows>, string, string]>([
    ['at any time where there are no windows', {}, '2026-06-01T00:00', 'open'],
    ['from the moment that a window opens', { allow: [NIGHT] }, '2026-06-01T20:00', 'open'],
    ['not a moment before', { allow: [NIGHT] }, '2026-06-01T19:59:59.999', '2026-06-01T20:00'],
    ['across midnight', { allow: [NIGHT] }, '2026-06-01T23:59:59.999', 'open'],
    ['not from the moment that it closes', { allow: [NIGHT] }, '2026-06-02T00:00', '2026-06-02T20:00'],
    ['in either of two windows', { allow: [WORK, NIGHT] }, '2026-06-01T10:00', 'open'],
    ['in neither: the sooner of them is next', { allow: [NIGHT, WORK] }, '2026-06-01T16:00', '2026-06-01T20:00'],
    ['over a weekend, from Friday to Monday', { allow: [window('0 18 * * FRI', 62)] }, '2026-06-08T05:59', 'open'],
    [
      'with seconds in the expression',
      { allow: [window('30 0 22 * * *', 1)] },
      '2026-06-01T20:00:29',
      '2026-06-01T20:00',
    ],
    [
      'on a day that comes every four years',
      { allow: [window('0 0 29 2 *', 1)] },
      '2027-12-31T00:00',
      '2028-02-28T23:00',
    ],
    ['never on a day that no month has', { allow: [window('0 0 30 2 *', 1)] }, '2026-06-01T00:00', 'never'],
  ])('%s', (_, windows, at, expected) => {
    expect(judge(windows, at)).toBe(expected);
  });
});

describe('a freeze window wins', () => {
  test.each<[string, Partial<Windows>, string, string]>([
    [
      'over an allowed one',
      { allow: [NIGHT], deny: [window('0 23 * * *', 1)] },
      '2026-06-01T21:30',
      '2026-06-01T22:00',
    ],
    ['also where nothing else is said', { deny: [WORK] }, '2026-06-01T08:00', '2026-06-01T15:00'],
    ['after it, all is open', { deny: [WORK] }, '2026-06-01T15:00', 'open'],
    [
      'with one that overlaps it, to the end of both',
      { deny: [window('0 9 * * *', 3), window('0 11 * * *', 3)] },
      '2026-06-01T08:00',
      '2026-06-01T12:00',
    ],
    [
      'to its end by the next opening, where it lasts longer than its period',
      { deny: [window('0 9,11 * * *', 3)] },
      '2026-06-01T08:00',
      '2026-06-01T12:00',
    ],
    [
      'for ever where it lasts longer than its period',
      { deny: [window('0 0 * * *', 25)] },
      '2026-06-01T08:00',
      'never',
    ],
    [
      'for ever where it covers all that is allowed',
      { allow: [NIGHT], deny: [window('0 21 * * *', 6)] },
      '2026-06-01T08:00',
      'never',
    ],
  ])('%s', (_, windows, at, expected) => {
    expect(judge(windows, at)).toBe(expected);
  });
});

describe('when clocks change in Europe/Berlin', () => {
  test.each<[string, Window, string, string]>([
    [
      'spring: an opening in the hour that is skipped comes when the clock goes on',
      window('30 2 * * *', 1),
      '2026-03-29T00:00',
      '2026-03-29T01:00',
    ],
    ['spring: it lasts for its duration in real time', window('30 2 * * *', 1), '2026-03-29T01:59', 'open'],
    [
      'spring: a window around it closes an hour later by the clock',
      window('0 1 * * *', 4),
      '2026-03-29T03:59',
      'open',
    ],
    [
      'autumn: an opening in the hour that comes twice comes once',
      window('30 2 * * *', 0.5),
      '2026-10-25T01:30',
      '2026-10-26T01:30',
    ],
    ['autumn: at the first of the two', window('30 2 * * *', 0.5), '2026-10-25T00:30', 'open'],
    [
      'autumn: a window around it closes an hour earlier by the clock',
      window('0 1 * * *', 4),
      '2026-10-25T03:00',
      '2026-10-26T00:00',
    ],
    ['the same hour of the day before and after', window('0 22 * * *', 1), '2026-10-25T00:00', '2026-10-25T21:00'],
  ])('%s', (_, allow, at, expected) => {
    expect(judge({ allow: [allow] }, at)).toBe(expected);
  });
});

describe('two sets', () => {
  const night: Windows = { allow: [NIGHT], deny: [] };
  const work: Windows = { allow: [WORK], deny: [] };
  test('must both be open', () => {
    const late: Windows = { allow: [window('0 23 * * *', 4)], deny: [] };
    expect(judgeWindows([night, late], utc('2026-06-01T20:30'))).toMatchObject({
      kind: 'closed',
      reason: 'no allowed window is open ("0 23 * * *" Europe/Berlin)',
      opensAt: utc('2026-06-01T21:00'),
    });
    expect(judgeWindows([night, late], utc('2026-06-01T21:00'))).toEqual({ kind: 'open' });
  });

  test('that never are never open, and the search ends within 400 days', () => {
    const now = utc('2026-06-01T08:00');
    const verdict = judgeWindows([night, work], now);
    expect(verdict).toMatchObject({ kind: 'closed', opensAt: undefined });
    expect(verdict.kind === 'closed' && verdict.searchedUntil).toBeLessThanOrEqual(now + 400 * DAY);
  });
});

test('a search through windows that open and close all day ends, and says how far it came', () => {
  const now = utc('2026-06-01T08:00');
  const half: Window = { name: undefined, cron: '* * * * *', timeZone: 'UTC', durationMs: 30_000 };
  const verdict = judgeWindows([{ allow: [half], deny: [half] }], now);
  expect(verdict).toMatchObject({ kind: 'closed', opensAt: undefined });
  expect(verdict.kind === 'closed' && verdict.searchedUntil).toBeGreaterThan(now + 12 * HOUR);
});

test('reasons call a window by its name', () => {
  const verdict = judgeWindows([{ allow: [], deny: [{ ...WORK, name: 'office hours' }] }], utc('2026-06-01T08:00'));
  expect(verdict).toMatchObject({ reason: 'freeze window "office hours" is open' });
});

test('a bypass holds until its time, and not at it', () => {
  const bypass = { by: 'ada', until: 1000 };
  expect([isBypassed(bypass, 999), isBypassed(bypass, 1000), isBypassed(undefined, 0)]).toEqual([true, false, false]);
});

test.each([
  ['* * * *', false],
  ['* * * * *', true],
  ['0 0 22 * * FRI', true],
  ['* * * * * * *', false],
  ['60 * * * *', false],
  ['0 0 * * MOON', false],
  ['@daily', false],
  ['', false],
])('"%s" is an expression of five or six fields: %s', (cron, isGood) => {
  expect(cronFault(cron) === undefined).toBe(isGood);
});

describe('for any windows', () => {
  const anyWindow = record({
    name: constantFrom(undefined, 'some'),
    cron: constantFrom(
      '0 * * * *',
      '*/20 * * * *',
      '0 22 * * *',
      '30 2 * * *',
      '0 9 * * MON-FRI',
      '0 0 1 * *',
      '15 1,3 * * SUN',
    ),
    timeZone: constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    durationMs: integer({ min: 1, max: 30 * 60 }).map((minutes) => minutes * MINUTE),
  });
  const anySet = record({ allow: array(anyWindow, { maxLength: 2 }), deny: array(anyWindow, { maxLength: 2 }) });
  // Around the changes of clocks of 2026, in the north and in the south.
  const anyTime = constantFrom('2026-03-08T00:00', '2026-03-28T20:00', '2026-10-24T20:00', '2026-04-04T10:00');

  test('what is said to open is open then, and closed at each minute before', () => {
    assert(
      property(array(anySet, { maxLength: 2 }), anyTime, integer({ min: 0, max: 3 * 1440 }), (sets, from, minutes) => {
        const now = utc(from) + minutes * MINUTE;
        const judged = (at: number) => judgeWindows(sets, at, { searchMs: 2 * DAY });
        const verdict = judged(now);
        if (verdict.kind === 'open') return;
        const { opensAt, searchedUntil } = verdict;
        expect(opensAt === undefined ? 'open' : judged(opensAt).kind).toBe('open');
        const end = Math.min(opensAt ?? searchedUntil, now + 6 * HOUR);
        for (let at = now; at < end; at += 37 * MINUTE) expect(judged(at).kind).toBe('closed');
        expect(judged(Math.max(now, (opensAt ?? searchedUntil) - 1)).kind).toBe('closed');
      }),
      { numRuns: 60 },
    );
  });

  test('open or closed is as a walk through every minute of the days before shows', () => {
    assert(
      property(anySet, anyTime, integer({ min: 0, max: 1440 }), ({ allow, deny }, from, minutes) => {
        const now = utc(from) + minutes * MINUTE;
        const isOpen = (one: Window) => {
          // A fresh walk, forward, minute by minute: it shares no arithmetic with what it judges.
          for (let back = 0; back < one.durationMs; back += MINUTE) {
            if (opensIn(one, now - back)) return true;
          }
          return false;
        };
        const expected = !deny.some(isOpen) && (allow.length === 0 || allow.some(isOpen));
        expect(judgeWindows([{ allow, deny }], now).kind === 'open').toBe(expected);
      }),
      { numRuns: 25 },
    );
  });
});

/** Local time by Intl, fields compared by hand; skipped and doubled hours as the header of the file says. */
function opensIn({ cron, timeZone }: Window, at: number): boolean {
  const [minute = '', hour = '', day = '', , weekday = ''] = cron.split(' ');
  const fits = (field: string, value: number) =>
    field === '*' ||
    (field.startsWith('*/') ? value % Number(field.slice(2)) === 0 : field.split(',').map(Number).includes(value));
  const here = localOf(at, timeZone);
  const isDay = fits(day, here.day) && dayFits(weekday, here.weekday);
  if (!isDay) return false;
  if (hour === '*') return fits(minute, here.minute);
  const before = localOf(at - MINUTE, timeZone);
  const jumped = (here.hour * 60 + here.minute - before.hour * 60 - before.minute + 1440) % 1440;
  const isFirst = !hasBeen(at, here, timeZone);
  if (jumped === 1) return isFirst && fits(minute, here.minute) && fits(hour, here.hour);
  if (jumped > 720) return false;
  return Array.from({ length: jumped }, (_, index) => before.hour * 60 + before.minute + 1 + index).some(
    (value) => fits(minute, value % 60) && fits(hour, Math.floor(value / 60)),
  );
}

function dayFits(field: string, weekday: string): boolean {
  if (field === '*') return true;
  return field === 'SUN' ? weekday === 'Sun' : !['Sat', 'Sun'].includes(weekday);
}

/** Whether the same local time was there within the two hours before. */
function hasBeen(at: number, here: ReturnType<typeof localOf>, timeZone: string): boolean {
  return [30, 60, 120].some((minutes) => {
    const then = localOf(at - minutes * MINUTE, timeZone);
    return then.day === here.day && then.hour === here.hour && then.minute === here.minute;
  });
}

const formats = new Map<string, Intl.DateTimeFormat>();
function localOf(at: number, timeZone: string) {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: Number(parts['day']),
    hour: Number(parts['hour']),
    minute: Number(parts['minute']),
    weekday: parts['weekday'] ?? '',
  };
}
