/**
 * An instant query over Prometheus's HTTP API (`/api/v1/query`), which Thanos, Mimir and Azure Monitor workspaces speak
 * too. No series is inconclusive; text, a range, histograms, or an answer with warnings (it may be a part) are errors.
 */
import { z } from 'zod';
import type { Check, PrometheusSource } from '../model/check.ts';
import { ask } from './ask.ts';
import { withSecret, withToken } from './authorization.ts';
import { fillIn } from './context.ts';
import type { Asking } from './context.ts';
import { judgeNumbers } from './judge-numbers.ts';
import type { Series } from './judge-numbers.ts';
import { errorReading } from './reading.ts';
import type { Reading } from './reading.ts';

const MOST_BYTES = 1024 * 1024;

const sample = z.tuple([z.number(), z.string()]);
const answered = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({ resultType: z.string(), result: z.unknown() }),
    warnings: z.array(z.string()).default([]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().default(''), error: z.string().default('') }),
]);
const vector = z.array(z.object({ metric: z.record(z.string(), z.string()).default({}), value: sample }));

export async function checkPrometheus(check: Check<PrometheusSource>, asking: Asking): Promise<Reading> {
  const { url: base, headers, secret, audience, query } = check.source;
  const url = new URL(`${base}/api/v1/query`);
  url.searchParams.set('query', fillIn(query, asking));
  url.searchParams.set('timeout', `${asking.timeoutMs}ms`);
  const { signal, timeoutMs } = asking;
  const authorization = { ...(await withSecret(secret, asking)), ...(await withToken(audience, asking)) };
  const question = { url, method: 'GET', headers: { ...headers, ...authorization }, signal, timeoutMs } as const;
  const answer = await ask({ ...question, mostBytes: MOST_BYTES }, asking.send);
  const wrong = (detail: string) => errorReading(`${base}: ${detail}`);
  if (answer.kind === 'none') return wrong(answer.detail);
  const { status, location, text } = answer;
  if (status >= 300 && status < 400)
    return wrong(`redirected (${status}) to ${location ?? 'nowhere'}, which is not followed; give that URL`);
  const read = answered.safeParse(parseJson(text));
  if (!read.success) return wrong(`${status}, expected an answer of Prometheus, got ${excerpt(text)}`);
  if (read.data.status === 'error') return wrong(`${status} ${read.data.errorType}: ${read.data.error}`);
  if (status !== 200) return wrong(`${status}, expected 200`);
  const { data, warnings } = read.data;
  const [warning] = warnings;
  if (warning !== undefined) return wrong(`the answer may be a part: ${warning}`);
  const series = toSeries(data);
  return typeof series === 'string' ? wrong(series) : judgeNumbers(check, series);
}

/** Text: why there are none. */
function toSeries({ resultType, result }: { resultType: string; result?: unknown }): readonly Series[] | string {
  if (resultType !== 'vector' && resultType !== 'scalar')
    return `the query gives a ${resultType}, expected a number or one per series`;
  const parsed =
    resultType === 'scalar'
      ? sample.transform((value) => [{ metric: {}, value }]).safeParse(result)
      : vector.safeParse(result);
  if (!parsed.success) return `the ${resultType} has no numbers (${parsed.error.issues[0]?.message ?? 'malformed'})`;
  const series = parsed.data.map(({ metric, value }) => ({ label: labelOf(metric), value: toNumber(value[1]) }));
  const text = series.findIndex(({ value }) => value === undefined);
  if (text >= 0) return `expected a number, got ${excerpt(parsed.data[text]?.value[1] ?? '')}`;
  return series.flatMap(({ label, value }) => (value === undefined ? [] : [{ label, value }]));
}

/** As Prometheus writes them; undefined where it is none. */
function toNumber(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN;
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function labelOf(metric: Readonly<Record<string, string>>): string {
  const labels = Object.entries(metric).map(([key, value]) => `${key}="${value}"`);
  return labels.length === 0 ? '' : `{${labels.join(', ')}}`;
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
