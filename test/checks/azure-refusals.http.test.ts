/** Azure Monitor through its real clients, where it refuses, throttles, hangs, redirects or never ends. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runCheck } from '../../src/checks/run-check.ts';
import { contextOf, endless, StoppedClock } from './asked.ts';
import { answering, logsOf, metricsOf, serveTls, trustLoopback } from './monitor.ts';

beforeAll(trustLoopback);

describe.each([
  ['metrics', metricsOf, 'Monitoring Reader on the resource'],
  ['logs', logsOf, 'Log Analytics Reader on the workspace'],
])('R7: the service of %s is an error', (_, check, role) => {
  test.each([401, 403])('where it answers %i, with the role that is missing', async (status) => {
    const port = await answering({ error: { code: 'AuthorizationFailed', message: 'no right' } }, status);
    expect(await runCheck(check(port), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringMatching(`HTTP ${status} AuthorizationFailed: no right; give .* the role ${role}`),
    });
  });

  test('where it throttles, is away or answers a page: asked once, without retries', async () => {
    let count = 0;
    const port = await serveTls((_, response) => {
      count += 1;
      response.writeHead([429, 503, 502][count - 1] ?? 500, { 'retry-after': '1' }).end('<html>away');
    });
    for (const status of [429, 503, 502]) {
      expect(await runCheck(check(port), contextOf())).toMatchObject({
        kind: 'error',
        detail: expect.stringContaining(`HTTP ${status} <html>away`),
      });
    }
    expect(count).toBe(3);
  });

  test('where it hangs, in time, and the connection is given up', async () => {
    const clock = new StoppedClock();
    const given = Promise.withResolvers<void>();
    const port = await serveTls((request) => {
      request.socket.on('close', () => given.resolve());
      clock.expire();
    });
    const measured = await runCheck(check(port), contextOf({ clock }));
    expect(measured).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('no whole answer within 5000 ms'),
    });
    await given.promise;
  });

  test('where it redirects, or answers a gibibyte', async () => {
    const redirecting = await serveTls((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect(await runCheck(check(redirecting), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('HTTP 307'),
    });
    expect(await runCheck(check(await serveTls(endless)), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('more than 1048576 bytes'),
    });
  });

  test('where there is no token', async () => {
    const credential = { getToken: () => Promise.reject(new Error('ManagedIdentityCredential: not found')) };
    expect(await runCheck(check(await answering({})), contextOf({ credential }))).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('ManagedIdentityCredential: not found'),
    });
  });
});
