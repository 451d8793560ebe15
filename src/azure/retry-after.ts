/** When Azure wants to be asked again: seconds, a date, or milliseconds in headers of its own. */
import type { HttpHeaders } from '@azure/core-rest-pipeline';
import { HOUR, SECOND } from '../model/time.ts';

const LONGEST_MS = HOUR;
const IN_MILLISECONDS = ['retry-after-ms', 'x-ms-retry-after-ms'];
const NUMBER = /^\s*\d+(?:\.\d+)?\s*$/;
/** Other texts that Date.parse takes, such as `-5`, are no dates of HTTP. */
const HTTP_DATE = /^\s*[a-z]{3,9},?\s.*\d{2}:\d{2}:\d{2}/i;

/** Milliseconds, an hour at most; undefined where nothing (readable) is said. */
export function readRetryAfter(headers: Pick<HttpHeaders, 'get'>): number | undefined {
  const ms = inMilliseconds(headers) ?? inSeconds(headers) ?? asDate(headers);
  return ms === undefined ? undefined : Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)));
}

function inMilliseconds(headers: Pick<HttpHeaders, 'get'>): number | undefined {
  const text = IN_MILLISECONDS.map((name) => headers.get(name)).find((value) => value !== undefined);
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

function inSeconds(headers: Pick<HttpHeaders, 'get'>): number | undefined {
  const text = headers.get('retry-after');
  return text !== undefined && NUMBER.test(text) ? Number(text) * SECOND : undefined;
}

/** By the sender's own clock, where it shows it: this one may differ. */
function asDate(headers: Pick<HttpHeaders, 'get'>): number | undefined {
  const until = parseDate(headers.get('retry-after'));
  return until === undefined ? undefined : until - (parseDate(headers.get('date')) ?? Date.now());
}

function parseDate(text: string | undefined): number | undefined {
  const at = text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
