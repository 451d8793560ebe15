import { describe, expect, test } from 'vitest';
import type { Priority } from '../../src/azure/caller.ts';
import { RateLimiter } from '../../src/azure/rate-limiter.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

function scene(limit = { burst: 2, perSecond: 1 }) {
  const time = new VirtualTime(0);
  const limiter = new RateLimiter(limit, time.clock());
  const sent: string[] = [];
  const send = (name: string, priority: Priority = 'ordinary', { app = 'app', scope = 'any' } = {}) =>
    void limiter
      .take({ priority, app }, scope)
      .then(({ kind }) => sent.push(`${name} ${kind === 'granted' ? '' : 'denied '}${time.now() / 1000}`));
  return { time, limiter, sent, send };
}

describe('the rate limiter', () => {
  test('lets a burst through at once and the rest as the bucket fills', async () => {
    const { time, sent, send } = scene();
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await time.runUntil(10_000);
    expect(sent).toEqual(['a 0', 'b 0', 'c 1', 'd 2']);
  });

  test('never lets more than burst and rate through, however long it rested', async () => {
    const { time, sent, send } = scene();
    await time.runUntil(60_000);
    for (let index = 0; index < 10; index += 1) send('x');
    await time.runUntil(63_000);
    expect(sent).toHaveLength(2 + 3);
  });

  test('serves the most urgent first, also those that come later', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 1 });
    for (const name of ['new 1', 'new 2', 'new 3']) send(name);
    time.after(1500, () => send('delete', 'high'));
    time.after(1600, () => send('back', 'rollback'));
    await time.runUntil(10_000);
    expect(sent).toEqual(['new 1 0', 'new 2 1', 'back 2', 'delete 3', 'new 3 4']);
  });

  test('lets one in ten of the less urgent through, however many are more urgent', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 1 });
    for (let index = 0; index < 29; index += 1) send('back', 'rollback', { app: `back ${index}` });
    send('delete', 'high');
    send('new 1');
    send('new 2');
    await time.runUntil(29_000);
    expect(sent.filter((line) => !line.startsWith('back'))).toEqual(['delete 10', 'new 1 11', 'new 2 21']);
  });

  test('takes turns between apps', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) send(name, 'ordinary', { app: 'a' });
    send('b1', 'ordinary', { app: 'b' });
    await time.runUntil(10_000);
    expect(sent.map((line) => line.split(' ')[0])).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  test('sends who has waited for 30 s away, and the others have their turn', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 0.04 });
    for (const name of ['a', 'b', 'c']) send(name);
    time.after(10_000, () => send('d'));
    await time.runUntil(60_000);
    expect(sent).toEqual(['a 0', 'b 25', 'c denied 30', 'd denied 40']);
  });

  test('S87: lets nobody through before the pause that Azure asked for is over', async () => {
    const { time, limiter, sent, send } = scene({ burst: 10, perSecond: 10 });
    limiter.pause(5000, undefined);
    send('a');
    send('b', 'rollback');
    await time.runUntil(10_000);
    expect(sent).toEqual(['b 5.1', 'a 5.2']);
  });

  test('a shorter pause does not end a longer one', async () => {
    const { time, limiter, sent, send } = scene({ burst: 10, perSecond: 10 });
    limiter.pause(5000, 'any');
    limiter.pause(1000, 'any');
    send('a');
    await time.runUntil(10_000);
    expect(sent).toEqual(['a 5.1']);
  });

  test('the pause of one scope keeps no other waiting, not even behind it in the row', async () => {
    const { time, limiter, sent, send } = scene({ burst: 1, perSecond: 1 });
    limiter.pause(20_000, 'creates');
    send('create', 'rollback', { scope: 'creates' });
    send('endpoint 1');
    send('endpoint 2');
    time.after(10_000, () => send('endpoint 3'));
    await time.runUntil(30_000);
    expect(sent).toEqual(['endpoint 1 0', 'endpoint 2 1', 'endpoint 3 10', 'create 21']);
  });

  test.each([undefined, 'any'])('what waits for the end of a pause (of %s) comes by and by', async (scope) => {
    const { time, limiter, sent, send } = scene({ burst: 200, perSecond: 10 });
    limiter.pause(20_000, scope);
    for (let index = 0; index < 50; index += 1) send('x');
    await time.runUntil(21_000);
    expect(sent).toHaveLength(10);
  });
});
