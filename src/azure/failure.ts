/**
 * What an error from Azure means: whose fault it is, whether the request may have had its effect, and when to come
 * back.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { RestError } from '@azure/core-rest-pipeline';
import { InvariantError, TransientError } from '../model/errors.ts';
import { NOT_SENT_CODE } from '../rollout/effect.ts';
import type { EffectOutcome, Fault } from '../rollout/effect.ts';
import { readErrorBody } from './error-body.ts';
import { faultOf, isForeseen } from './fault.ts';
import { readRetryAfter } from './retry-after.ts';
import type { UnknownErrors } from './unknown-errors.ts';

const LONGEST_MESSAGE = 2000;
const NO_TOKEN = new Set([
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
]);

export interface Failure {
  readonly status: number | undefined;
  readonly code: string;
  /** Azure's own message with its request id. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /** Undefined: what became of the request is not known. */
  readonly fault: Fault | undefined;
  /** False where neither code nor status says anything that was foreseen. */
  readonly isForeseen: boolean;
}

export function describeFailure(error: unknown): Failure {
  if (isRestError(error)) return describeRestError(error);
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const failure = { status: undefined, code: name, message, retryAfterMs: undefined, fault: undefined };
  if (error instanceof TransientError) {
    const { retryAfterMs } = error;
    return { ...failure, code: NOT_SENT_CODE, retryAfterMs, fault: 'world', isForeseen: true };
  }
  if (NO_TOKEN.has(name)) {
    const text = `no token could be had: ${message.split('\n')[0] ?? ''}; check azure.credential and that the identity is assigned`;
    return { ...failure, message: text, fault: 'operator', isForeseen: true };
  }
  return { ...failure, isForeseen: name === 'AbortError' || name === 'TimeoutError' };
}

/** What failures mean; what was not foreseen is shown whole, once. */
export class Diagnosis {
  readonly #unknown: UnknownErrors;

  constructor(unknown: UnknownErrors) {
    this.#unknown = unknown;
  }

  /** Throws again what is no failure of Azure's but a bug. */
  failure(error: unknown): Failure {
    if (error instanceof InvariantError) throw error;
    const failure = describeFailure(error);
    if (!failure.isForeseen) this.#unknown.meet(error, failure.code);
    return failure;
  }

  /** As the outcome of an effect. */
  outcome(error: unknown): EffectOutcome {
    return toOutcome(this.failure(error));
  }
}

export function toOutcome({ fault, code, message, retryAfterMs }: Failure): EffectOutcome {
  return fault === undefined ? { kind: 'ambiguous', message } : { kind: 'refused', fault, code, message, retryAfterMs };
}

function describeRestError(error: RestError): Failure {
  const { statusCode: status, response } = error;
  const body = readErrorBody(response?.bodyAsText);
  const code = body?.code ?? error.code ?? 'Unknown';
  const message = (body?.message ?? error.message).slice(0, LONGEST_MESSAGE);
  const refused = { status, code, isOfArm: body !== undefined };
  return {
    status,
    code,
    message: `${message}${idsOf(error)}`,
    retryAfterMs: response === undefined ? undefined : readRetryAfter(response.headers),
    fault: faultOf(refused),
    isForeseen: isForeseen(refused),
  };
}

/** What Azure's support finds a call by. */
function idsOf({ response }: RestError): string {
  const ids = { request: 'x-ms-request-id', correlation: 'x-ms-correlation-request-id' };
  const known = Object.entries(ids).flatMap(([name, header]) => {
    const id = response?.headers.get(header);
    return id === undefined ? [] : [`${name} ${id}`];
  });
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}
