/** Webhooks: what they are told, what is made of their answers, and those that hang, redirect or never end. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runCheck } from '../../src/checks/run-check.ts';
import { LONGEST_DETAIL } from '../../src/model/check.ts';
import type { WebhookSource } from '../../src/model/check.ts';
import { StalledError } from '../../src/model/errors.ts';
import { bodyOf, checkOf, closedPort, contextOf, endless, serve, StoppedClock } from './asked.ts';

const webhook = (port: number, given: Partial<WebhookSource> = {}) =>
  checkOf<WebhookSource>({
    kind: 'webhook',
    url: `http://127.0.0.1:${port}/gate`,
    secret: undefined,
    headers: {},
    on4xx: 'failure',
    on5xx: 'error',
    ...given,
  });

describe('a webhook', () => {
  test('S40: is told app, rollout, release and phase, with a checksum that is the same at every try', async () => {
    const told: Record<string, unknown>[] = [];
    const headers: unknown[] = [];
    const port = await serve((request, response) => {
      headers.push([request.method, request.url, request.headers['x-team'], request.headers['content-type']]);
      void bodyOf(request).then((body) => {
        told.push(JSON.parse(body));
        response.writeHead(204).end();
      });
    });
    const check = webhook(port, { headers: { 'x-team': 'web' } });
    const measured = await runCheck(check, contextOf());
    expect(measured).toEqual({
      at: 1000,
      kind: 'success',
      detail: `POST http://127.0.0.1:${port}/gate: 204 in 0 ms`,
    });
    await runCheck(check, contextOf());
    await runCheck(check, contextOf({ phase: 'before' }));
    await runCheck(check, contextOf({ rollout: '22222222' }));
    const checksum = expect.stringMatching(/^[0-9a-f]{64}$/);
    const content = { app: 'web', rollout: '11111111', release: 'abcdef', phase: 'after', check: 'it', checksum };
    expect(told[0]).toEqual(content);
    expect(headers[0]).toEqual(['POST', '/gate', 'web', 'application/json']);
    expect(told[1]).toEqual(told[0]);
    expect(new Set(told.map((one) => one['checksum'])).size).toBe(3);
  });

  test.each<[number, Partial<WebhookSource>, string]>([
    [200, {}, 'success'],
    [299, {}, 'success'],
    [400, {}, 'failure'],
    [403, {}, 'failure'],
    [403, { on4xx: 'inconclusive' }, 'inconclusive'],
    [408, {}, 'error'],
    [429, { on4xx: 'failure' }, 'error'],
    [500, {}, 'error'],
    [503, { on5xx: 'failure' }, 'failure'],
    [600, { on5xx: 'failure' }, 'error'],
  ])('S40: that answers %i with %j is a %s', async (status, given, kind) => {
    const port = await serve((_, response) => response.writeHead(status).end('the gate\nis shut'));
    const told = kind === 'success' ? `${status} in 0 ms` : `${status}, expected 2xx, got: the gate is shut`;
    expect(await runCheck(webhook(port, given), contextOf())).toMatchObject({
      kind,
      detail: `POST http://127.0.0.1:${port}/gate: ${told}`,
    });
  });

  test.each([
    [409, '30', 30_000],
    [425, '1', 1000],
    [429, '7', 7000],
    [503, '86400', 3_600_000],
  ])(
    'S102: that answers %i with Retry-After: %s puts its answer off, an hour at most',
    async (status, after, retryAfterMs) => {
      const port = await serve((_, response) => response.writeHead(status, { 'retry-after': after }).end('busy'));
      expect(await runCheck(webhook(port), contextOf())).toEqual({
        at: 1000,
        kind: 'inconclusive',
        detail: `POST http://127.0.0.1:${port}/gate: ${status}, to be asked again in ${retryAfterMs / 1000} s, got: busy`,
        retryAfterMs,
      });
    },
  );

  test.each([
    [403, '30', 'failure'],
    [500, '30', 'error'],
    [409, 'soon', 'failure'],
  ])('S102: that answers %i with Retry-After: %s is a %s all the same', async (status, after, kind) => {
    const port = await serve((_, response) => response.writeHead(status, { 'retry-after': after }).end());
    const measured = await runCheck(webhook(port), contextOf());
    expect(measured).toMatchObject({ kind });
    expect(measured).not.toHaveProperty('retryAfterMs');
  });

  test.each([
    [200, undefined, { kind: 'success' }],
    [302, undefined, { kind: 'inconclusive', retryAfterMs: 0 }],
    [403, undefined, { kind: 'inconclusive', retryAfterMs: 0 }],
    [500, undefined, { kind: 'inconclusive', retryAfterMs: 0 }],
    [503, '7', { kind: 'inconclusive', retryAfterMs: 7000 }],
  ])('S40: that confirms and answers %i with Retry-After: %s is waited for', async (status, after, expected) => {
    const headers = after === undefined ? {} : { 'retry-after': after };
    const port = await serve((_, response) => response.writeHead(status, headers).end());
    const { kind, retryAfterMs, detail } = await runCheck(webhook(port, { waitMs: 60_000 }), contextOf());
    expect({ kind, retryAfterMs }).toEqual({ retryAfterMs: undefined, ...expected });
    expect(detail).toContain(String(status));
  });

  test('S40: that confirms and is not there is waited for', async () => {
    const cut = await serve((request) => request.socket.destroy());
    expect(await runCheck(webhook(cut, { waitMs: 60_000 }), contextOf())).toMatchObject({
      kind: 'inconclusive',
      retryAfterMs: 0,
    });
  });

  test.each([301, 302, 307, 308])(
    'that redirects by %i is an error, and its secret goes nowhere else',
    async (status) => {
      const elsewhere: unknown[] = [];
      const other = await serve((request, response) => {
        elsewhere.push(request.headers);
        response.end();
      });
      const location = `http://127.0.0.1:${other}/`;
      const port = await serve((_, response) => response.writeHead(status, { location }).end());
      expect(await runCheck(webhook(port, { secret: { env: 'GATE' } }), contextOf())).toMatchObject({
        kind: 'error',
        detail: `POST http://127.0.0.1:${port}/gate: redirected (${status}) to ${location}, which is not followed; give that URL`,
      });
      expect(elsewhere).toEqual([]);
    },
  );

  test.each([
    ['before it answers', false],
    ['in the middle of its answer', true],
  ])('S102: that hangs %s is an error, in time', async (_, hasBegun) => {
    const clock = new StoppedClock();
    const port = await serve((_, response) => {
      if (hasBegun) response.write('o', () => clock.expire());
      else clock.expire();
    });
    expect(await runCheck(webhook(port), contextOf({ clock }))).toMatchObject({
      kind: 'error',
      detail: `POST http://127.0.0.1:${port}/gate: no whole answer within 5000 ms`,
    });
  });

  test('that answers a gibibyte is cut off, and an error', async () => {
    expect(await runCheck(webhook(await serve(endless)), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('the answer has more than 65536 bytes, which is more than is read'),
    });
  });

  test('R7: that is not there is an error', async () => {
    const cut = await serve((request) => request.socket.destroy());
    for (const port of [await closedPort(), cut])
      expect(await runCheck(webhook(port), contextOf())).toMatchObject({ kind: 'error' });
  });

  test('R9: is sent its secret, which no message shows, also where it is told back', async () => {
    const got: unknown[] = [];
    const port = await serve((request, response) => {
      got.push(request.headers.authorization);
      response.writeHead(403).end(`wrong: ${'x'.repeat(200)} ${request.headers.authorization}`);
    });
    const measured = await runCheck(webhook(port, { secret: { env: 'GATE' } }), contextOf());
    expect(got).toEqual(['Bearer a very secret word']);
    expect(measured.kind).toBe('failure');
    expect(measured.detail).toContain('wrong: xxx');
    // Not a part of it either, where the message was cut.
    expect(measured.detail).not.toContain('a very');
    expect(measured.detail.length).toBeLessThanOrEqual(LONGEST_DETAIL);
  });

  test('R9: a secret that cannot be read or sent is an error that names the reference only', async () => {
    const check = webhook(await closedPort(), { secret: { env: 'GATE' } });
    const unread = new StalledError("secret {env: GATE} is not set in the daemon's environment; set it");
    expect(await runCheck(check, contextOf({ readSecret: () => Promise.reject(unread) }))).toMatchObject({
      kind: 'error',
      detail: unread.message,
    });
    const measured = await runCheck(check, contextOf({ readSecret: async () => 'two\nlines' }));
    expect(measured).toMatchObject({ kind: 'error', detail: expect.stringContaining('printable ASCII') });
    expect(measured.detail).not.toContain('lines');
  });

  test('a secret that is never read ends in time all the same', async () => {
    const clock = new StoppedClock();
    const { promise: never } = Promise.withResolvers<string>();
    const check = webhook(await closedPort(), { secret: { env: 'GATE' } });
    const measured = runCheck(check, contextOf({ clock, readSecret: () => never }));
    clock.expire();
    await setImmediate();
    clock.expire();
    expect(await measured).toEqual({ at: 1000, kind: 'error', detail: 'nothing measured within 5000 ms' });
  });
});
