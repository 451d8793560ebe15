/**
 * Calendar versions by a format such as `YYYY.0M.MICRO`, compared part by part as they stand in it. `v` may stand before
 * it. What is no date, such as the 30th of February, is no version.
 */
import type { TagRule } from '../model/app.ts';
import { readCalendarFormat } from './calver-format.ts';
import type { CalendarFormat, CalendarPart } from './calver-format.ts';
import type { Ordering } from './ordering.ts';

type Version = readonly bigint[];

const FIRST_SHORT_YEAR = 2000n;
const MOST_WEEKS = 53n;

/** Throws where the format is none: config/policy has checked it. */
export function byCalendar({ format }: Extract<TagRule, { kind: 'calver' }>): Ordering<Version> {
  const read = readCalendarFormat(format);
  if ('message' in read) throw new RangeError(`calver format ${format}: ${read.message}`);
  return {
    parse: ({ value }) => parseVersion(value, read),
    compare: compareParts,
    words: {
      unparsed: `not a date by ${format}`,
      runningUnparsed: `is no date by ${format}`,
      one: `a version by ${format}`,
      best: `latest version by ${format}`,
      worse: 'earlier than',
    },
  };
}

function parseVersion(value: string, { parts, pattern }: CalendarFormat): Version | undefined {
  const match = pattern.exec(value);
  if (match === null) return undefined;
  const version = parts.map((part, index) => numberOf(part, match[index + 1] ?? ''));
  const of = (unit: CalendarPart['unit']) => version[parts.findIndex((part) => part.unit === unit)];
  const [year, month, week, day] = [of('year'), of('month'), of('week'), of('day')];
  if (year === undefined) return undefined;
  if (month !== undefined && (month < 1n || month > 12n)) return undefined;
  if (week !== undefined && (week < 1n || week > MOST_WEEKS)) return undefined;
  const isDay = day === undefined || (day >= 1n && day <= daysOf(year, month ?? 1n));
  return isDay ? version : undefined;
}

/** Short years count from 2000: `6`, `16` and `106` are 2006, 2016 and 2106. */
function numberOf({ token }: CalendarPart, digits: string): bigint {
  const number = BigInt(digits);
  return token === 'YY' || token === '0Y' ? number + FIRST_SHORT_YEAR : number;
}

function daysOf(year: bigint, month: bigint): bigint {
  if (month === 2n) return year % 4n === 0n && (year % 100n !== 0n || year % 400n === 0n) ? 29n : 28n;
  return [4n, 6n, 9n, 11n].includes(month) ? 30n : 31n;
}

function compareParts(a: Version, b: Version): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? 0n;
    if (part !== other) return part > other ? 1 : -1;
  }
  return 0;
}
