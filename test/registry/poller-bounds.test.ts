/** The poller's limits: how long it waits at most, and what it still does once it is stopped. */
import { describe, expect, test } from 'vitest';
import type { TagList } from '../../src/model/tag.ts';
import { MINUTE } from '../../src/model/time.ts';
import { Poller } from '../../src/registry/poller.ts';
import type { PollerGiven } from '../../src/registry/poller.ts';

const EMPTY: TagList = { kind: 'known', tags: [] };
const FAILED: TagList = { kind: 'unknown', reason: 'HTTP 503', stalled: false, retryAfterMs: undefined };

function scene(given: Partial<PollerGiven>, list: () => Promise<TagList>) {
  const news: string[] = [];
  const poller = new Poller({
    clock: { now: () => 0, wait: () => Promise.resolve() },
    random: () => 0,
    schedule: () => () => undefined,
    onChange: (key) => void news.push(key),
    ...given,
  });
  const repository = { listTags: list, checkCandidate: async () => ({ kind: 'fit' as const, imageDigest: '' }) };
  for (const key of ['r/web', 'r/api']) poller.add(key, repository, { schedule: '* * * * * *', jitterMs: 1000 });
  return { poller, news };
}

describe('the poller', () => {
  test.each([
    [0, 0],
    [0.25, 250],
    [0.999, 999],
  ])('waits no longer than the jitter: chance %f, %f ms', async (chance, expected) => {
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      async wait(ms: number) {
        waits.push(ms);
      },
    };
    const { poller } = scene({ clock, random: () => chance }, async () => EMPTY);
    await poller.poll('r/web');
    expect(waits).toEqual([expected]);
  });

  test('pauses for ten minutes at most, however long a registry has been away', async () => {
    let now = 0;
    let lists = 0;
    const clock = { now: () => now, wait: () => Promise.resolve() };
    const { poller } = scene({ clock }, async () => {
      lists += 1;
      return FAILED;
    });
    for (let failures = 0; failures < 40; failures += 1, now += 10 * MINUTE) await poller.poll('r/web');
    expect(lists).toBe(40);
    now -= 1;
    await poller.poll('r/web');
    expect(lists).toBe(40);
  });

  test('lets the other repositories go on where one fails', async () => {
    let lists = 0;
    const { poller } = scene({}, async () => (lists++ === 0 ? FAILED : EMPTY));
    await poller.poll('r/web');
    await poller.poll('r/api');
    expect([poller.latest('r/web')?.kind, poller.latest('r/api')?.kind]).toEqual(['unknown', 'known']);
  });

  test('stopped during the jitter, ends the wait and asks nothing', async () => {
    let lists = 0;
    const clock: PollerGiven['clock'] = {
      now: () => 0,
      wait: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
    };
    const { poller, news } = scene({ clock }, async () => {
      lists += 1;
      return EMPTY;
    });
    poller.start();
    await poller.stop();
    expect([lists, news]).toEqual([0, []]);
  });

  test('stopped during a list, waits for its end and tells nothing of it', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<TagList>();
    const { poller, news } = scene({}, () => {
      asked.resolve();
      return answer.promise;
    });
    void poller.poll('r/web');
    await asked.promise;
    let isStopped = false;
    const stopping = poller.stop().then(() => (isStopped = true));
    await Promise.resolve();
    expect(isStopped).toBe(false);
    answer.resolve(EMPTY);
    await stopping;
    expect(news).toEqual([]);
  });
});
