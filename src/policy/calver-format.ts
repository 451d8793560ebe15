/**
 * Formats of calendar versions in the tokens of calver.org: what each stands for, how it is read, and what makes a format
 * one that cannot be ordered.
 */

export type CalendarUnit = 'year' | 'month' | 'week' | 'day' | 'number';

export interface CalendarPart {
  readonly token: string;
  readonly unit: CalendarUnit;
  readonly offset: number;
}

export interface CalendarFormat {
  readonly parts: readonly CalendarPart[];
  /** Whole tag; a group for each part. */
  readonly pattern: RegExp;
}

export interface FormatFault {
  readonly message: string;
  /** Where in the format, from 0. */
  readonly offset: number;
}

/** `digits` where other text follows; `fixed` where digits of another token do. Undefined: any number. */
const TOKENS: Readonly<Record<string, { unit: CalendarUnit; digits: string; fixed: string | undefined }>> = {
  YYYY: { unit: 'year', digits: String.raw`\d{4}`, fixed: String.raw`\d{4}` },
  YY: { unit: 'year', digits: String.raw`\d{1,3}`, fixed: String.raw`\d{2}` },
  '0Y': { unit: 'year', digits: String.raw`\d{2,3}`, fixed: String.raw`\d{2}` },
  MM: { unit: 'month', digits: String.raw`\d{1,2}`, fixed: String.raw`\d{2}` },
  '0M': { unit: 'month', digits: String.raw`\d{2}`, fixed: String.raw`\d{2}` },
  WW: { unit: 'week', digits: String.raw`\d{1,2}`, fixed: String.raw`\d{2}` },
  '0W': { unit: 'week', digits: String.raw`\d{2}`, fixed: String.raw`\d{2}` },
  DD: { unit: 'day', digits: String.raw`\d{1,2}`, fixed: String.raw`\d{2}` },
  '0D': { unit: 'day', digits: String.raw`\d{2}`, fixed: String.raw`\d{2}` },
  MAJOR: { unit: 'number', digits: String.raw`\d+`, fixed: undefined },
  MINOR: { unit: 'number', digits: String.raw`\d+`, fixed: undefined },
  MICRO: { unit: 'number', digits: String.raw`\d+`, fixed: undefined },
};
const PIECE = /YYYY|YY|0Y|MM|0M|WW|0W|DD|0D|MAJOR|MINOR|MICRO|[a-z._-]|./gu;

export const CALENDAR_TOKENS = Object.keys(TOKENS).join(', ');

/** Each year, then what is in it. */
const ORDER: readonly CalendarUnit[] = ['year', 'month', 'week', 'day'];

export function readCalendarFormat(format: string): CalendarFormat | FormatFault {
  const pieces = Array.from(format.matchAll(PIECE), (match) => ({ text: match[0], offset: match.index }));
  const unknown = pieces.find(({ text }) => !Object.hasOwn(TOKENS, text) && !/^[a-z._-]$/.test(text));
  if (unknown !== undefined) return { message: `"${unknown.text}" begins no token`, offset: unknown.offset };
  const parts = pieces.flatMap(({ text, offset }) => {
    const token = TOKENS[text];
    return token === undefined ? [] : [{ token: text, unit: token.unit, offset }];
  });
  const fault = orderFault(parts) ?? joinFault(parts);
  if (fault !== undefined) return fault;
  const source = pieces.map(({ text }, index) => {
    const token = TOKENS[text];
    if (token === undefined) return text === '.' ? String.raw`\.` : text;
    const isJoined = isToken(pieces[index - 1]?.text) || isToken(pieces[index + 1]?.text);
    return `(${isJoined ? (token.fixed ?? token.digits) : token.digits})`;
  });
  return { parts, pattern: new RegExp(`^v?${source.join('')}$`) };
}

function isToken(text: string | undefined): boolean {
  return text !== undefined && Object.hasOwn(TOKENS, text);
}

/** Parts are compared as they stand, so the larger ones must come first, and each once. */
function orderFault(parts: readonly CalendarPart[]): FormatFault | undefined {
  const dates = parts.filter(({ unit }) => unit !== 'number');
  if (dates.length === 0) return { message: 'there is no year in it', offset: 0 };
  const seen = new Set<string>();
  for (const part of parts) {
    const { token, unit, offset } = part;
    const key = unit === 'number' ? token : unit;
    if (seen.has(key)) return { message: `${token} says the ${key} a second time`, offset };
    const larger = dates.find((other) => ORDER.indexOf(other.unit) < ORDER.indexOf(unit) && other.offset > offset);
    if (larger !== undefined && unit !== 'number')
      return { message: `${token} stands before ${larger.token}, and parts are compared as they stand`, offset };
    if (unit !== 'number' && unit !== 'year' && !seen.has('year'))
      return { message: `${token} without a year`, offset };
    if (unit === 'day' && !seen.has('month')) return { message: `${token} without a month`, offset };
    seen.add(key);
  }
  const week = parts.find(({ unit }) => unit === 'week');
  if (week === undefined || !seen.has('month')) return undefined;
  return { message: `${week.token} beside a month: a week belongs to a year`, offset: week.offset };
}

/** Of two numbers of any length with nothing between them nobody can tell which digit belongs to which. */
function joinFault(parts: readonly CalendarPart[]): FormatFault | undefined {
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (next === undefined || part.unit !== 'number' || next.offset > part.offset + part.token.length) continue;
    return { message: `${part.token} has any number of digits, so something must stand after it`, offset: part.offset };
  }
  return undefined;
}
