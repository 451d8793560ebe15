/** What the benchmark of registries counts: requests and bytes that pass, and nothing changed on the way. */
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { startCountingProxy } from '../../bench/registry/counting-proxy.ts';
import { serve } from '../../src/simulator/server.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const LONG = 'x'.repeat(50_000);

async function start(tls?: { cert: string; key: string }) {
  const server = await serve(
    [
      ({ method, path, query, headers, body }) => ({
        status: path === '/missing' ? 404 : 200,
        headers: { 'x-asked': `${method} ${path}?${query.toString()} ${headers['x-mine'] ?? ''} ${body}` },
        text: LONG,
      }),
    ],
    { host: '127.0.0.1', port: 0 },
  );
  closing.push(() => server.close());
  const proxy = await startCountingProxy(`http://127.0.0.1:${server.port}`, tls);
  closing.push(() => proxy.close());
  return proxy;
}

describe('the counting proxy', () => {
  test('hands requests and answers on as they are', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/a/b?n=1`, { method: 'POST', body: 'hello', headers: { 'x-mine': 'yes' } });
    expect(answer.headers.get('x-asked')).toBe('POST /a/b?n=1 yes hello');
    expect(await answer.text()).toBe(LONG);
    expect((await fetch(`${url}/missing`)).status).toBe(404);
  });

  test('counts requests and bytes with their headers, anew after each look', async () => {
    const proxy = await start();
    const { url } = proxy;
    await (await fetch(url)).text();
    const first = proxy.take();
    expect(first.requests).toBe(1);
    expect(first.bytes).toBeGreaterThan(LONG.length + 100);
    expect(first.bytes).toBeLessThan(LONG.length + 1000);
    expect(proxy.take()).toEqual({ requests: 0, bytes: 0 });
    await (await fetch(url, { headers: { connection: 'close' } })).text();
    await (await fetch(url, { method: 'HEAD' })).text();
    const later = proxy.take();
    expect(later.requests).toBe(2);
    expect(later.bytes).toBeGreaterThan(LONG.length + 200);
    expect(later.bytes).toBeLessThan(LONG.length + 2000);
  });

  test('counts what is read, not what is encrypted', async () => {
    const plain = await start();
    await (await fetch(plain.url)).text();
    const { ca, cert, key } = await makeCertificates([]);
    const proxy = await start({ cert, key });
    const agent = new Agent({ ca });
    const asked = request(proxy.url, { agent }).end();
    const answer = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
    expect(await text(answer)).toBe(LONG);
    expect(Math.abs(proxy.take().bytes - plain.take().bytes)).toBeLessThan(300);
    agent.destroy();
  });

  test('breaks a connection off where nobody answers behind it', async () => {
    const proxy = await startCountingProxy('http://127.0.0.1:1');
    closing.push(() => proxy.close());
    await expect(fetch(proxy.url)).rejects.toThrow('fetch failed');
  });
});
