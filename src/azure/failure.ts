/**
 * What an error from Azure means: whose fault it is, whether the request may have had its effect, and when to come
 * back. The code counts, not the status: the same code comes with several.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { RestError } from '@azure/core-rest-pipeline';
import type { EffectOutcome, Fault } from '../rollout/effect.ts';
import type { UnknownErrors } from './unknown-errors.ts';

/** Codes that time, capacity or quota cure. */
const WORLD = new Set([
  'serviceunavailable',
  'containergroupquotareached',
  'containergrouptransitioning',
  'registryerrorresponse',
  'toomanyrequests',
  'operationnotallowed',
  'internalservererror',
  'subscriptionrequeststhrottled',
  'conflict',
]);
/** Codes that the operator cures: rights, names, profiles. */
const OPERATOR = new Set([
  'authorizationfailed',
  'authenticationfailed',
  'invalidauthenticationtoken',
  'linkedauthorizationfailed',
  'resourcegroupnotfound',
  'subscriptionnotfound',
  'resourcenotfound',
  'notfound',
  'dnsnamelabelalreadytaken',
  'missingsubscriptionregistration',
]);
/** Codes of what is wrong with the group itself. */
const RELEASE = new Set([
  'inaccessibleimage',
  'invalidrequestcontent',
  'invalidcontainergroupname',
  'invalidcontainergroupupdate',
  'invalidimageregistrycredentialtype',
  'ambiguousimageresitrycredentialtype',
  'invalidimageregistryidentity',
  'invalidostype',
  'osversionnotsupported',
  'invaliddnsnamelabel',
  'resourcerequestsnotspecified',
  'containerlimitgreaterthancontainergrouptotalrequest',
  'missingcontainers',
  'badrequest',
]);
/** After something was sent, perhaps. */
const CUT_OFF = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'REQUEST_SEND_ERROR', 'PARSE_ERROR']);
/** Before anything was sent: nothing can have happened. */
const NOT_SENT = new Set([
  'RATE_LIMITED',
  'FENCED',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
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
  if (
    name === 'AuthenticationRequiredError' ||
    name === 'CredentialUnavailableError' ||
    name === 'AuthenticationError' ||
    name === 'AggregateAuthenticationError'
  ) {
    const text = `no token could be had: ${message.split('\n')[0] ?? ''}; check azure.credential and that the identity is assigned`;
    return {
      status: undefined,
      code: name,
      message: text,
      retryAfterMs: undefined,
      fault: 'operator',
      isForeseen: true,
    };
  }
  const isForeseen = name === 'AbortError' || name === 'TimeoutError';
  return { status: undefined, code: name, message, retryAfterMs: undefined, fault: undefined, isForeseen };
}

/** What failures mean; what was not foreseen is shown whole, once. */
export class Diagnosis {
  readonly #unknown: UnknownErrors;

  constructor(unknown: UnknownErrors) {
    this.#unknown = unknown;
  }

  failure(error: unknown): Failure {
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
  const status = error.statusCode;
  const { code, message } = readError(error);
  return {
    status,
    code,
    message: `${message}${idsOf(error)}`,
    retryAfterMs: readRetryAfter(error),
    fault: faultOf(status, code),
    isForeseen: isForeseen(status, code),
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

function isForeseen(status: number | undefined, code: string): boolean {
  if (status === undefined) return NOT_SENT.has(code) || CUT_OFF.has(code);
  const key = code.toLowerCase();
  return WORLD.has(key) || OPERATOR.has(key) || RELEASE.has(key) || [401, 403, 404, 408, 429].includes(status);
}

function faultOf(status: number | undefined, code: string): Fault | undefined {
  if (status === undefined) return NOT_SENT.has(code) ? 'world' : undefined;
  const key = code.toLowerCase();
  if (WORLD.has(key) || status === 429) return 'world';
  if (status === 408 || status >= 500) return undefined;
  if (OPERATOR.has(key) || status === 401 || status === 403 || status === 404) return 'operator';
  return status === 409 ? 'world' : 'release';
}

/** Errors come wrapped in `error` or, from Traffic Manager, bare. */
function readError(error: RestError): { code: string; message: string } {
  const body = parse(error.response?.bodyAsText ?? undefined);
  const inner = record(body['error']) ?? body;
  const code = inner['code'] ?? error.code ?? 'Unknown';
  const message = inner['message'] ?? error.message;
  return { code: textOf(code), message: textOf(message).slice(0, 2000) };
}

function parse(text: string | undefined): Record<string, unknown> {
  try {
    return record(JSON.parse(text ?? '{}')) ?? {};
  } catch {
    return {};
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}

/** Seconds or a date. */
function readRetryAfter(error: RestError): number | undefined {
  const text = error.response?.headers.get('retry-after');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
