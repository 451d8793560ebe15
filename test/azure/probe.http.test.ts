import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { RequestListener, Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { Prober } from '../../src/azure/probe.ts';
import { startDns } from '../../src/simulator/dns.ts';
import type { Resolve } from '../../src/simulator/dns.ts';
import type { HttpProbe, TcpProbe } from '../../src/model/app.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const settings: HttpProbe = {
  scheme: 'http',
  port: 80,
  path: '/healthz?deep=1',
  host: undefined,
  statuses: [{ from: 200, to: 299 }],
  intervalMs: 10,
  timeoutMs: 5000,
  successes: 1,
  failures: 1,
  graceMs: 0,
};
const tcp: TcpProbe = {
  scheme: 'tcp',
  port: 80,
  intervalMs: 10,
  timeoutMs: 5000,
  successes: 1,
  failures: 1,
  graceMs: 0,
};
const clock = { now: () => 1000 };

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function nameServer(resolve: Resolve): Promise<string> {
  const dns = await startDns({ host: '127.0.0.1', port: 0, resolve });
  closing.push(() => dns.close());
  return `127.0.0.1:${dns.port}`;
}

describe('a probe', () => {
  test('S51: asks for the path, at the port, with the name of the group or the host of the config', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push([request.url, request.headers.host, request.headers['user-agent']]);
      response.end();
    });
    const prober = new Prober([], clock);
    await prober.probe('127.0.0.1', { ...settings, port });
    await prober.probe('127.0.0.1', { ...settings, port, host: 'shop.example' });
    expect(seen).toEqual([
      ['/healthz?deep=1', `127.0.0.1:${port}`, 'viridian-probe'],
      ['/healthz?deep=1', 'shop.example', 'viridian-probe'],
    ]);
  });

  test.each([
    [200, true, /^200 in \d+ ms$/],
    [204, true, /^204/],
    [301, false, /^status 301, expected 200–299, 404$/],
    [404, true, /^404/],
    [503, false, /^status 503, expected 200–299, 404$/],
  ])('status %i: %s', async (status, ok, detail) => {
    const port = await serve((_, response) => response.writeHead(status, { location: '/' }).end());
    const statuses = [...settings.statuses, { from: 404, to: 404 }];
    const result = await new Prober([], clock).probe('127.0.0.1', { ...settings, port, statuses });
    expect(result).toMatchObject({ at: 1000, ok });
    expect(result.detail).toMatch(detail);
  });

  test('no answer in time, a refused and a cut connection are failures that say so', async () => {
    const silent = await serve(() => undefined);
    const cutting = await serve((request) => request.socket.destroy());
    const prober = new Prober([], clock);
    const slow = await prober.probe('127.0.0.1', { ...settings, port: silent, timeoutMs: 50 });
    expect(slow).toMatchObject({ ok: false, detail: 'no answer within 50 ms' });
    expect(await prober.probe('127.0.0.1', { ...settings, port: 1 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await prober.probe('127.0.0.1', { ...settings, port: cutting })).ok).toBe(false);
  });

  test('S51: over TCP a connection is all that is asked for, and it is closed at once', async () => {
    const received: string[] = [];
    const ended = Promise.withResolvers<void>();
    const server = createTcpServer((socket) => {
      socket.on('data', (bytes) => received.push(bytes.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => ended.resolve());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const result = await new Prober([], clock).probe('127.0.0.1', { ...tcp, port });
    expect(result).toEqual({ at: 1000, ok: true, detail: 'connected in 0 ms' });
    await ended.promise;
    expect(received).toEqual([]);
  });

  test('over TCP a refused connection is a failure that says so, and a name that is not resolved says nothing', async () => {
    const prober = new Prober([await nameServer(() => undefined)], clock);
    expect(await prober.probe('127.0.0.1', { ...tcp, port: 1 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await prober.probe('web.example', tcp)).toMatchObject({ ok: false, inconclusive: true });
  });

  test('asks the name servers of the config', async () => {
    const port = await serve((_, response) => response.end());
    const servers = [
      await nameServer(({ name, type }) =>
        name === 'web.example' && type === 'A' ? [{ type: 'A', name, data: '127.0.0.1' }] : [],
      ),
    ];
    const prober = new Prober(servers, clock);
    expect(await prober.probe('web.example', { ...settings, port })).toMatchObject({ ok: true });
  });

  test('a name that is not resolved says nothing of the release', async () => {
    const prober = new Prober([await nameServer(() => undefined)], clock);
    expect(await prober.probe('web.example', settings)).toMatchObject({
      ok: false,
      inconclusive: true,
      detail: expect.stringContaining('web.example was not resolved'),
    });
  });
});
