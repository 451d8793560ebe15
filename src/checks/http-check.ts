/**
 * A GET against the statuses and the text that are expected. With `{target}` each group is asked, where it is reached
 * itself and with no look at its certificate, as Traffic Manager does; without it the URL is asked as any client would.
 */
import { isIPv6 } from 'node:net';
import type { Check, HttpSource } from '../model/check.ts';
import { ask } from './ask.ts';
import type { Answer, Question } from './ask.ts';
import type { Asking } from './context.ts';
import { judgeNumbers } from './judge-numbers.ts';
import { errorReading, messageOf, worst } from './reading.ts';
import type { Reading } from './reading.ts';

const MOST_BYTES = 64 * 1024;
const TARGET = '{target}';

export async function checkHttp(check: Check<HttpSource>, asking: Asking): Promise<Reading> {
  if (!check.source.url.includes(TARGET)) return checkOne(check, asking, undefined);
  const readings = asking.targets.map((target) => checkOne(check, asking, target));
  return worst(await Promise.all(readings), 'group');
}

async function checkOne(check: Check<HttpSource>, asking: Asking, target: string | undefined): Promise<Reading> {
  const { source } = check;
  const url = new URL(source.url.replaceAll(TARGET, inUrl(target ?? '')));
  let at: Question['at'];
  if (url.hostname === inUrl(target ?? '').toLowerCase()) {
    try {
      at = await asking.resolve(target ?? '', Number(url.port) || (url.protocol === 'https:' ? 443 : 80));
    } catch (error) {
      return errorReading(`${url.hostname} was not resolved: ${messageOf(error)}`);
    }
  }
  const { clock, signal, timeoutMs } = asking;
  const startedAt = clock.now();
  const question: Question = {
    url,
    method: 'GET',
    headers: {},
    host: source.host,
    ...(at === undefined ? {} : { at }),
    mostBytes: source.bodyIncludes === undefined && source.json === undefined ? 0 : MOST_BYTES,
    signal,
    timeoutMs,
  };
  const answer = await ask(question, asking.send);
  const reading = judge(check, answer, clock.now() - startedAt);
  return { ...reading, detail: `${url.href}: ${reading.detail}` };
}

function judge(check: Check<HttpSource>, answer: Answer, tookMs: number): Reading {
  const { statuses, bodyIncludes, json } = check.source;
  if (answer.kind === 'none') return { kind: answer.isOurs ? 'error' : 'failure', detail: answer.detail };
  const { status, text } = answer;
  if (!statuses.some(({ from, to }) => status >= from && status <= to)) {
    const wanted = statuses.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
    return { kind: 'failure', detail: `status ${status}, expected ${wanted}` };
  }
  if (bodyIncludes !== undefined && !text.includes(bodyIncludes)) {
    const [wanted, got] = [bodyIncludes, text].map((one) => JSON.stringify(one.slice(0, 60)));
    return { kind: 'failure', detail: `${status} without ${wanted}, got ${got}` };
  }
  if (json !== undefined) return judgeJson(check, json, text);
  return { kind: 'success', detail: `${status} in ${tookMs} ms` };
}

/** What is no number says nothing of it. */
function judgeJson(check: Check<HttpSource>, path: string, text: string): Reading {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return errorReading(`its answer is no JSON: ${JSON.stringify(text.slice(0, 60))}`);
  }
  for (const key of path.split('.')) {
    found =
      typeof found === 'object' && found !== null ? Object.entries(found).find(([own]) => own === key)?.[1] : undefined;
  }
  if (typeof found !== 'number') return errorReading(`its answer has no number at ${path}`);
  return judgeNumbers(check, [{ label: path, value: found }]);
}

function inUrl(target: string): string {
  return isIPv6(target) ? `[${target}]` : target;
}
