/** Ports and addresses of the local Azure: what it takes, what it does where one is taken, and that it lets them go. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startDns } from '../../src/simulator/dns.ts';
import { freePorts } from '../../src/simulator/free-ports.ts';
import { startGroupServer } from '../../src/simulator/group-server.ts';

const HOST = '127.0.0.1';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

async function occupied(host = HOST): Promise<number> {
  const { server, port } = await listen(host);
  closing.push(() => server.close());
  return port;
}

async function free(host = HOST): Promise<number> {
  const { server, port } = await listen(host);
  server.close();
  await once(server, 'close');
  return port;
}

async function statusOf(host: string, port: number): Promise<number | undefined> {
  const asked = request({ host, port, agent: false }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

describe('the ports of the local Azure', () => {
  test('are the wished ones where all of them are free', async () => {
    const wished = { https: await free(), identity: await free(), dns: await free() };
    expect(await freePorts(wished)).toBe(wished);
  });

  test.each(['https', 'identity', 'dns'] as const)('are three others where the one for %s is taken', async (taken) => {
    const wished = { https: await free(), identity: await free(), dns: await free(), [taken]: await occupied() };
    const ports = await freePorts(wished);
    expect(new Set([...Object.values(ports), ...Object.values(wished)]).size).toBe(6);
  });

  test('are others where UDP alone is taken, which DNS needs too', async () => {
    const socket = createSocket('udp4').bind(0, HOST);
    await once(socket, 'listening');
    closing.push(() => socket.close());
    const wished = { https: await free(), identity: await free(), dns: socket.address().port };
    expect((await freePorts(wished)).dns).not.toBe(wished.dns);
  });
});

describe('the name servers', () => {
  test('let TCP go again where UDP is taken', async () => {
    const socket = createSocket('udp4').bind(0, HOST);
    await once(socket, 'listening');
    closing.push(() => socket.close());
    const { port } = socket.address();
    await expect(startDns({ host: HOST, port, resolve: () => [] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const { server } = await listen(HOST, port);
    server.close();
  });

  test('close at once, also with a client that stays connected', async () => {
    const dns = await startDns({ host: HOST, port: 0, resolve: () => [] });
    const client = connect(dns.port, HOST);
    await once(client, 'connect');
    const ended = once(client, 'close');
    client.resume();
    const startedAt = performance.now();
    await Promise.all([dns.close(), ended]);
    // An idle client is sent away after 10 s in any case.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

// Other loopback addresses than the first cannot be bound on macOS.
describe.skipIf(process.platform === 'darwin')('a container group', () => {
  const options = (address: string, ports: readonly number[], said: string[] = []) => ({
    address,
    ports,
    name: 'web',
    answer: () => ({ status: 200, version: '1.0.0', delayMs: 0, json: {} }),
    onFallback: (message: string) => void said.push(message),
  });

  test('answers at all its ports, at its own address', async () => {
    const ports = [await free('127.9.9.1'), await free('127.9.9.1')];
    const said: string[] = [];
    const server = await startGroupServer(options('127.9.9.1', ports, said));
    closing.push(() => server.close());
    expect(server.address).toBe('127.9.9.1');
    for (const port of ports) expect(await statusOf(server.address, server.ports.get(port) ?? 0)).toBe(200);
    expect(said).toEqual([]);
  });

  test.each(['first', 'second'])('whose %s port is taken moves with all of them, and says so', async (which) => {
    const [good, bad] = [await free('127.9.9.2'), await occupied('127.9.9.2')];
    const ports = which === 'first' ? [bad, good] : [good, bad];
    const said: string[] = [];
    const server = await startGroupServer(options('127.9.9.2', ports, said));
    closing.push(() => server.close());
    expect(server.address).toBe(HOST);
    for (const port of ports) expect(await statusOf(server.address, server.ports.get(port) ?? 0)).toBe(200);
    const [moved] = said;
    expect(said).toHaveLength(1);
    expect(moved).toContain(`web: 127.9.9.2:${ports.join()} cannot be bound (EADDRINUSE)`);
    expect(moved).toContain(`it answers at 127.0.0.1:${[...server.ports.values()].join()}, published as an SRV record`);
  });

  test('takes a port that is declared twice, for TCP and UDP, once', async () => {
    const port = await free('127.9.9.4');
    const server = await startGroupServer(options('127.9.9.4', [port, port]));
    closing.push(() => server.close());
    expect([server.address, ...server.ports]).toEqual(['127.9.9.4', [port, port]]);
  });

  test('is cut off when it ends, also where a client keeps its connection', async () => {
    const port = await free('127.9.9.3');
    const server = await startGroupServer(options('127.9.9.3', [port]));
    const client = connect(port, '127.9.9.3');
    await once(client, 'connect');
    const ended = once(client, 'close');
    client.resume();
    server.close();
    await ended;
    await expect(statusOf('127.9.9.3', port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
