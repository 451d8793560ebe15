/**
 * What an error from Azure means: whose fault it is, whether the request may have had its effect, and when to come
 * back. The code counts, not the status: the same code comes with several.
 */
import { isRestError } from '@azure/core-rest-pipeline';
import type { RestError } from '@azure/core-rest-pipeline';
import type { EffectOutcome, Fault } from '../rollout/effect.ts';

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
    return { status: undefined, code: name, message: text, retryAfterMs: undefined, fault: 'operator' };
  }
  return { status: undefined, code: name, message, retryAfterMs: undefined, fault: undefined };
}

/** As the outcome of an effect. */
export function toOutcome(error: unknown): EffectOutcome {
  const { fault, code, message, retryAfterMs } = describeFailure(error);
  return fault === undefined ? { kind: 'ambiguous', message } : { kind: 'refused', fault, code, message, retryAfterMs };
}

function describeRestError(error: RestError): Failure {
  const status = error.statusCode;
  const { code, message } = readError(error);
  const requestId = error.response?.headers.get('x-ms-request-id');
  const text = requestId === undefined ? message : `${message} (request ${requestId})`;
  return { status, code, message: text, retryAfterMs: readRetryAfter(error), fault: faultOf(status, code) };
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
