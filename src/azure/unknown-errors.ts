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
}

const LONGEST_BODY = 16 * 1024;
const MOST_KINDS = 200;

export class UnknownErrors {
  readonly #kinds = new Set<string>();
  readonly #onFirst: (error: UnknownError) => void;

  constructor(onFirst: (error: UnknownError) => void) {
    this.#onFirst = onFirst;
  }

  /** `code` as far as it could be told. */
  meet(error: unknown, code: string): void {
    const rest = isRestError(error) ? error : undefined;
    const kind = `${rest?.statusCode ?? ''} ${code} ${rest === undefined && error instanceof Error ? error.message : ''}`;
    if (this.#kinds.has(kind) || this.#kinds.size >= MOST_KINDS) return;
    this.#kinds.add(kind);
    this.#onFirst({
      request: rest === undefined ? undefined : requestOf(rest),
      status: rest?.statusCode,
      code,
      message: maskSecrets(error instanceof Error ? error.message : String(error)).slice(0, LONGEST_BODY),
      requestId: headerOf(rest, 'x-ms-request-id'),
      correlationId: headerOf(rest, 'x-ms-correlation-request-id') ?? headerOf(rest, 'x-ms-correlation-id'),
      body: maskedBody(rest),
      stack: error instanceof Error ? error.stack : undefined,
    });
  }
}

function requestOf({ request }: RestError): string | undefined {
  return request === undefined ? undefined : `${request.method} ${request.url.split('?')[0] ?? ''}`;
}

function maskedBody(error: RestError | undefined): string | undefined {
  const text = error?.response?.bodyAsText;
  return text === undefined || text === null ? undefined : maskSecrets(text).slice(0, LONGEST_BODY);
}

function headerOf(error: RestError | undefined, name: string): string | undefined {
  return error?.response?.headers.get(name);
}
