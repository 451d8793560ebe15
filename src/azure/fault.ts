/**
 * Whose fault a refusal is. The code counts before the status: the same code comes with several. Only what ARM itself says
 * of the group's body condemns a release (R7); whatever else stands between is tried again.
 */
import type { Fault } from '../rollout/effect.ts';

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
/** Codes that the operator cures: rights, names, profiles, where things may be made. */
const OPERATOR = new Set([
  'authorizationfailed',
  'authenticationfailed',
  'invalidauthenticationtoken',
  'linkedauthorizationfailed',
  'resourcegroupnotfound',
  'resourcegroupbeingdeleted',
  'subscriptionnotfound',
  'invalidsubscriptionid',
  'invalidapiversionparameter',
  'resourcenotfound',
  'containerlognotavailable',
  'notfound',
  'dnsnamelabelalreadytaken',
  'missingsubscriptionregistration',
  'noregisteredproviderfound',
  'locationnotavailableforresourcetype',
  'invalidresourcelocation',
  'requestdisallowedbypolicy',
  'scopelocked',
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
/** As ARM names what it finds wrong in a body. */
const VALIDATION = /^(?:invalid|missing|malformed|unsupported|ambiguous)|validation|notsupported|notspecified/;
/** Nothing was done, and the next time it may be. */
const PASSING = new Set([409, 412, 423, 425]);
/** As proxies say that they did not wait for the answer. */
const UNANSWERED = new Set([408, 499]);
/** After something was sent, perhaps. */
const CUT_OFF = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'REQUEST_SEND_ERROR', 'PARSE_ERROR']);
/** Before anything was sent: nothing can have happened. */
const NOT_SENT = new Set([
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

export interface Refused {
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  readonly code: string;
  /** The code is ARM's own, out of the body. */
  readonly isOfArm: boolean;
}

/** Undefined: what became of the request is not known. */
export function faultOf({ status, code, isOfArm }: Refused): Fault | undefined {
  if (status === undefined) return NOT_SENT.has(code) ? 'world' : undefined;
  // An answer that cannot be read, of a request that may well have been granted.
  if (status < 400) return undefined;
  const key = code.toLowerCase();
  if (WORLD.has(key) || status === 429) return 'world';
  if (UNANSWERED.has(status) || status >= 500) return undefined;
  if (OPERATOR.has(key) || [401, 403, 404].includes(status)) return 'operator';
  if (isOfArm && (RELEASE.has(key) || isValidation(status, key))) return 'release';
  return PASSING.has(status) ? 'world' : 'operator';
}

function isValidation(status: number, key: string): boolean {
  return status === 422 || (status === 400 && VALIDATION.test(key));
}

/** False where neither code nor status says anything that was foreseen. */
export function isForeseen({ status, code }: Refused): boolean {
  if (status === undefined) return NOT_SENT.has(code) || CUT_OFF.has(code);
  const key = code.toLowerCase();
  return WORLD.has(key) || OPERATOR.has(key) || RELEASE.has(key) || [401, 403, 404, 408, 429].includes(status);
}
