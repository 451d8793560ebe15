/** Requests and answers as every face of the local Azure sees them, and the errors that it answers with. */

export interface HttpRequest {
  readonly method: string;
  /** Decoded once per segment by the faces; doubled slashes are collapsed. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** `https://host:port` as the client wrote it: links in answers begin with it. */
  readonly base: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly text?: string;
}

/** Undefined: not a path of this face. */
export type Face = (request: HttpRequest) => HttpAnswer | undefined | Promise<HttpAnswer | undefined>;

/** Time as the model needs it: real, or virtual in simulation. */
export interface SimClock {
  now(): number;
  /** Calls back once; the function given back cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Thrown anywhere below a face and answered in ARM's shape. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function errorAnswer(error: ArmError): HttpAnswer {
  return {
    status: error.status,
    headers: error.headers,
    json: { error: { code: error.code, message: error.message } },
  };
}

export function parseBody(request: HttpRequest): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(request.body === '' ? '{}' : request.body)) ?? {};
  } catch {
    throw new ArmError(
      400,
      'InvalidRequestContent',
      'The request content was invalid and could not be deserialized: it is not JSON.',
    );
  }
}

/** The very object: what it gives is not to be changed. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text as sent; numbers and booleans count as text, anything else as nothing. */
export function asText(value: unknown, otherwise = ''): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}
