/** The server that operators ask, by real HTTP: who is let in, and what is said to who is not. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Control } from '../../src/controller/control.ts';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { desiredRelease } from '../../src/controller/desired.ts';
import { StalledError } from '../../src/model/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startApiServer } from '../../src/server/api-server.ts';
import type { ApiServer } from '../../src/server/api-server.ts';
import { ApiTokens } from '../../src/server/api-tokens.ts';
import { app, START } from '../rollout/world.ts';
import { ApiClient } from '../support/api.ts';
import { Journal } from '../support/local.ts';

const ALICE = 'the-token-of-alice-1';
const BOB = 'the-token-of-bob-number-2';
const opened: ApiServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(given: { tokens?: Record<string, () => Promise<string>>; control?: Partial<Control> } = {}) {
  const journal = new Journal();
  const asked: unknown[] = [];
  const look = { app, state: EMPTY_STATE, remark: undefined, isDriven: true, at: START };
  const control: Control = {
    now: () => START,
    looks: () => [look],
    read: async (name) => (name === 'web' ? look : undefined),
    desired: () => desiredRelease(app, undefined, { latest: () => undefined, now: START }),
    choices: () => [],
    command: async (name, command, caller) => {
      asked.push([name, command, caller.by]);
      return name === 'web' ? { kind: 'applied', message: 'done' } : undefined;
    },
    ...given.control,
  };
  const { tokens = { alice: async () => ALICE, bob: async () => BOB } } = given;
  const server = await startApiServer(
    {
      settings: { host: '127.0.0.1', port: 0, tls: undefined },
      tokens: new ApiTokens(
        systemClock,
        Object.entries(tokens).map(([name, read]) => ({ name, read })),
      ),
      version: '1.2.3',
      clock: systemClock,
      control,
      events: makeEvents(journal.log),
    },
    new AbortController().signal,
  );
  opened.push(server);
  const url = `http://127.0.0.1:${server.port}`;
  return { url, journal, asked, server, client: (token: string) => new ApiClient(url, token) };
}

describe('who is let in', () => {
  test('is who has one of the tokens, known by the name of it', async () => {
    const { client, asked, journal } = await start();
    expect(await client(BOB).command('web', { command: 'pause' })).toEqual({
      status: 200,
      body: { app: 'web', result: 'applied', message: 'done' },
    });
    expect(asked).toEqual([['web', { kind: 'pause', reason: undefined }, 'bob']]);
    await client(ALICE).get('/v1/apps');
    expect((await journal.next('api.read')).fields).toMatchObject({ path: '/v1/apps', by: 'alice', from: '127.0.0.1' });
    expect(JSON.stringify(journal.lines)).not.toMatch(/the-token/);
  });

  test('is written down with what was read and from where: once, and again and again at debug only', async () => {
    const { client, journal } = await start();
    for (const path of ['/v1/apps', '/v1/apps', '/v1/apps', '/v1/apps/web']) await client(ALICE).get(path);
    await client(BOB).get('/v1/apps');
    const reads = journal.lines.filter(({ event }) => event === 'api.read').map(({ fields }) => fields);
    const alice = { by: 'alice', from: '127.0.0.1', path: '/v1/apps' };
    expect(reads.filter((fields) => 'more' in fields)).toEqual([
      { event: 'api.read', ...alice, more: 0 },
      { event: 'api.read', ...alice, path: '/v1/apps/web', more: 0 },
      { event: 'api.read', ...alice, by: 'bob', more: 0 },
    ]);
    expect(reads.filter((fields) => !('more' in fields))).toHaveLength(2);
  });

  test.each([
    ['no token', undefined],
    ['a wrong one', 'Bearer the-token-of-alice-2'],
    ['the beginning of one', `Bearer ${ALICE.slice(0, -1)}`],
    ['a right one in another scheme', `Basic ${ALICE}`],
    ['a bare one', ALICE],
    ['an empty one', 'Bearer '],
  ])('is not who has %s: 401, nothing is done', async (_, authorization) => {
    const { url, asked, journal } = await start();
    const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) };
    const path = `${url}/v1/apps/web/commands`;
    const response = await fetch(path, { method: 'POST', headers, body: '{"command":"pause"}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(asked).toEqual([]);
    expect((await journal.next('api.refused')).fields).toMatchObject({
      reason: 'no secret, or a wrong one',
      from: '127.0.0.1',
    });
  });

  test('waits for nobody that guesses: those are slowed down, and refused where they are many', async () => {
    const { url, client } = await start();
    const guesses = Array.from({ length: 80 }, () =>
      fetch(`${url}/v1/apps`, { headers: { authorization: 'Bearer no' } }),
    );
    // Those that wait for their turn still do when the right one has been answered.
    let isGuessed = false;
    const all = Promise.all(guesses).then((answers) => {
      isGuessed = true;
      return answers.map(({ status }) => status);
    });
    expect((await client(ALICE).get('/v1/apps')).status).toBe(200);
    expect(isGuessed).toBe(false);
    await opened.pop()?.close();
    expect(new Set(await all)).toEqual(new Set([401, 429]));
  });

  test('a token that cannot be read any more keeps nobody else out', async () => {
    let isGone = false;
    const bob = async () => {
      if (isGone) throw new StalledError('gone');
      isGone = true;
      return BOB;
    };
    const { client } = await start({ tokens: { alice: async () => ALICE, bob } });
    expect((await client(ALICE).get('/v1/apps')).status).toBe(200);
  });

  test.each([
    ['a short token', { alice: async (): Promise<string> => 'short' }, 'api.tokens, alice: expected 16 to 4096'],
    [
      'one token of two people',
      { alice: async (): Promise<string> => ALICE, bob: async () => ALICE },
      'alice and bob have the same token',
    ],
  ])('nobody, where there is %s: it does not start', async (_, tokens, message) => {
    await expect(start({ tokens })).rejects.toThrow(message);
  });
});

describe('what is wrong is said as problem details', () => {
  test.each([
    ['no such command', { command: 'stop' }, 400, 'expected a command such as'],
    ['a field that it has not', { command: 'pause', realy: 1 }, 400, 'realy'],
    ['a hold without a reason', { command: 'hold' }, 400, 'reason'],
    ['a reason that is too long', { command: 'hold', reason: 'x'.repeat(501) }, 400, 'reason'],
    ['a body that is too large', { command: 'hold', reason: 'x'.repeat(20_000) }, 413, 'at most 16384 bytes'],
  ])('%s', async (_, body, status, detail) => {
    const { client, asked } = await start();
    const answer = await client(ALICE).command('web', body);
    expect(answer).toMatchObject({ status, body: { type: 'about:blank', status } });
    expect(answer.body['detail']).toContain(detail);
    expect(asked).toEqual([]);
  });

  test('an app that is not there, with those that are', async () => {
    const { client } = await start();
    const answers = [await client(ALICE).get('/v1/apps/wep'), await client(ALICE).command('wep', { command: 'pause' })];
    for (const { status, body } of answers)
      expect([status, body['detail']]).toEqual([404, 'there is no app wep; did you mean web?']);
  });

  test.each([
    ['situation', 409],
    ['elsewhere', 421],
    ['busy', 503],
    ['unclear', 503],
    ['stopped', 503],
  ] as const)('a command that is refused: %s', async (because, status) => {
    const { client } = await start({ control: { command: async () => ({ kind: 'refused', because, message: 'no' }) } });
    const answer = await client(ALICE).command('web', { command: 'abort' });
    expect(answer).toMatchObject({ status, body: { detail: 'no', app: 'web', because } });
  });

  test('a state that cannot be read', async () => {
    const read = () => Promise.reject(new StalledError('the stored state of app web cannot be read'));
    const { client, journal } = await start({ control: { read } });
    expect(await client(ALICE).get('/v1/apps/web')).toMatchObject({ status: 503 });
    expect((await journal.next('api.failed')).message).toContain('/v1/apps/web could not be answered');
  });

  test.each(['/', '/v1', '/v1/apps/web/nothing', '/%zz'])('GET %s', async (path) => {
    const { url } = await start();
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${ALICE}` } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404 });
  });
});

test('every answer fits the document, which is given without a token', async () => {
  const { client, url } = await start();
  const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Viridian', version: '1.2.3' } });
  for (const path of ['', '/web', '/web/history', '/web/explain']) {
    expect(await client(ALICE).get(`/v1/apps${path}`)).toMatchObject({ status: 200 });
  }
});

test('what is under way is answered before it closes', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const command = async () => {
    reached.resolve();
    await promise;
    return { kind: 'applied' as const, message: 'done' };
  };
  const { client, server, url } = await start({ control: { command } });
  const one = client(ALICE);
  await one.get('/v1/apps');
  const answer = one.command('web', { command: 'pause' });
  await reached.promise;
  const closed = server.close();
  const takesNoMore = () =>
    fetch(`${url}/openapi.json`).then(
      ({ ok }) => !ok,
      () => true,
    );
  while (!(await takesNoMore())) continue;
  resolve();
  expect((await answer).status).toBe(200);
  await closed;
});
