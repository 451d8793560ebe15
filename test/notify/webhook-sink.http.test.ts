/** What a webhook is sent, and what is made of its answer, on loopback. */
import { expect, test } from 'vitest';
import type { SecretReference } from '../../src/model/app.ts';
import { webhookSink } from '../../src/notify/webhook-sink.ts';
import { bodyOf, closedPort, endless, serve } from '../checks/asked.ts';

const secret = async () => 'hush';
const target = (port: number, of?: SecretReference) => ({
  url: `http://127.0.0.1:${port}/in/a-secret-path`,
  secret: of,
  events: ['rollout.finished'],
});
const never = new AbortController().signal;

test('S105: a notice is posted as JSON with the secret, and its name tells nothing of its path', async () => {
  const got: unknown[] = [];
  const port = await serve((request, response) => {
    const { authorization, 'content-type': type } = request.headers;
    void bodyOf(request).then((body) => {
      got.push([request.method, request.url, authorization, type, body]);
      response.writeHead(202).end();
    });
  });
  const sink = webhookSink(target(port, { env: 'HOOK' }), secret);
  expect(await sink.post('{"ü":1}', never)).toEqual({ kind: 'taken' });
  expect(got).toEqual([['POST', '/in/a-secret-path', 'Bearer hush', 'application/json', '{"ü":1}']]);
  expect(sink.name).toBe(`http://127.0.0.1:${port}`);
});

test.each([
  [204, 'taken'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'again'],
  [425, 'again'],
  [429, 'again'],
  [500, 'again'],
  [503, 'again'],
])('S105: %i is %s', async (status, kind) => {
  const port = await serve((_, response) => void response.writeHead(status).end());
  expect(await webhookSink(target(port), secret).post('{}', never)).toMatchObject({ kind });
});

test.each([301, 302, 307, 308])('S105: a redirect (%i) is refused, and nobody else is asked', async (status) => {
  let isAsked = false;
  const elsewhere = await serve((_, response) => {
    isAsked = true;
    response.writeHead(200).end();
  });
  const port = await serve((_, response) => {
    response.writeHead(status, { location: `http://127.0.0.1:${elsewhere}/` }).end();
  });
  const posted = await webhookSink(target(port, { env: 'HOOK' }), secret).post('{}', never);
  expect(posted).toEqual({ kind: 'refused', reason: `redirected (${status}), which is not followed` });
  expect(isAsked).toBe(false);
});

test('S105: nobody there is tried again, and an answer without end is not read', async () => {
  expect(await webhookSink(target(await closedPort()), secret).post('{}', never)).toMatchObject({ kind: 'again' });
  expect(await webhookSink(target(await serve(endless)), secret).post('{}', never)).toEqual({ kind: 'taken' });
});

test('S105: a secret that cannot be sent is not told of', async () => {
  const port = await serve((_, response) => void response.writeHead(200).end());
  const broken = webhookSink(target(port, { env: 'HOOK' }), async () => 'hush\nhush');
  const posted = await broken.post('{}', never);
  expect(posted.kind).toBe('again');
  expect(JSON.stringify(posted)).not.toContain('hush');
});
