/** Queries of Prometheus: numbers against conditions, and answers that are none, text, or a part. */
import { describe, expect, test } from 'vitest';
import { runCheck } from '../../src/checks/run-check.ts';
import type { PrometheusSource } from '../../src/model/check.ts';
import { checkOf, contextOf, endless, serve, StoppedClock } from './asked.ts';

type Given = Partial<PrometheusSource> & { successWhen?: string; failureWhen?: string };

const prometheus = (port: number, { successWhen, failureWhen, ...given }: Given = {}) =>
  checkOf<PrometheusSource>(
    {
      kind: 'prometheus',
      url: `http://127.0.0.1:${port}/x`,
      query: 'up',
      secret: undefined,
      audience: undefined,
      headers: {},
      ...given,
    },
    {
      ...(successWhen === undefined ? {} : { successWhen }),
      ...(failureWhen === undefined ? {} : { failureWhen }),
    },
  );

const vector = (...values: unknown[]) => ({
  resultType: 'vector',
  result: values.map((value, index) => ({ metric: { pod: `p${index}` }, value: [1, value] })),
});

const answering = (body: unknown, status = 200) =>
  serve((_, response) => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)));

describe('a query of Prometheus', () => {
  test('goes to its API, with app, rollout and release filled in', async () => {
    const asked: unknown[] = [];
    const port = await serve((request, response) => {
      asked.push(request.url, request.headers.authorization, request.headers['x-scope-orgid']);
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '0.003'] } }));
    });
    const query = 'rate(a{g=~"{app}-{rollout}-.*", r="{release}"}[5m])';
    const headers = { 'x-scope-orgid': 'shop' };
    const check = prometheus(port, { query, headers, secret: { env: 'P' }, successWhen: '< 0.01' });
    expect(await runCheck(check, contextOf())).toEqual({
      at: 1000,
      kind: 'success',
      detail: '0.003, expected < 0.01',
      value: 0.003,
    });
    const { pathname, searchParams } = new URL(String(asked[0]), 'http://a');
    expect(pathname).toBe('/x/api/v1/query');
    expect(Object.fromEntries(searchParams)).toEqual({
      query: 'rate(a{g=~"web-11111111-.*", r="abcdef"}[5m])',
      timeout: '5000ms',
    });
    expect(asked.slice(1)).toEqual(['Bearer a very secret word', 'shop']);
  });

  test('sends a token of the daemon’s identity where it is for an audience', async () => {
    const asked: unknown[] = [];
    const port = await serve((request, response) => {
      asked.push(request.headers.authorization);
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '1'] } }));
    });
    const credential = {
      getToken: async (scope: unknown) => ({ token: `for-${String(scope)}`, expiresOnTimestamp: 8e15 }),
    };
    const check = prometheus(port, { audience: 'https://prometheus.monitor.azure.com', successWhen: '> 0' });
    expect(await runCheck(check, contextOf({ credential }))).toMatchObject({ kind: 'success' });
    expect(asked).toEqual(['Bearer for-https://prometheus.monitor.azure.com/.default']);
  });

  const both = { successWhen: '< 0.01', failureWhen: '>= 0.05' };
  test.each<[string, object, unknown, string, string]>([
    ['one number', { successWhen: '< 0.01' }, vector('0.001'), 'success', '{pod="p0"}: 0.001, expected < 0.01'],
    ['one too high', { successWhen: '< 0.01' }, vector('0.01'), 'failure', '{pod="p0"}: 0.01, expected < 0.01'],
    ['one not forbidden', { failureWhen: '> 5' }, vector('5'), 'success', '{pod="p0"}: 5'],
    ['one forbidden', { failureWhen: '> 5' }, vector('6'), 'failure', '{pod="p0"}: 6, a failure when > 5'],
    ['one between both', both, vector('0.02'), 'inconclusive', '{pod="p0"}: 0.02, expected < 0.01'],
    ['one good by both', both, vector('0'), 'success', '{pod="p0"}: 0, expected < 0.01'],
    ['one bad by both', both, vector('0.05'), 'failure', '{pod="p0"}: 0.05, a failure when >= 0.05'],
    [
      'several good ones',
      { successWhen: '< 1' },
      vector('0', '0.5'),
      'success',
      '2 of 2 numbers: {pod="p0"}: 0, expected < 1',
    ],
    [
      'a bad one among good ones',
      { successWhen: '< 1' },
      vector('0', '2', '0'),
      'failure',
      '1 of 3 numbers: {pod="p1"}: 2, expected < 1',
    ],
    [
      'a NaN among good ones',
      { successWhen: '< 1' },
      vector('0', 'NaN'),
      'inconclusive',
      '1 of 2 numbers: {pod="p1"}: NaN, no number',
    ],
    [
      'NaN, of 0/0',
      { failureWhen: '> 1' },
      vector('NaN'),
      'inconclusive',
      '{pod="p0"}: NaN, no number (no data, or 0/0)',
    ],
    ['+Inf', { successWhen: '< 1' }, vector('+Inf'), 'failure', '{pod="p0"}: Infinity, expected < 1'],
    ['-Inf', { failureWhen: '> 1' }, vector('-Inf'), 'success', '{pod="p0"}: -Infinity'],
    ['nothing', { failureWhen: '> 1' }, vector(), 'inconclusive', 'no number at all: zero results are never healthy'],
    [
      'text',
      { failureWhen: '> 1' },
      { resultType: 'string', result: [1, 'fine'] },
      'error',
      'the query gives a string, expected a number',
    ],
    ['text for a number', { failureWhen: '> 1' }, vector('fine'), 'error', 'expected a number, got "fine"'],
    ['a number of JSON', { failureWhen: '> 1' }, vector(7), 'error', 'the vector has no numbers'],
    ['a range', { failureWhen: '> 1' }, { resultType: 'matrix', result: [] }, 'error', 'the query gives a matrix'],
    [
      'a histogram',
      { failureWhen: '> 1' },
      { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] },
      'error',
      'the vector has no numbers',
    ],
    ['no result', { failureWhen: '> 1' }, { resultType: 'vector' }, 'error', '200, expected an answer of Prometheus'],
    [
      'too many',
      { failureWhen: '> 1' },
      vector(...Array.from({ length: 1001 }, () => '0')),
      'error',
      '1001 numbers, more than 1000',
    ],
  ])('S47, R6: that gives %s', async (_, conditions, data, kind, detail) => {
    const port = await answering({ status: 'success', data });
    const measured = await runCheck(prometheus(port, conditions), contextOf());
    expect(measured.kind).toBe(kind);
    expect(measured.detail).toContain(detail);
    // What is stored as JSON must come back as it was.
    expect(JSON.parse(JSON.stringify(measured))).toEqual(measured);
  });

  const refused = { status: 'error', errorType: 'bad_data', error: 'parse error' };
  const partly = { status: 'success', data: vector('0'), warnings: ['store a.example is away'] };
  test.each<[string, unknown, number, string]>([
    ['a query that is none', refused, 400, '400 bad_data: parse error'],
    ['an error with status 200', refused, 200, '200 bad_data: parse error'],
    ['an answer in part', partly, 200, 'the answer may be a part: store a.example is away'],
    ['the page of a proxy', '<html>Bad Gateway</html>', 502, '502, expected an answer of Prometheus, got "<html>Bad'],
    ['a page with status 200', '<html>login</html>', 200, '200, expected an answer of Prometheus'],
    ['a good answer with a bad status', { status: 'success', data: vector('0') }, 503, '503, expected 200'],
    ['an empty answer', '', 200, 'expected an answer of Prometheus, got ""'],
  ])('R6: %s is an error', async (_, body, status, detail) => {
    const port = await answering(body, status);
    expect(await runCheck(prometheus(port, { failureWhen: '> 1' }), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining(detail),
    });
  });

  test('a redirect, a server that hangs and an answer of a gibibyte are errors', async () => {
    const redirecting = await serve((_, response) => response.writeHead(302, { location: '/login' }).end());
    const conditions = { failureWhen: '> 1' };
    expect(await runCheck(prometheus(redirecting, conditions), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('redirected (302) to /login, which is not followed'),
    });
    const clock = new StoppedClock();
    const hanging = await serve(() => clock.expire());
    expect(await runCheck(prometheus(hanging, conditions), contextOf({ clock }))).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('no whole answer within 5000 ms'),
    });
    expect(await runCheck(prometheus(await serve(endless), conditions), contextOf())).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('more than 1048576 bytes'),
    });
  });
});
