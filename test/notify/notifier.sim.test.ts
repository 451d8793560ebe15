/** Webhooks that are told of events, in virtual time: once and in order, and nobody waits for them. */
import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { noticedLog } from '../../src/notify/noticed-log.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import type { Posted } from '../../src/notify/notifier.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { appOf, VirtualDaemon } from '../support/virtual-daemon.ts';

const TAKEN: Posted = { kind: 'taken' };
const AWAY: Posted = { kind: 'again', reason: 'connection refused' };

/** A webhook that is told of `happened`, and answers as the test says. */
function telling(answer: (body: string, time: VirtualTime) => Posted | Promise<Posted>) {
  const time = new VirtualTime(0);
  const tried: [number, string][] = [];
  const failed: [string, number][] = [];
  const notifier = new Notifier({
    sinks: [
      {
        name: 'https://hook.example',
        events: new Set(['happened']),
        post: async (body) => {
          tried.push([time.now() / SECOND, body]);
          return answer(body, time);
        },
      },
    ],
    clock: time.clock(),
    onFailed: (_, reason, dropped) => failed.push([reason, dropped]),
  });
  const offer = (body: string, event = 'happened') => notifier.offer({ event, body });
  return { time, tried, failed, offer, notifier };
}

describe('S105: a webhook', () => {
  test('R9: is told of each listed event once, in order, and of no other', async () => {
    const { time, tried, failed, offer } = telling(() => TAKEN);
    for (const body of ['1', '2', '3']) offer(body);
    offer('4', 'another');
    await time.runUntil(MINUTE);
    expect(tried.map(([, body]) => body)).toEqual(['1', '2', '3']);
    expect(failed).toEqual([]);
  });

  test('R9: that is away for a while is told again, ever later, before what came after', async () => {
    const { time, tried, failed, offer } = telling((_, clock) => (clock.now() < 5 * SECOND ? AWAY : TAKEN));
    offer('1');
    offer('2');
    await time.runUntil(MINUTE);
    expect(tried).toEqual([
      [0, '1'],
      [1, '1'],
      [3, '1'],
      [7, '1'],
      [7, '2'],
    ]);
    expect(failed).toEqual([]);
  });

  test('that stays away is given up after six tries, which is said once a minute with their number', async () => {
    const { time, tried, failed, offer } = telling(() => AWAY);
    for (const body of ['1', '2', '3']) offer(body);
    await time.runUntil(10 * MINUTE);
    expect(tried).toHaveLength(18);
    expect(failed).toEqual([
      ['connection refused', 1],
      ['connection refused', 2],
    ]);
  });

  test('that refuses is not told of the same again', async () => {
    const { time, tried, failed, offer } = telling((body) =>
      body === '1' ? { kind: 'refused', reason: 'answered 400' } : TAKEN,
    );
    offer('1');
    offer('2');
    await time.runUntil(MINUTE);
    expect(tried.map(([, body]) => body)).toEqual(['1', '2']);
    expect(failed).toEqual([['answered 400', 1]]);
  });

  test('that hangs lets at most a thousand wait, the newest', async () => {
    const hanging = Promise.withResolvers<Posted>();
    const { time, tried, failed, offer } = telling((body) => (body === '0' ? hanging.promise : TAKEN));
    for (let index = 0; index <= 1500; index += 1) offer(String(index));
    expect(failed[0]).toEqual(['more than 1000 notices wait', 1]);
    hanging.resolve(TAKEN);
    await time.runUntil(MINUTE);
    expect(tried).toHaveLength(1001);
    expect(tried.slice(0, 2).map(([, body]) => body)).toEqual(['0', '501']);
  });

  test('is told of nothing any more once the daemon stops', async () => {
    const { time, tried, offer, notifier } = telling(() => AWAY);
    offer('1');
    await time.runUntil(500);
    notifier.close();
    offer('2');
    await time.runUntil(MINUTE);
    expect(tried).toEqual([[0, '1']]);
  });
});

describe('S105: a daemon', () => {
  /** Its rollouts with their times, and what a webhook was told of. */
  async function upgraded(answer: () => Promise<Posted> | Posted) {
    const daemon = new VirtualDaemon();
    const bodies: string[] = [];
    const notifier = new Notifier({
      sinks: [
        {
          name: 'https://hook.example',
          events: new Set(['rollout.started', 'rollout.finished', 'app.held']),
          post: async (body) => {
            bodies.push(body);
            return answer();
          },
        },
      ],
      clock: daemon.time.clock(),
      onFailed: () => undefined,
    });
    daemon.wrapLog = (log) =>
      noticedLog(log, { clock: daemon.time.clock(), offer: (notice) => notifier.offer(notice) });
    daemon.azure.push({ repository: 'web', tag: '1.0.0' });
    daemon.run([appOf('shop', { web: { kind: 'semver', range: '*', prerelease: false } })]);
    await daemon.passMs(5 * MINUTE);
    daemon.azure.push({ repository: 'web', tag: '1.1.0' });
    await daemon.passMs(30 * MINUTE);
    daemon.close();
    return { bodies, finished: daemon.linesOf('rollout.finished').map(({ at }) => at) };
  }

  test('tells of each transition once, and of polls that find nothing new not at all', async () => {
    const { bodies } = await upgraded(() => TAKEN);
    const told = bodies.map((body): unknown => JSON.parse(body));
    expect(told).toMatchObject([
      { event: 'rollout.started', app: 'shop', to: '1.0.0' },
      { event: 'rollout.finished', app: 'shop', outcome: 'Succeeded' },
      { event: 'rollout.started', app: 'shop', from: '1.0.0', to: '1.1.0' },
      { event: 'rollout.finished', app: 'shop', outcome: 'Succeeded', time: expect.stringContaining('2026-01-01T') },
    ]);
    expect(new Set(bodies.map((body) => /"id":"[^"]+"/.exec(body)?.[0])).size).toBe(4);
  });

  test.each<[string, () => Promise<Posted> | Posted]>([
    ['hangs', () => new Promise<Posted>(() => undefined)],
    ['refuses', () => AWAY],
  ])('goes on in the same time with a webhook that %s', async (_, answer) => {
    const { finished } = await upgraded(answer);
    expect(finished).toEqual((await upgraded(() => TAKEN)).finished);
    expect(finished).toHaveLength(2);
  });
});

test('what may hold secrets is not told: errors, and values of secret keys', () => {
  const bodies: string[] = [];
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const log = noticedLog(silent, { clock: { now: () => 0 }, offer: ({ body }) => bodies.push(body) });
  log.error({ event: 'app.stopped', app: 'shop', err: new Error('hush'), inner: { password: 'hush' } }, 'stopped');
  log.info({ event: 'app.idle', text: 'x'.repeat(100_000) }, 'm'.repeat(5000));
  expect(bodies.join()).not.toContain('hush');
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ event: 'app.stopped', app: 'shop', level: 'error' });
  expect(bodies[1]?.length).toBeLessThan(1200);
});
