/**
 * Errors that nobody has foreseen: of each kind the first one is handed on whole, so that the log holds what it takes to
 * ask Azure's support, or to teach Viridian. Request bodies and headers stay out: they hold secrets.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { RestError } from '@azure/core-rest-pipeline';
import { maskSecrets } from '../runtime/secret-keys.ts';

export interface UnknownError {
  /** Method and URL without its query; undefined where none is known. */
  readonly request: string | undefined;
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | undefined;
  /** What Azure's support finds a call by. */
  readonly correlationId: string | undefined;
  /** The answer as it came, at most 16 KiB of it. */
  readonly body: string | undefined;
  readonly stack: string | undefined;
  /** What led to it, nearest first: a stack or a message each, at most five. */
  readonly causes: readonly string[];
}

const LONGEST_BODY = 16 * 1024;
const MOST_KINDS = 200;
const MOST_CAUSES = 5;

export class UnknownErrors {
  readonly #kinds = new Set<string>();
  readonly #onFirst: (error: UnknownError) => void;

  constructor(onFirst: (error: UnknownError) => void) {
    this.#onFirst = onFirst;
  }

  /** `code` as far as it could be told. After 200 kinds it says once that no more are shown. */
  meet(error: unknown, code: string): void {
    const rest = isRestError(error) ? error : undefined;
    const kind = `${rest?.statusCode ?? ''} ${code} ${rest === undefined && error instanceof Error ? error.message : ''}`;
    if (this.#kinds.has(kind) || this.#kinds.size > MOST_KINDS) return;
    this.#kinds.add(kind);
    this.#onFirst(this.#kinds.size > MOST_KINDS ? NO_MORE : describe(error, code));
  }
}

const NO_MORE: UnknownError = {
  request: undefined,
  status: undefined,
  code: 'TooManyKinds',
  message: `more than ${MOST_KINDS} kinds of unknown errors: no more are shown until the next start`,
  requestId: undefined,
  correlationId: undefined,
  body: undefined,
  stack: undefined,
  causes: [],
};

function describe(error: unknown, code: string): UnknownError {
  const rest = isRestError(error) ? error : undefined;
  return {
    request: rest === undefined ? undefined : requestOf(rest),
    status: rest?.statusCode,
    code,
    message: shown(error instanceof Error ? error.message : String(error)),
    requestId: headerOf(rest, 'x-ms-request-id'),
    correlationId: headerOf(rest, 'x-ms-correlation-request-id') ?? headerOf(rest, 'x-ms-correlation-id'),
    body: rest?.response?.bodyAsText ? shown(rest.response.bodyAsText) : undefined,
    stack: error instanceof Error ? shown(error.stack ?? '') : undefined,
    causes: causesOf(error),
  };
}

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && causes.length < MOST_CAUSES) {
    causes.push(shown(textOf(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function shown(text: string): string {
  return maskSecrets(text).slice(0, LONGEST_BODY);
}

function requestOf({ request }: RestError): string | undefined {
  return request === undefined ? undefined : `${request.method} ${request.url.split('?')[0] ?? ''}`;
}

function headerOf(error: RestError | undefined, name: string): string | undefined {
  return error?.response?.headers.get(name);
}
