/** What a pause that Azure asks for stops, for how long, and what goes on: through the real SDK clients. */
import { describe, expect, test } from 'vitest';
import { address, changer, endpoint, Wire } from '../support/wire.ts';
import type { WireAnswer } from '../support/wire.ts';

const where = { target: 'web.example', weight: 1, location: 'westeurope', isNew: true };
const arm = (code: string) => JSON.stringify({ error: { code, message: 'as told' } });
const throttled = (headers: Record<string, string>, code = 'TooManyRequests'): WireAnswer => ({
  status: 429,
  headers,
  body: arm(code),
});

/** A wire whose first answer is this one, and that grants everything after it. */
function firstAnswers(first: WireAnswer): Wire {
  let isFirst = true;
  return new Wire(() => {
    const answer = isFirst ? first : { status: 200, body: '{}' };
    isFirst = false;
    return answer;
  });
}

/** One of each kind of call, all at once. */
function callAll({ azure }: Wire): void {
  void azure.createGroup(address, {}, changer);
  void azure.deleteGroup(address, changer);
  void azure.enableEndpoint(endpoint, where, changer);
  void azure.deleteEndpoint(endpoint, changer);
  void azure.getGroup(address);
  void azure.getProfile('test', 'web');
}

describe('after a create that was throttled', () => {
  test('creates wait, while endpoints, deletions and looks go on at once', async () => {
    const wire = firstAnswers(throttled({ 'retry-after': '20' }));
    await wire.azure.createGroup(address, {}, changer);
    callAll(wire);
    expect([...(await wire.sentUntil(19))].sort()).toEqual([
      'DELETE endpoint 0',
      'DELETE group 0',
      'GET group 0',
      'GET profile 0',
      'PUT endpoint 0',
    ]);
    expect(await wire.sentUntil(30)).toEqual(['PUT group 20.1']);
  });

  test.each([
    ['the code of the subscription’s own limit', throttled({ 'retry-after': '20' }, 'SubscriptionRequestsThrottled')],
    [
      'nothing left of the subscription’s writes',
      throttled({ 'retry-after': '20', 'x-ms-ratelimit-remaining-subscription-writes': '0' }),
    ],
  ])('with %s: endpoints wait, too', async (_, answer) => {
    const wire = firstAnswers(answer);
    await wire.azure.createGroup(address, {}, changer);
    callAll(wire);
    const early = await wire.sentUntil(19);
    expect(early.filter((line) => line.startsWith('PUT'))).toEqual([]);
    expect(early).toHaveLength(4);
    expect([...(await wire.sentUntil(30))].sort()).toEqual(['PUT endpoint 20.2', 'PUT group 20.1']);
  });

  test('with nothing left of the provider’s own limit: endpoints go on', async () => {
    const remaining = { 'x-ms-ratelimit-remaining-subscription-resource-requests-pt5m': '0' };
    const wire = firstAnswers(throttled({ 'retry-after': '20', ...remaining }));
    await wire.azure.createGroup(address, {}, changer);
    callAll(wire);
    expect(await wire.sentUntil(1)).toContain('PUT endpoint 0');
  });
});

describe('S87: a pause is as long as Azure asks', () => {
  test.each<[string, WireAnswer, number]>([
    ['in seconds', throttled({ 'retry-after': '7' }), 7],
    ['in milliseconds', throttled({ 'retry-after-ms': '9000' }), 9],
    ['in milliseconds of Azure’s own', throttled({ 'x-ms-retry-after-ms': '9000' }), 9],
    [
      'as a date',
      throttled({ 'retry-after': 'Thu, 01 Jan 2026 00:00:12 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }),
      12,
    ],
    ['not at all', throttled({}), 1],
    ['with a status that says no more than that it is busy', { status: 503, headers: { 'retry-after': '15' } }, 15],
  ])('%s', async (_, answer, seconds) => {
    const wire = firstAnswers(answer);
    await wire.azure.createGroup(address, {}, changer);
    void wire.azure.createGroup(address, {}, changer);
    expect(await wire.sentUntil(60)).toEqual([`PUT group ${seconds + 0.1}`]);
  });

  test('also of looks', async () => {
    const wire = firstAnswers(throttled({ 'retry-after': '10' }));
    await wire.azure.getGroup(address);
    void wire.azure.getGroup(address);
    void wire.azure.getProfile('test', 'web');
    expect(await wire.sentUntil(60)).toEqual(['GET profile 0', 'GET group 10.04']);
  });

  test('and is not cut short: who would have to wait too long is told so at once, and nothing is sent', async () => {
    const wire = firstAnswers(throttled({ 'retry-after': '1800' }));
    await wire.azure.createGroup(address, {}, changer);
    await wire.time.runUntil(600_000);
    expect(await wire.azure.createGroup(address, {}, changer)).toMatchObject({
      kind: 'refused',
      fault: 'world',
      code: 'NOT_SENT',
      retryAfterMs: 1_200_000,
      message: 'not sent: Azure has asked for a pause, of which 1200 s are left',
    });
    expect(wire.sent).toHaveLength(1);
    await wire.time.runUntil(1_801_000);
    expect(await wire.azure.createGroup(address, {}, changer)).toEqual({ kind: 'accepted' });
  });
});

describe('where more is asked than may be sent', () => {
  const crowd = { ...changer, app: 'crowd' };

  test('nobody waits for more than 30 s, and what was not sent is no refusal of Azure’s', async () => {
    const wire = new Wire(() => ({ status: 200, body: '{}' }));
    const outcomes = Array.from({ length: 600 }, () => wire.azure.createGroup(address, {}, crowd));
    await wire.time.runUntil(30_000);
    const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted').length).toBe(wire.sent.length);
    expect(wire.sent.length).toBeGreaterThanOrEqual(499);
    expect(await outcomes.at(-1)).toMatchObject({ kind: 'refused', code: 'NOT_SENT', retryAfterMs: 0 });
  });

  test('the way back goes before what is new, whatever the call', async () => {
    const wire = new Wire(() => ({ status: 200, body: '{}' }));
    for (let index = 0; index < 400; index += 1) void wire.azure.enableEndpoint(endpoint, where, crowd);
    void wire.azure.disableEndpoint(endpoint, { ...changer, priority: 'rollback' });
    expect((await wire.sentUntil(1)).filter((line) => line.startsWith('PATCH'))).toEqual(['PATCH endpoint 0.1']);
  });

  test('looks take turns between apps, too', async () => {
    const wire = new Wire(() => ({ status: 200, body: '{}' }));
    for (let index = 0; index < 400; index += 1) void wire.azure.getProfile('test', 'web', crowd);
    await wire.time.runUntil(0);
    void wire.azure.getGroup(address, { app: 'other', priority: 'ordinary' });
    expect((await wire.sentUntil(1)).filter((line) => line.startsWith('GET group'))).toEqual(['GET group 0.08']);
  });

  test('several daemons keep inside one limit together', async () => {
    const wire = new Wire(() => ({ status: 200, body: '{}' }), { share: () => 4 });
    for (let index = 0; index < 200; index += 1) void wire.azure.createGroup(address, {}, crowd);
    expect(await wire.sentUntil(0)).toHaveLength(50);
    expect(await wire.sentUntil(10)).toHaveLength(25);
  });
});
