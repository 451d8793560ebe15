/**
 * One HTTP exchange within bounds: no redirects, no more of the body than a limit, and an end when the signal aborts.
 * Never throws: where there is no whole answer, it says why, and whether it was for reasons of this side.
 */
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { readRetryAfter } from '../azure/retry-after.ts';
import { messageOf } from './reading.ts';

export interface Question {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  /** Host header, and the name asked for in TLS; those of the URL where undefined. */
  readonly host?: string | undefined;
  readonly body?: string;
  /** In place of what the URL's name resolves to; its certificate is then not checked. */
  readonly at?: { readonly host: string; readonly port: number };
  /** Of the body; 0: it is not read. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
  /** For the message of a time-out. */
  readonly timeoutMs: number;
}

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly location: string | undefined;
      readonly text: string;
      /** An hour at most; undefined where it does not say. */
      readonly retryAfterMs: number | undefined;
    }
  /** `ours`: the request never left, or was cut off by this side's limits: it says nothing of who was asked. */
  | { readonly kind: 'none'; readonly isOurs: boolean; readonly detail: string };

/** The head of an answer, and its body as it comes. */
export interface Received extends AsyncIterable<unknown> {
  readonly statusCode?: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Of a body that is not wanted. */
  readonly destroy: () => unknown;
}

/** Rejects where no answer begins; ends with the signal of the question. */
export type Send = (question: Question) => Promise<Received>;

/** Names that are not known, certificates that are not trusted, and a network that is not there. */
const OURS =
  /^(ENOTFOUND|EAI_|EMFILE|ENFILE|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|CERT_|ERR_TLS_|ERR_INVALID_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

class TooLong extends Error {}

export async function ask(question: Question, send: Send = sendOverNetwork): Promise<Answer> {
  try {
    const message = await send(question);
    const { statusCode: status = 0, headers } = message;
    const { location } = headers;
    const retryAfterMs = readRetryAfter({ get: (name) => textOf(headers[name]) });
    if (question.mostBytes > 0)
      return { kind: 'answer', status, location, retryAfterMs, text: await readText(message, question.mostBytes) };
    message.destroy();
    return { kind: 'answer', status, location, retryAfterMs, text: '' };
  } catch (error) {
    if (error instanceof TooLong) return { kind: 'none', isOurs: true, detail: error.message };
    if (question.signal.aborted)
      return { kind: 'none', isOurs: false, detail: `no whole answer within ${question.timeoutMs} ms` };
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const detail = code === '' || messageOf(error).includes(code) ? messageOf(error) : `${code}: ${messageOf(error)}`;
    return { kind: 'none', isOurs: OURS.test(code), detail };
  }
}

function sendOverNetwork({ url, method, headers, host, body, at, signal }: Question): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const name = bare(url.hostname);
  const asked = host === undefined ? name : bare(new URL(`http://${host}`).hostname);
  const options: RequestOptions & { rejectUnauthorized: boolean; servername?: string } = {
    host: at?.host ?? name,
    port: at?.port ?? url.port,
    path: `${url.pathname}${url.search}`,
    method,
    agent: false,
    headers: { 'user-agent': 'viridian', connection: 'close', host: host ?? url.host, ...headers },
    signal,
    rejectUnauthorized: at === undefined,
    ...(isIP(asked) === 0 ? { servername: asked } : {}),
  };
  const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(options, resolve);
  // Also after the answer has begun: then its body ends with the same error.
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function readText(message: Received, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    // Leaving the loop ends the connection.
    if (size > mostBytes) throw new TooLong(`the answer has more than ${mostBytes} bytes, which is more than is read`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}

/** An IPv6 address stands in brackets in a URL. */
function bare(hostname: string): string {
  return hostname.replaceAll(/[[\]]/g, '');
}
