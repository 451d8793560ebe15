/** HTTP and TCP checks against servers that answer, refuse, hang, and never end. */
import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { runCheck } from '../../src/checks/run-check.ts';
import type { HttpSource } from '../../src/model/check.ts';
import { makeCertificates } from '../../src/simulator/tls.ts';
import { checkOf, closedPort, contextOf, endless, serve, StoppedClock } from './asked.ts';

const http = (given: Partial<HttpSource> & { url: string }): HttpSource => ({
  kind: 'http',
  statuses: [{ from: 200, to: 299 }],
  host: undefined,
  bodyIncludes: undefined,
  ...given,
});

/** Each group is at another port of this machine. */
const groupsAt = (ports: Readonly<Record<string, number>>) =>
  contextOf({
    targets: Object.keys(ports),
    resolve: async (target) => ({ host: '127.0.0.1', port: ports[target] ?? 0 }),
  });

describe('an HTTP check', () => {
  test('S51: asks each group itself for the path, with its name or the host of the config', async () => {
    const seen: string[] = [];
    const port = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`);
      response.end();
    });
    const context = groupsAt({ 'a.example': port, 'b.example': port });
    const measured = await runCheck(checkOf(http({ url: 'http://{target}:8080/healthz?deep=1' })), context);
    expect(measured).toEqual({
      at: 1000,
      kind: 'success',
      detail: '2 of 2 groups: http://a.example:8080/healthz?deep=1: 200 in 0 ms',
    });
    await runCheck(checkOf(http({ url: 'http://{target}/', host: 'shop.example' })), groupsAt({ 'a.example': port }));
    expect(seen.sort()).toEqual([
      'GET / shop.example',
      'GET /healthz?deep=1 a.example:8080',
      'GET /healthz?deep=1 b.example:8080',
    ]);
  });

  test.each([
    ['{"connections": {"active": 0}}', 'success', 'connections.active: 0, expected <= 2'],
    ['{"connections": {"active": 2}}', 'success', 'connections.active: 2, expected <= 2'],
    ['{"connections": {"active": 3}}', 'failure', 'connections.active: 3, expected <= 2'],
    ['{"connections": {"active": "0"}}', 'error', 'its answer has no number at connections.active'],
    ['{"connections": null}', 'error', 'its answer has no number at connections.active'],
    ['[]', 'error', 'its answer has no number at connections.active'],
    ['idle', 'error', 'its answer is no JSON: "idle"'],
  ])('S77: with a number in JSON, %s is %s', async (body, kind, detail) => {
    const port = await serve((_, response) => response.end(body));
    const url = `http://127.0.0.1:${port}/`;
    const check = checkOf(http({ url, json: 'connections.active' }), { successWhen: '<= 2' });
    expect(await runCheck(check, contextOf())).toMatchObject({ kind, detail: `${url}: ${detail}` });
  });

  test.each([
    [200, 'success', '200 in 0 ms'],
    [404, 'success', '404 in 0 ms'],
    [301, 'failure', 'status 301, expected 200–299, 404'],
    [503, 'failure', 'status 503, expected 200–299, 404'],
  ])('answered %i is a %s', async (status, kind, detail) => {
    const port = await serve((_, response) => response.writeHead(status, { location: '/' }).end());
    const statuses = [
      { from: 200, to: 299 },
      { from: 404, to: 404 },
    ];
    const url = `http://127.0.0.1:${port}/`;
    expect(await runCheck(checkOf(http({ url, statuses })), contextOf())).toEqual({
      at: 1000,
      kind,
      detail: `${url}: ${detail}`,
    });
  });

  test('S50: one group of two that fails, fails it', async () => {
    const good = await serve((_, response) => response.end());
    const bad = await serve((_, response) => response.writeHead(500).end());
    const context = groupsAt({ 'a.example': good, 'b.example': bad });
    expect(await runCheck(checkOf(http({ url: 'http://{target}/' })), context)).toMatchObject({
      kind: 'failure',
      detail: '1 of 2 groups: http://b.example/: status 500, expected 200–299',
    });
  });

  test('R6: with no group to ask it is inconclusive, never healthy', async () => {
    const measured = await runCheck(checkOf(http({ url: 'http://{target}/' })), contextOf());
    expect(measured).toMatchObject({
      kind: 'inconclusive',
      detail: 'no group at all: zero results are never healthy',
    });
  });

  test('looks for a text in the answer', async () => {
    const port = await serve((_, response) => response.end('{"status":"starting"}'));
    const url = `http://127.0.0.1:${port}/`;
    const asked = (bodyIncludes: string) => runCheck(checkOf(http({ url, bodyIncludes })), contextOf());
    expect(await asked('"starting"')).toMatchObject({ kind: 'success' });
    expect(await asked('"ready"')).toMatchObject({
      kind: 'failure',
      detail: `${url}: 200 without "\\"ready\\"", got "{\\"status\\":\\"starting\\"}"`,
    });
  });

  test('an answer of a gibibyte is cut off: an error where its text counts, of no interest otherwise', async () => {
    const url = `http://127.0.0.1:${await serve(endless)}/`;
    expect(await runCheck(checkOf(http({ url, bodyIncludes: 'ok' })), contextOf())).toMatchObject({
      kind: 'error',
      detail: `${url}: the answer has more than 65536 bytes, which is more than is read`,
    });
    expect(await runCheck(checkOf(http({ url })), contextOf())).toMatchObject({ kind: 'success' });
  });

  test.each([
    ['before it answers', false],
    ['in the middle of its answer', true],
  ])('a server that hangs %s is a failure, in time', async (_, hasBegun) => {
    const clock = new StoppedClock();
    const port = await serve((_, response) => {
      if (hasBegun) response.write('o', () => clock.expire());
      else clock.expire();
    });
    const check = checkOf(http({ url: `http://127.0.0.1:${port}/`, bodyIncludes: 'ok' }));
    expect(await runCheck(check, contextOf({ clock }))).toMatchObject({
      kind: 'failure',
      detail: `http://127.0.0.1:${port}/: no whole answer within 5000 ms`,
    });
  });

  test('a refused and a cut connection are failures', async () => {
    const cut = await serve((request) => request.socket.destroy());
    for (const port of [cut, await closedPort()]) {
      const measured = await runCheck(checkOf(http({ url: `http://127.0.0.1:${port}/` })), contextOf());
      expect(measured).toMatchObject({ kind: 'failure', detail: expect.stringMatching(/ECONNREFUSED|ECONNRESET/) });
    }
  });

  test('R7: a name that is not known is an error, since nothing was asked', async () => {
    const resolve = () => Promise.reject(new Error('queryA ENOTFOUND a.example'));
    const context = contextOf({ targets: ['a.example'], resolve });
    expect(await runCheck(checkOf(http({ url: 'http://{target}/' })), context)).toMatchObject({
      kind: 'error',
      detail: 'a.example was not resolved: queryA ENOTFOUND a.example',
    });
    expect(await runCheck(checkOf(http({ url: 'http://nothing.invalid/' })), contextOf())).toMatchObject({
      kind: 'error',
    });
  });

  test('the certificate of a group is not looked at, that of anybody else must be trusted', async () => {
    const names: unknown[] = [];
    const port = await serve(
      ({ socket }, response) => {
        if (socket instanceof TLSSocket) names.push(Reflect.get(socket, 'servername'));
        response.end();
      },
      await makeCertificates([]),
    );
    for (const host of [undefined, 'shop.example:443']) {
      const check = checkOf(http({ url: 'https://{target}/', host }));
      expect(await runCheck(check, groupsAt({ 'a.example': port }))).toMatchObject({ kind: 'success' });
    }
    expect(names).toEqual(['a.example', 'shop.example']);
    expect(await runCheck(checkOf(http({ url: `https://localhost:${port}/` })), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('certificate'),
    });
  });
});

describe('a TCP check', () => {
  const tcp = checkOf({ kind: 'tcp', port: 5432 });

  test('connects to each group', async () => {
    const port = await serve(() => undefined);
    expect(await runCheck(tcp, groupsAt({ 'a.example': port, 'b.example': port }))).toMatchObject({
      kind: 'success',
      detail: '2 of 2 groups: a.example:5432: connected in 0 ms',
    });
    expect(await runCheck(tcp, groupsAt({ 'a.example': port, 'b.example': await closedPort() }))).toMatchObject({
      kind: 'failure',
      detail: expect.stringMatching(/^1 of 2 groups: b.example:5432: .*ECONNREFUSED/),
    });
    expect(await runCheck(tcp, contextOf())).toMatchObject({ kind: 'inconclusive' });
  });

  test('is a failure where no connection stands in time', async () => {
    const port = await serve(() => undefined);
    const clock = new StoppedClock();
    const resolve = async () => {
      // The wait for the time-out has to have begun.
      await setImmediate();
      clock.expire();
      await setImmediate();
      return { host: '127.0.0.1', port };
    };
    expect(await runCheck(tcp, contextOf({ targets: ['a.example'], resolve, clock }))).toMatchObject({
      kind: 'failure',
      detail: 'a.example:5432: no connection within 5000 ms',
    });
  });

  test('is an error where the name is not known', async () => {
    const resolve = () => Promise.reject(new Error('queryA ESERVFAIL a.example'));
    expect(await runCheck(tcp, contextOf({ targets: ['a.example'], resolve }))).toMatchObject({ kind: 'error' });
  });
});
