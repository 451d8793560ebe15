/** The server that takes pushes, by real HTTP. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeEvents } from '../../src/controller/events.ts';
import { StalledError } from '../../src/model/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startPushServer } from '../../src/server/push-server.ts';
import type { PushServer, PushServerGiven } from '../../src/server/push-server.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';
import { Journal } from '../support/local.ts';
import { acrBody, cloudEventBody, distributionBody, eventGridBody, validationBody } from './bodies.ts';

const SECRET = 'a-secret-that-no-log-may-show';
const opened: PushServer[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(given: Partial<Omit<PushServerGiven, 'settings'>> & { header?: string; settings?: object } = {}) {
  const { header = 'authorization', settings: more, ...others } = given;
  const journal = new Journal();
  const woken: string[] = [];
  const stop = new AbortController();
  const settings = { host: '127.0.0.1', port: 0, header, secret: { env: 'X' }, tls: undefined, ...more };
  const server = await startPushServer(
    {
      settings,
      clock: systemClock,
      readSecret: async () => SECRET,
      followed: ({ host, repository }) => (`${host}/${repository}` === 'shop.azurecr.io/web' ? ['shop/web'] : []),
      wake: (repository) => woken.push(repository) > 0,
      events: makeEvents(journal.log),
      ...others,
    },
    stop.signal,
  );
  opened.push(server);
  const url = `http://127.0.0.1:${server.port}`;
  const send = async (path: string, body: unknown, init: RequestInit = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { authorization: SECRET, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: text, ...init });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const refused = () =>
    journal.lines.filter(({ event }) => event === 'push.refused').map(({ fields }) => fields['reason']);
  return { server, url, send, woken, journal, stop, refused };
}

describe('what wakes a poll', () => {
  test.each([
    ['/push/acr', 'application/json', acrBody()],
    ['/push/acr', 'text/plain', acrBody()],
    ['/push/event-grid', 'application/json; charset=utf-8', eventGridBody()],
    ['/push/event-grid', 'application/cloudevents+json; charset=utf-8', cloudEventBody()],
    ['/push/event-grid', 'application/cloudevents-batch+json; charset=utf-8', [cloudEventBody()]],
    ['/push/distribution', 'application/vnd.docker.distribution.events.v1+json', distributionBody({ tag: '1' })],
  ])('S21: POST %s as %s', async (path, contentType, body) => {
    const { send, woken } = await start();
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': contentType };
    expect(await send(path, body, { headers })).toMatchObject({ status: 202, text: '' });
    expect(woken).toEqual(['shop/web']);
  });

  test('a secret in the header that the config names', async () => {
    const { send, woken } = await start({ header: 'x-push-secret' });
    expect((await send('/push/acr', acrBody())).status).toBe(401);
    expect((await send('/push/acr', acrBody(), { headers: { 'X-Push-Secret': SECRET } })).status).toBe(202);
    expect(woken).toHaveLength(1);
  });

  test('a secret in the query, of Event Grid only', async () => {
    const { send, woken } = await start();
    const none = { headers: { 'content-type': 'application/json' } };
    expect((await send(`/push/event-grid?secret=${SECRET}`, eventGridBody(), none)).status).toBe(202);
    expect((await send(`/push/event-grid?secret=wrong`, eventGridBody(), none)).status).toBe(401);
    expect((await send(`/push/acr?secret=${SECRET}`, acrBody(), none)).status).toBe(401);
    expect((await send(`/push/distribution?secret=${SECRET}`, distributionBody(), none)).status).toBe(401);
    expect(woken).toHaveLength(1);
  });

  test('Event Grid’s question is answered to who knows the secret, and to nobody else', async () => {
    const { send, woken } = await start();
    const right = await send('/push/event-grid', validationBody);
    expect(right.status).toBe(200);
    expect(JSON.parse(right.text)).toEqual({ validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' });
    const wrong = await send('/push/event-grid', validationBody, { headers: {} });
    expect(wrong).toMatchObject({ status: 401, text: '' });
    expect(woken).toEqual([]);
  });

  test.each([
    ['in the header', '/push/event-grid', { authorization: SECRET }],
    ['in the query', `/push/event-grid?secret=${SECRET}`, {}],
  ])('the handshake of CloudEvents is answered with its origin, with the secret %s', async (_, path, secret) => {
    const { url } = await start();
    const headers = { ...secret, 'WebHook-Request-Origin': 'eventgrid.azure.net', 'WebHook-Request-Rate': '120' };
    const answer = await fetch(`${url}${path}`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('WebHook-Allowed-Origin')).toBe('eventgrid.azure.net');
    expect(answer.headers.get('WebHook-Allowed-Rate')).toBe('30000');
  });

  test('the handshake of CloudEvents is answered to nobody else, nor where it names no origin', async () => {
    const { url, send, refused } = await start();
    const path = '/push/event-grid';
    const asked = { 'WebHook-Request-Origin': 'eventgrid.azure.net' };
    const ask = (headers: Record<string, string>) => fetch(`${url}${path}`, { method: 'OPTIONS', headers });
    const wrong = await ask({ ...asked, authorization: 'wrong' });
    expect([wrong.status, wrong.headers.get('WebHook-Allowed-Origin')]).toEqual([401, null]);
    const none = await ask({ authorization: SECRET });
    expect([none.status, none.headers.get('allow')]).toEqual([405, 'OPTIONS, POST']);
    const odd = await ask({ 'WebHook-Request-Origin': 'a, b', authorization: SECRET });
    expect([odd.status, odd.headers.get('WebHook-Allowed-Origin')]).toEqual([400, null]);
    expect(refused()).toEqual(['no secret, or a wrong one', 'wrong method']);
    expect(
      (await send('/push/acr', '', { method: 'OPTIONS', headers: { ...asked, authorization: SECRET } })).status,
    ).toBe(405);
  });

  test('S21: an image that no app follows is taken and ignored', async () => {
    const { send, woken, refused } = await start();
    expect((await send('/push/acr', acrBody({ repository: 'other' }))).status).toBe(202);
    expect((await send('/push/acr', acrBody({ host: 'other.azurecr.io' }))).status).toBe(202);
    expect(woken).toEqual([]);
    expect(refused()).toEqual([]);
  });
});

describe('what is refused', () => {
  test('S21: a missing or wrong secret, with no detail, before the body is read', async () => {
    const { send, woken, refused } = await start();
    for (const authorization of ['', 'wrong', `${SECRET}x`, `Basic ${SECRET}`]) {
      const answer = await send('/push/acr', 'no JSON', { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, text: '' });
      expect(answer.headers.get('connection')).toBe('close');
    }
    expect(woken).toEqual([]);
    expect(refused()).toEqual(['no secret, or a wrong one']);
  });

  test.each(['/', '/push', '/push/acr/', '/push/ACR', '/push/%61cr', '/%zz', '/push/other', '//push/acr'])(
    'the unknown path %s with 404',
    async (path) => {
      const { send } = await start();
      expect((await send(path, acrBody())).status).toBe(404);
    },
  );

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('the method %s with 405', async (method) => {
    const { url } = await start();
    const answer = await fetch(`${url}/push/acr`, { method, headers: { authorization: SECRET } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test.each(['', '{', '[]', '\u0000', '{"action":"push"}', '{"__proto__":{"action":"push"}}'])(
    'the malformed body %j with 400 and what was expected',
    async (body) => {
      const { send, woken } = await start();
      for (const path of ['/push/acr', '/push/event-grid', '/push/distribution']) {
        const answer = await send(path, body);
        expect(answer.status).toBe(400);
        expect(answer.text).toMatch(/^{"error":"expected [^\n]+"}$/);
      }
      expect(woken).toEqual([]);
    },
  );

  test('a body of more than 64 KiB with 413, and one of 64 KiB not', async () => {
    const { send, refused } = await start();
    const filled = (bytes: number) => JSON.stringify(acrBody()).padEnd(bytes, ' ');
    expect((await send('/push/acr', filled(64 * 1024))).status).toBe(202);
    expect((await send('/push/acr', filled(64 * 1024 + 1))).status).toBe(413);
    expect(refused()).toEqual(['body too large']);
  });

  test('everything while the secret cannot be read any more, and a start without one', async () => {
    let now = 0;
    const clock = { now: () => now, wait: () => Promise.resolve() };
    let reads = 0;
    const readSecret = async () => {
      if ((reads += 1) > 1) throw new StalledError('gone');
      return SECRET;
    };
    const { send } = await start({ clock, readSecret });
    now += 10_000;
    expect(await send('/push/acr', acrBody())).toMatchObject({ status: 503, text: '' });
    await expect(start({ readSecret })).rejects.toThrow('gone');
  });

  test('a client that is slow with its header, its body, or says nothing at all', async () => {
    const { server, refused } = await start({ patienceMs: 200 });
    const head = `POST /push/acr HTTP/1.1\r\nhost: x\r\nauthorization: ${SECRET}\r\n`;
    for (const said of ['', 'POST /push', head, `${head}content-length: 10\r\n\r\n{`]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(said);
      socket.resume();
      await once(socket, 'close');
    }
    expect(refused()).toEqual(['too slow']);
  });

  test('what is not HTTP', async () => {
    const { server, refused } = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(refused()).toEqual(['not HTTP']);
  });
});

test('S22: a flood is taken whole, at a bounded rate, and nothing of it is lost', async () => {
  const waits: number[] = [];
  const clock = { now: () => 0, wait: async (ms: number) => void waits.push(ms) };
  const { send, woken } = await start({ clock });
  const statuses = await Promise.all(
    Array.from(
      { length: 900 },
      async (_, index) => (await send('/push/acr', acrBody({ repository: index === 899 ? 'web' : 'other' }))).status,
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([202]));
  expect(woken).toEqual(['shop/web']);
  // 500 at once, and then 500 a second.
  expect(waits).toHaveLength(400);
  expect(Math.max(...waits)).toBe(800);
});

describe('S22: after the end', () => {
  test('nobody listens any more, and open connections are cut', async () => {
    const { server, send, stop, woken } = await start();
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    idle.resume();
    const closed = once(idle, 'close');
    stop.abort();
    await closed;
    await expect(send('/push/acr', acrBody())).rejects.toThrow('fetch failed');
    expect(woken).toEqual([]);
  });

  test('who still gets through learns at once that nobody polls', async () => {
    const { send, refused } = await start({ wake: () => false });
    expect(await send('/push/acr', acrBody())).toMatchObject({ status: 503, text: '' });
    expect(refused()).toEqual(['stopping']);
  });
});

test('S21: the secret is in no log, whatever becomes of the request', async () => {
  const { send, journal } = await start();
  await send(`/push/event-grid?secret=${SECRET}`, eventGridBody(), { headers: {} });
  await send(`/push/event-grid?secret=${SECRET}`, '{', { headers: {} });
  await send(`/push/other?secret=${SECRET}`, '{');
  await send(`/push/acr?secret=${SECRET}`, '{', { method: 'PUT' });
  await send('/push/acr', acrBody(), { headers: { authorization: `Basic ${SECRET}` } });
  await send('/push/acr', 'x'.repeat(70_000));
  expect(journal.lines.map(({ event }) => event)).toEqual(['push.received', ...Array(5).fill('push.refused')]);
  expect(JSON.stringify(journal.lines)).not.toContain(SECRET);
});

test('speaks https with the certificate of the config', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'viridian-push-'));
  const { ca, cert, key } = await makeCertificates(['localhost']);
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  await writeFile(tls.certFile, cert);
  await writeFile(tls.keyFile, key);
  const { server, woken } = await start({ settings: { tls } });
  const options = { port: server.port, path: '/push/acr', method: 'POST', ca, servername: 'localhost' };
  const request = httpsRequest({ host: '127.0.0.1', ...options, headers: { authorization: SECRET } });
  request.end(JSON.stringify(acrBody()));
  const [response]: { statusCode?: number }[] = await once(request, 'response');
  expect(response?.statusCode).toBe(202);
  expect(woken).toEqual(['shop/web']);
  await writeFile(tls.keyFile, 'no key');
  await expect(start({ settings: { tls } })).rejects.toThrow(
    /^push\.tls: expected a certificate and its key in .*key\.pem/,
  );
  await rm(folder, { recursive: true });
});

test('says what to do where its port is taken', async () => {
  const { server } = await start();
  const message = new RegExp(`^push\\.listen: cannot listen on 127\\.0\\.0\\.1 port ${server.port}: .*choose another$`);
  await expect(start({ settings: { port: server.port } })).rejects.toThrow(message);
});
