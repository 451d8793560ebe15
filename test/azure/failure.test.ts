import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { describeFailure, toOutcome as outcomeOf } from '../../src/azure/failure.ts';

const toOutcome = (error: unknown) => outcomeOf(describeFailure(error));

function answered(status: number, code: string, options: { bare?: boolean; headers?: Record<string, string> } = {}) {
  const error = { code, message: `message of ${code}` };
  const request = createPipelineRequest({ url: 'https://management.example/' });
  const headers = createHttpHeaders({ 'x-ms-request-id': 'abc', ...options.headers });
  const bodyAsText = JSON.stringify(options.bare === true ? error : { error });
  return new RestError('an SDK message', {
    statusCode: status,
    request,
    response: { status, headers, bodyAsText, request },
  });
}

test('the ids that Azure’s support asks for are part of the message', () => {
  const { message } = describeFailure(answered(400, 'Odd', { headers: { 'x-ms-correlation-request-id': 'def' } }));
  expect(message).toBe('message of Odd (request abc, correlation def)');
});

describe('whose fault a refusal is', () => {
  test.each([
    [400, 'InvalidRequestContent', 'release'],
    [400, 'InaccessibleImage', 'release'],
    [400, 'ServiceUnavailable', 'world'],
    [400, 'RegistryErrorResponse', 'world'],
    [401, 'InvalidAuthenticationToken', 'operator'],
    [403, 'AuthorizationFailed', 'operator'],
    [404, 'ResourceGroupNotFound', 'operator'],
    [409, 'ContainerGroupTransitioning', 'world'],
    [409, 'ContainerGroupQuotaReached', 'world'],
    [409, 'DnsNameLabelAlreadyTaken', 'operator'],
    [409, 'Whatever', 'world'],
    [422, 'Whatever', 'release'],
    [429, 'SubscriptionRequestsThrottled', 'world'],
    [429, 'Whatever', 'world'],
    [503, 'ServiceUnavailable', 'world'],
  ])('%i %s: the fault of the %s', (status, code, fault) => {
    expect(toOutcome(answered(status, code))).toEqual({
      kind: 'refused',
      fault,
      code,
      message: `message of ${code} (request abc)`,
      retryAfterMs: undefined,
    });
  });

  test.each([
    [408, 'RequestTimeout'],
    [500, 'Whatever'],
    [502, 'BadGateway'],
    [504, 'GatewayTimeout'],
  ])('%i %s tells nothing of what became of it: look before repeating', (status, code) => {
    expect(toOutcome(answered(status, code))).toEqual({
      kind: 'ambiguous',
      message: `message of ${code} (request abc)`,
    });
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])('%s: nothing was sent, nothing can have happened', (code) => {
    expect(toOutcome(new RestError('no way', { code }))).toMatchObject({ kind: 'refused', fault: 'world', code });
  });

  test.each(['ECONNRESET', 'ETIMEDOUT', 'REQUEST_SEND_ERROR'])('%s: it may have happened', (code) => {
    expect(toOutcome(new RestError('cut off', { code })).kind).toBe('ambiguous');
  });

  test('a token that cannot be had is the operator’s to mend', () => {
    const error = Object.assign(new Error('no identity\nand much more'), { name: 'CredentialUnavailableError' });
    const { fault, message } = describeFailure(error);
    expect(fault).toBe('operator');
    expect(message).toBe(
      'no token could be had: no identity; check azure.credential and that the identity is assigned',
    );
  });

  test('anything else is ambiguous, never a verdict', () => {
    expect(toOutcome(new Error('surprise')).kind).toBe('ambiguous');
    expect(toOutcome('surprise').kind).toBe('ambiguous');
  });
});

describe('reading an error', () => {
  test('bare, as Traffic Manager sends it', () => {
    expect(describeFailure(answered(400, 'BadRequest', { bare: true }))).toMatchObject({
      code: 'BadRequest',
      fault: 'release',
    });
  });

  test('Retry-After in seconds and as a date', () => {
    const seconds = describeFailure(answered(429, 'x', { headers: { 'retry-after': '17' } }));
    expect(seconds.retryAfterMs).toBe(17_000);
    const past = describeFailure(answered(429, 'x', { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:00 GMT' } }));
    expect(past.retryAfterMs).toBe(0);
    expect(describeFailure(answered(429, 'x', { headers: { 'retry-after': 'soon' } })).retryAfterMs).toBeUndefined();
  });

  test('no JSON at all', () => {
    const request = createPipelineRequest({ url: 'https://management.example/' });
    const response = { status: 502, headers: createHttpHeaders(), bodyAsText: '<html>', request };
    const error = new RestError('Bad Gateway', { statusCode: 502, request, response });
    expect(toOutcome(error)).toEqual({ kind: 'ambiguous', message: 'Bad Gateway' });
  });
});
