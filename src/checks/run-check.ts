/**
 * Takes one measurement of a check. It ends in time whatever the other side does, never throws, and its detail is one line
 * without any secret that was sent.
 */
import { setMaxListeners } from 'node:events';
import { LONGEST_DETAIL } from '../model/check.ts';
import type { AskedCheck, AskedSource, Check, Measurement } from '../model/check.ts';
import type { Asking, CheckContext } from './context.ts';
import { checkHttp } from './http-check.ts';
import { checkPrometheus } from './prometheus.ts';
import { errorReading, messageOf } from './reading.ts';
import type { Reading } from './reading.ts';
import { checkTcp } from './tcp-check.ts';
import { checkWebhook } from './webhook.ts';

/** For what does not end when it is told to, such as a token or a secret that is waited for. */
const GRACE_MS = 250;

export async function runCheck(check: AskedCheck, context: CheckContext): Promise<Measurement> {
  const secrets = new Set<string>();
  const { detail, ...reading } = await inTime(check, context, (secret) => secrets.add(secret));
  return { at: context.clock.now(), ...reading, detail: toLine(detail, secrets) };
}

async function inTime(check: AskedCheck, context: CheckContext, conceal: Asking['conceal']): Promise<Reading> {
  const { clock } = context;
  const { timeoutMs } = check;
  const ended = new AbortController();
  const late = new AbortController();
  // One for each group that is asked.
  setMaxListeners(0, late.signal);
  const tooLate = async (): Promise<Reading> => {
    await clock.wait(timeoutMs, ended.signal);
    late.abort();
    await clock.wait(GRACE_MS, ended.signal);
    return errorReading(`nothing measured within ${timeoutMs} ms`);
  };
  try {
    return await Promise.race([measure(check, { ...context, signal: late.signal, timeoutMs, conceal }), tooLate()]);
  } catch (error) {
    return errorReading(messageOf(error));
  } finally {
    ended.abort();
  }
}

async function measure(check: AskedCheck, asking: Asking): Promise<Reading> {
  const { source } = check;
  switch (source.kind) {
    case 'http':
      return checkHttp(withSource(check, source), asking);
    case 'tcp':
      return checkTcp(source, asking);
    case 'webhook':
      return checkWebhook({ name: check.name, source }, asking);
    case 'prometheus':
      return checkPrometheus(withSource(check, source), asking);
    case 'azureMetrics': {
      const checkAzureMetrics = await loadMetrics();
      return checkAzureMetrics(withSource(check, source), asking);
    }
    case 'azureLogs': {
      const checkAzureLogs = await loadLogs();
      return checkAzureLogs(withSource(check, source), asking);
    }
  }
}

/** What asks Azure Monitor comes with large libraries, which most never need. */
export const loadMetrics = once(async () => {
  const { checkAzureMetrics } = await import('./azure-metrics.ts');
  return checkAzureMetrics;
});

export const loadLogs = once(async () => {
  const { checkAzureLogs } = await import('./azure-logs.ts');
  return checkAzureLogs;
});

/** What is there comes at once; what could not be loaded is tried again. */
function once<Loaded>(load: () => Promise<Loaded>): () => Promise<Loaded> {
  let loaded: Promise<Loaded> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

function withSource<Source extends AskedSource>(check: AskedCheck, source: Source): Check<Source> {
  return { ...check, source };
}

function toLine(detail: string, secrets: ReadonlySet<string>): string {
  let line = detail;
  for (const secret of secrets) if (secret !== '') line = line.replaceAll(secret, '•••');
  line = line.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL - 1)}…` : line;
}
