/** A webhook that confirms, on the whole daemon: through the real SDK clients, on the local Azure. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { Local } from '../support/local.ts';

let local: Local;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await local.close();
  for (const close of closing.splice(0)) close();
});

/** Confirms, or refuses, as it is told. */
async function gatekeeper() {
  let status = 204;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked.push(`${request.method} ${status}`);
      response.writeHead(status).end(status === 403 ? 'nobody has signed it' : '');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, asked, answer: (given: 204 | 403) => void (status = given) };
}

test('S40: a webhook that refuses holds the rollout over a restart, out of rotation, until it confirms', async () => {
  const { port, asked, answer } = await gatekeeper();
  const check = `{ name: signed, webhook: { url: "http://127.0.0.1:${port}/", waitFor: 1h }, interval: 50ms }`;
  local = await Local.start({
    config: (text) => text.replace('rollout: {', `rollout: { checks: { before: [${check}] },`),
  });
  local.push('1.0.0');
  const first = await local.run();
  await first.next('rollout.finished');
  expect(asked).toEqual(['POST 204']);
  answer(403);
  local.push('1.1.0');
  const isHeld = ({ message }: { message: string }) => message.includes('waiting for check signed');
  const { fields, message } = await first.next('rollout.waiting', isHeld);
  expect(message).toMatch(
    /403, expected 2xx, got: nobody has signed it\) to confirm it until .*, then it is rolled back/,
  );
  expect(fields).toMatchObject({ step: 'check', direction: 'forward' });
  expect(local.versionsInRotation()).toEqual(['1.0.0', '1.0.0']);
  await local.stop();
  const second = await local.run();
  await second.next('rollout.waiting', isHeld);
  answer(204);
  expect((await second.next('rollout.finished')).fields).toMatchObject({ outcome: 'Succeeded', to: '1.1.0' });
  expect(asked.at(-1)).toBe('POST 204');
  expect(local.versionsInRotation()).toEqual(['1.1.0', '1.1.0']);
});
