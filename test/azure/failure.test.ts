import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { describeFailure, Diagnosis, toOutcome as outcomeOf } from '../../src/azure/failure.ts';
import { UnknownErrors } from '../../src/azure/unknown-errors.ts';
import { InvariantError } from '../../src/model/errors.ts';

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
    [400, 'InvalidParameter', 'release'],
    [400, 'Whatever', 'operator'],
    [400, 'LocationNotAvailableForResourceType', 'operator'],
    [400, 'ResourceGroupBeingDeleted', 'operator'],
    [409, 'ResourceGroupBeingDeleted', 'operator'],
    [409, 'ScopeLocked', 'operator'],
    [412, 'PreconditionFailed', 'world'],
    [423, 'Locked', 'world'],
    [405, 'Whatever', 'operator'],
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
    [304, 'Whatever'],
    [408, 'RequestTimeout'],
    [499, 'ClientClosedRequest'],
    [500, 'Whatever'],
    [502, 'BadGateway'],
    [504, 'GatewayTimeout'],
  ])('%i %s tells nothing of what became of it: look before repeating', (status, code) => {
    expect(toOutcome(answered(status, code))).toEqual({
      kind: 'ambiguous',
      message: `message of ${code} (request abc)`,
    });
  });

  test.each([400, 405, 407, 412, 422, 423])('R7: a page of a proxy with status %i condemns nothing', (status) => {
    const request = createPipelineRequest({ url: 'https://management.example/' });
    const response = { status, headers: createHttpHeaders(), bodyAsText: '<html>no</html>', request };
    const { fault, code } = describeFailure(new RestError('no', { statusCode: status, request, response }));
    expect(fault).toMatch(/world|operator/);
    expect(code).toBe('Unknown');
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

test('a bug of our own is none of Azure’s answers: it goes on to stop its app', () => {
  const diagnosis = new Diagnosis(new UnknownErrors(() => undefined));
  const bug = new InvariantError('a change without a fence', 'R5');
  expect(() => diagnosis.outcome(bug)).toThrow(bug);
});

describe('reading an error', () => {
  test('bare, as Traffic Manager sends it', () => {
    expect(describeFailure(answered(400, 'BadRequest', { bare: true }))).toMatchObject({
      code: 'BadRequest',
      fault: 'release',
    });
  });

  test('says when to come back', () => {
    expect(describeFailure(answered(503, 'x', { headers: { 'retry-after': '1800' } })).retryAfterMs).toBe(1_800_000);
  });

  test('no JSON at all', () => {
    const request = createPipelineRequest({ url: 'https://management.example/' });
    const response = { status: 502, headers: createHttpHeaders(), bodyAsText: '<html>', request };
    const error = new RestError('Bad Gateway', { statusCode: 502, request, response });
    expect(toOutcome(error)).toEqual({ kind: 'ambiguous', message: 'Bad Gateway' });
  });
});
