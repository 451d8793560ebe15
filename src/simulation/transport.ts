/**
 * The wire between the SDK clients and the model: an HTTP client of theirs that asks the faces directly. Each request
 * takes virtual time, and meets the trouble that it is told to: before or after its effect, or an answer of the past.
 */
import { createHttpHeaders, RestError } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { asArray, asRecord } from '../simulator/http.ts';
import type { Face, HttpAnswer, HttpRequest } from '../simulator/http.ts';
import { MINUTE } from '../model/time.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Trouble {
  /** From the request to the model, and again back. */
  readonly latencyMs: number;
  /** In place of the answer; `cut`: none at all. */
  readonly failure?: { readonly status: number; readonly code: string; readonly retryAfterSeconds?: number } | 'cut';
  /** The failure comes although the request took effect. */
  readonly afterEffect?: boolean;
  /** A GET is answered with what it was so long ago. */
  readonly staleMs?: number;
  /** Below 1: which item the list lacks, of groups or of tags. */
  readonly lacks?: number;
  /** What was made less than this ago is not found. */
  readonly forgetsMs?: number;
}

export interface TransportGiven {
  readonly time: VirtualTime;
  readonly face: Face;
  readonly trouble: (request: HttpRequest) => Trouble;
  /** Called with each request as it reaches the model, before its effect, and what it gives back after it. */
  readonly onRequest: (request: HttpRequest, sentAt: number) => (() => void) | undefined;
}

/** As the callers' own: they ask for an abort in real time, which does not pass here. */
const CALL_TIMEOUT_MS = 30_000;
/** That are remembered. */
const MOST_URLS = 100;

interface Memory {
  /** The last answers to each GET. */
  readonly past: Map<string, { at: number; answer: HttpAnswer }[]>;
  /** When each path was last written. */
  readonly writtenAt: Map<string, number>;
}

export function makeTransport(given: TransportGiven): HttpClient {
  const memory: Memory = { past: new Map(), writtenAt: new Map() };
  return {
    async sendRequest(pipelineRequest) {
      const request = toHttpRequest(pipelineRequest);
      const trouble = given.trouble(request);
      const sentAt = given.time.now();
      await given.time.sleep(Math.min(trouble.latencyMs, CALL_TIMEOUT_MS));
      if (trouble.latencyMs > CALL_TIMEOUT_MS && trouble.afterEffect !== true) throw cut(pipelineRequest, 'ETIMEDOUT');
      if (trouble.failure !== undefined && trouble.afterEffect !== true) return fail(pipelineRequest, trouble);
      const answer = await ask(given, request, { memory, trouble, sentAt });
      await given.time.sleep(Math.min(trouble.latencyMs, CALL_TIMEOUT_MS));
      if (trouble.latencyMs > CALL_TIMEOUT_MS) throw cut(pipelineRequest, 'ETIMEDOUT');
      if (trouble.failure !== undefined) return fail(pipelineRequest, trouble);
      return toResponse(pipelineRequest, answer);
    },
  };
}

/** Who asks seldom is not told of a world that is long gone. */
const STALEST_MS = MINUTE;

async function ask(
  given: TransportGiven,
  request: HttpRequest,
  { memory, trouble, sentAt }: { memory: Memory; trouble: Trouble; sentAt: number },
): Promise<HttpAnswer> {
  const key = `${request.method} ${request.path} ${request.query.toString()}`;
  const now = given.time.now();
  if (request.method === 'GET') {
    const { staleMs = Number.POSITIVE_INFINITY } = trouble;
    const stale = memory.past.get(key)?.findLast(({ at }) => at <= now - staleMs && at >= now - STALEST_MS);
    if (stale !== undefined) return stale.answer;
    if (now < (memory.writtenAt.get(request.path) ?? 0) + (trouble.forgetsMs ?? 0)) return NOT_FOUND;
  }
  const after = given.onRequest(request, sentAt);
  const answer = (await given.face(request)) ?? NOT_FOUND;
  after?.();
  if (request.method === 'PUT') remember(memory.writtenAt, request.path, now);
  if (request.method !== 'GET') return answer;
  remember(memory.past, key, [...(memory.past.get(key) ?? []).slice(-3), { at: now, answer }]);
  return trouble.lacks === undefined ? answer : without(answer, trouble.lacks);
}

/** What was not asked for or written lately goes. */
function remember<Value>(values: Map<string, Value>, key: string, value: Value): void {
  values.delete(key);
  values.set(key, value);
  const [oldest] = values.keys();
  if (oldest !== undefined && values.size > MOST_URLS) values.delete(oldest);
}

const NOT_FOUND: HttpAnswer = {
  status: 404,
  json: { error: { code: 'ResourceNotFound', message: 'The resource was not found.' } },
};

/** A list of groups (`value`) or of tags (`tags`) that lacks one item, and does not say so. */
function without(answer: HttpAnswer, which: number): HttpAnswer {
  const body = asRecord(answer.text === undefined ? answer.json : JSON.parse(answer.text));
  for (const key of ['value', 'tags']) {
    const items = asArray(body?.[key]);
    if (items.length === 0) continue;
    const json = { ...body, [key]: items.toSpliced(Math.floor(which * items.length), 1) };
    return { status: answer.status, headers: answer.headers ?? {}, json };
  }
  return answer;
}

function toHttpRequest(request: PipelineRequest): HttpRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname.replaceAll(/\/{2,}/g, '/'),
    query: url.searchParams,
    headers: request.headers.toJSON(),
    body: typeof request.body === 'string' ? request.body : '',
    base: url.origin,
  };
}

function toResponse(request: PipelineRequest, answer: HttpAnswer): PipelineResponse {
  const bodyAsText = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  const headers = createHttpHeaders({ 'content-type': 'application/json', ...answer.headers });
  return { request, status: answer.status, headers, bodyAsText };
}

function fail(request: PipelineRequest, { failure }: Trouble): PipelineResponse {
  if (failure === undefined || failure === 'cut') throw cut(request, 'ECONNRESET');
  const { status, code, retryAfterSeconds } = failure;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return toResponse(request, { status, headers, json: { error: { code, message: 'a fault of the simulation' } } });
}

function cut(request: PipelineRequest, code: string): RestError {
  return new RestError(`${request.method} was cut off`, { code, request });
}
