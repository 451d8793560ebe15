import { describe, expect, test } from 'vitest';
import { RateLimiter } from '../../src/azure/rate-limiter.ts';
import type { Priority } from '../../src/azure/rate-limiter.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

function scene(limit = { burst: 2, perSecond: 1 }) {
  const time = new VirtualTime(0);
  const limiter = new RateLimiter(limit, time.clock());
  const sent: string[] = [];
  const send = (name: string, priority: Priority = 'ordinary', turn = 'app') =>
    void limiter.take(priority, turn).then(() => sent.push(`${name} ${time.now() / 1000}`));
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

  test('serves the urgent first, also those that come later', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 1 });
    for (const name of ['new 1', 'new 2', 'new 3']) send(name);
    time.after(1500, () => send('delete', 'urgent'));
    await time.runUntil(10_000);
    expect(sent).toEqual(['new 1 0', 'new 2 1', 'delete 2', 'new 3 3']);
  });

  test('takes turns between apps', async () => {
    const { time, sent, send } = scene({ burst: 1, perSecond: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) send(name, 'ordinary', 'a');
    send('b1', 'ordinary', 'b');
    await time.runUntil(10_000);
    expect(sent.map((line) => line.split(' ')[0])).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  test('lets who has waited too long go unsent, and the others have their turn', async () => {
    const { time, limiter, sent, send } = scene({ burst: 1, perSecond: 1 });
    const controller = new AbortController();
    send('a');
    const given = limiter.take('urgent', 'app', controller.signal);
    send('b');
    controller.abort();
    expect(await given).toBe(false);
    await time.runUntil(10_000);
    expect(sent).toEqual(['a 0', 'b 1']);
  });

  test('S87: lets nobody through before the pause that Azure asked for is over', async () => {
    const { time, limiter, sent, send } = scene({ burst: 10, perSecond: 10 });
    limiter.pause(5000);
    send('a');
    send('b', 'urgent');
    await time.runUntil(10_000);
    expect(sent).toEqual(['b 5', 'a 5']);
  });
});
