/** What the controller is told of a change, by what is answered to it and to nothing else. */
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/model/errors.ts';
import { fencedClient } from '../../src/azure/fence.ts';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { address, changer, Wire } from '../support/wire.ts';

const OPERATION = { location: 'https://arm.example/subscriptions/s/providers/x/locations/y/operations/1' };
const arm = (code: string) => JSON.stringify({ error: { code, message: 'as told' } });

describe('a deletion that was accepted', () => {
  test.each([403, 429, 500])('stays accepted, though asking how it goes would be answered with %i', async (status) => {
    const wire = new Wire(({ method }) =>
      method === 'DELETE' ? { status: 202, headers: OPERATION } : { status, body: arm('AuthorizationFailed') },
    );
    expect(await wire.azure.deleteGroup(address, changer)).toEqual({ kind: 'accepted' });
    expect(wire.sent).toEqual(['DELETE group 0']);
  });

  test.each([200, 202, 204, 404])('is so by status %i', async (status) => {
    const wire = new Wire(() => ({ status }));
    expect(await wire.azure.deleteGroup(address, changer)).toEqual({ kind: 'accepted' });
  });
});

test('R7: a create that was granted with an answer that is torn is ambiguous, as the group may be there', async () => {
  const headers = { 'content-type': 'application/json' };
  const wire = new Wire(() => ({ status: 201, headers, body: '{"id": tr' }));
  expect(await wire.azure.createGroup(address, {}, changer)).toMatchObject({ kind: 'ambiguous' });
});

test('a call has 30 s from when it is sent, however long it waited for its turn', async () => {
  const wire = new Wire(() => ({ status: 200, body: '{}' }));
  for (let index = 0; index < 300; index += 1) void wire.azure.createGroup(address, {}, changer);
  await wire.time.runUntil(10_000);
  expect(wire.sent).toHaveLength(300);
  expect(wire.requests.every(({ timeout, abortSignal }) => timeout === 30_000 && abortSignal === undefined)).toBe(true);
});

test('nobody waits for ever for a token', async () => {
  const credential = { getToken: () => new Promise<never>(() => undefined) };
  const wire = new Wire(() => ({ status: 200, body: '{}' }), { credential });
  const outcome = wire.azure.createGroup(address, {}, changer);
  await wire.time.runUntil(30_000);
  expect(await outcome).toMatchObject({ kind: 'refused', fault: 'world', code: 'NOT_SENT' });
  expect(wire.sent).toEqual([]);
});

describe('R5: the fence', () => {
  test('is asked when the call leaves, not when it begins to wait', async () => {
    const wire = new Wire(() => ({ status: 200, body: '{}' }));
    for (let index = 0; index < 200; index += 1) void wire.azure.createGroup(address, {}, changer);
    const late = wire.azure.deleteGroup(address, { ...changer, fence: () => wire.time.now() > 0 });
    expect(await late).toMatchObject({ kind: 'refused', fault: 'world', code: 'FENCED' });
    expect(wire.sent.some((line) => line.startsWith('DELETE'))).toBe(false);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'POST'] as const)(
    'lets no %s through that nobody answers for',
    async (method) => {
      const client = fencedClient({
        sendRequest: async (request) => ({ request, status: 200, headers: createHttpHeaders() }),
      });
      const request = createPipelineRequest({ url: 'https://arm.example/', method });
      await expect(client.sendRequest(request)).rejects.toThrow(InvariantError);
    },
  );
});
