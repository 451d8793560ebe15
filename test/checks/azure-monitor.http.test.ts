/** Azure Monitor through its real clients: numbers against conditions, and answers that are none, text, or a part. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCheck } from '../../src/checks/run-check.ts';
import { bodyOf, contextOf, StoppedClock } from './asked.ts';
import {
  answering,
  COUNT,
  json,
  logsOf,
  metric,
  metricsAnswer,
  metricsOf,
  RESOURCE,
  serveTls,
  SUBSCRIPTION,
  table,
  trustLoopback,
  WINDOW_MS,
} from './monitor.ts';

beforeAll(trustLoopback);

interface Asked {
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

async function recording(answer: unknown): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  const record = async (request: IncomingMessage) => {
    const { authorization } = request.headers;
    const url = new URL(request.url ?? '', 'https://localhost');
    asked.push({ url, authorization, body: JSON.parse(await bodyOf(request)) });
  };
  const listener: RequestListener = (request, response) => void record(request).then(() => json(response, answer));
  return { port: await serveTls(listener), asked };
}

describe('metrics of Azure Monitor', () => {
  test('S77: with {group} in the id are asked for of each group, and each must hold', async () => {
    const { port, asked } = await recording(metricsAnswer(metric('Http5xx', [{ total: 3 }])));
    const check = metricsOf(port);
    const resourceId = RESOURCE.replace(/[^/]+$/, '{group}');
    const ofGroups = { ...check, source: { ...check.source, resourceId } };
    const measured = await runCheck(ofGroups, contextOf({ groups: ['web-1', 'web-2'] }));
    expect(measured).toMatchObject({ kind: 'success', detail: '2 of 2 groups: Http5xx (total): 3, expected < 5' });
    const ids = asked.map(({ body }) => body);
    expect(ids).toContainEqual({ resourceids: [RESOURCE.replace(/[^/]+$/, 'web-1')] });
    expect(ids).toContainEqual({ resourceids: [RESOURCE.replace(/[^/]+$/, 'web-2')] });
    expect(await runCheck(ofGroups, contextOf())).toMatchObject({ kind: 'inconclusive' });
  });

  test('are asked for as one number over the window, by the daemon’s identity for the audience', async () => {
    const scopes: unknown[] = [];
    const { port, asked } = await recording(metricsAnswer(metric('Http5xx', [{ total: 3 }])));
    const credential = {
      getToken: async (scope: unknown) => {
        scopes.push(scope);
        return { token: 'of the daemon', expiresOnTimestamp: 8e15 };
      },
    };
    const clock = { now: () => WINDOW_MS, wait: new StoppedClock().wait.bind(new StoppedClock()) };
    expect(await runCheck(metricsOf(port), contextOf({ credential, clock }))).toEqual({
      at: WINDOW_MS,
      kind: 'success',
      detail: 'Http5xx (total): 3, expected < 5',
      value: 3,
    });
    expect(scopes.flat()).toEqual(['https://metrics.example/.default']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ authorization: 'Bearer of the daemon', body: { resourceids: [RESOURCE] } });
    expect(asked[0]?.url.pathname).toBe(`/subscriptions/${SUBSCRIPTION}/metrics:getBatch`);
    expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toMatchObject({
      starttime: '1970-01-01T00:00:00.000Z',
      endtime: '1970-01-01T00:05:00.000Z',
      interval: 'FULL',
      metricnamespace: 'Microsoft.Web/sites',
      metricnames: 'Http5xx',
      aggregation: 'total',
    });
  });

  test.each<[string, readonly object[], string, string]>([
    ['a number too high', [metric('Http5xx', [{ total: 7 }])], 'failure', 'Http5xx (total): 7, expected < 5'],
    ['no data', [metric('Http5xx', [{}])], 'inconclusive', 'Http5xx: no total in the window'],
    ['no points', [metric('Http5xx', [])], 'inconclusive', 'Http5xx: no total in the window'],
    ['no metric', [], 'inconclusive', 'Http5xx: no total in the window'],
    ['another aggregation', [metric('Http5xx', [{ average: 1 }])], 'inconclusive', 'no total in the window'],
    ['text', [metric('Http5xx', [{ total: 'fine' }])], 'error', 'Http5xx: total is no number'],
    [
      'an error of this metric',
      [metric('Http5xx', [], { errorCode: 'InvalidSamplingType', errorMessage: 'no such aggregation' })],
      'error',
      'Http5xx: InvalidSamplingType: no such aggregation',
    ],
    [
      'a bad series among good ones',
      [metric('Http5xx', [{ total: 1 }, { total: 9 }])],
      'failure',
      '1 of 2 numbers: Http5xx (total): 9',
    ],
  ])('R6: with %s', async (_, metrics, kind, detail) => {
    const port = await answering(metricsAnswer(...metrics));
    const measured = await runCheck(metricsOf(port), contextOf());
    expect(measured).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test('R6: of which one has no data are inconclusive', async () => {
    const port = await answering(metricsAnswer(metric('Http5xx', [{ total: 1 }])));
    expect(await runCheck(metricsOf(port, { metrics: ['Http5xx', 'Requests'] }), contextOf())).toMatchObject({
      kind: 'inconclusive',
      detail: '1 of 2 metrics: Requests: no total in the window',
    });
  });
});

describe('logs of Azure Monitor', () => {
  test('are asked for in the window, with app, rollout and release filled in', async () => {
    const { port, asked } = await recording(table(COUNT, [[3]]));
    expect(await runCheck(logsOf(port), contextOf())).toEqual({
      at: 1000,
      kind: 'success',
      detail: 'Count: 3, expected < 5',
      value: 3,
    });
    expect(asked[0]?.url.pathname).toBe(`/v1/workspaces/${SUBSCRIPTION}/query`);
    expect(asked[0]?.body).toMatchObject({
      query: 'AppExceptions | where AppRoleName == "web" | count',
      timespan: '1969-12-31T23:55:01.000Z/1970-01-01T00:00:01.000Z',
    });
  });

  const byRole = [
    ['Role', 'string'],
    ['Share', 'real'],
  ] as const;
  test.each<[string, unknown, string, string]>([
    ['a number too high', table(COUNT, [[7]]), 'failure', 'Count: 7, expected < 5'],
    [
      'several rows',
      table(byRole, [
        ['web', 1],
        ['api', 9],
      ]),
      'failure',
      '1 of 2 numbers: Role="api" Share: 9, expected < 5',
    ],
    ['a decimal', table([['Share', 'decimal']], [['0.5']]), 'success', '0.5, expected < 5'],
    ['no row', table(COUNT, []), 'inconclusive', 'no number at all: zero results are never healthy'],
    ['an empty cell', table(COUNT, [[null]]), 'inconclusive', 'NaN, no number'],
    ['a NaN', table(byRole, [['web', 'NaN']]), 'inconclusive', 'NaN, no number'],
    [
      'text',
      table([['Role', 'string']], [['web']]),
      'error',
      'expected one column of a number, got Role (string); project it',
    ],
    ['text for a number', table(COUNT, [['many']]), 'error', 'expected a number in Count, got "many"'],
    [
      'two numbers a row',
      table(
        [
          ['A', 'long'],
          ['B', 'int'],
        ],
        [[1, 2]],
      ),
      'error',
      'expected one column of a number, got A (long), B (int)',
    ],
    ['no column', table([], []), 'error', 'got no column'],
    ['no table', { tables: [] }, 'error', 'the answer has no table'],
    [
      'a part',
      { ...table(COUNT, [[1]]), error: { code: 'PartialError', message: 'too much' } },
      'error',
      'the answer is a part: PartialError: too much',
    ],
    ['another shape', { rows: 1 }, 'error', 'https://localhost:'],
  ])('R6: with %s', async (_, body, kind, detail) => {
    const measured = await runCheck(logsOf(await answering(body)), contextOf());
    expect(measured).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });
});
