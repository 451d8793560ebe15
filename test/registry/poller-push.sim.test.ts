/** Polls that a push asks for, in virtual time. */
import { describe, expect, test } from 'vitest';
import type { TagList } from '../../src/model/tag.ts';
import { Poller } from '../../src/registry/poller.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const LIST_MS = 50;
const EMPTY: TagList = { kind: 'known', tags: [] };
const refused = (retryAfterMs?: number): TagList => ({ kind: 'unknown', reason: 'no', stalled: false, retryAfterMs });

/** A repository whose lists take 50 ms; `answers` one after the other, the last one for ever. */
function scene(answers: readonly TagList[] = [EMPTY], wants: readonly string[] = []) {
  const time = new VirtualTime(0);
  const began: number[] = [];
  const wanted = new Set(wants);
  let atOnce = 0;
  let mostAtOnce = 0;
  const poller = new Poller({
    clock: time.clock(),
    random: () => 0.5,
    schedule: () => () => undefined,
    onChange: () => undefined,
  });
  const repository = {
    async listTags() {
      began.push(time.now());
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      await time.sleep(LIST_MS);
      atOnce -= 1;
      return answers[Math.min(began.length, answers.length) - 1] ?? EMPTY;
    },
    checkCandidate: async () => ({ kind: 'fit' as const, imageDigest: '' }),
    want: (tag: string) => wanted.delete(tag),
  };
  poller.add('r/web', repository, { schedule: '* * * * * *', jitterMs: 10_000 });
  return { time, poller, began, mostAtOnce: () => mostAtOnce };
}

describe('a push', () => {
  test('is answered by a poll within 100 ms, without the jitter of scheduled ones', async () => {
    const { time, poller, began } = scene();
    expect(poller.push('r/web')).toBe(true);
    await time.runUntil(60_000);
    expect(began).toEqual([100]);
  });

  test('hurries a scheduled poll that waits for its jitter, and costs none of its own', async () => {
    const { time, poller, began } = scene();
    void poller.poll('r/web');
    await time.runUntil(1000);
    poller.push('r/web');
    await time.runUntil(60_000);
    expect(began).toEqual([1100]);
  });

  test('S21: one that comes many times in a moment costs one poll', async () => {
    const { time, poller, began } = scene();
    for (let at = 0; at < 100; at += 1) {
      await time.runUntil(at);
      poller.push('r/web');
    }
    await time.runUntil(60_000);
    expect(began).toEqual([100]);
  });

  test('S22: that comes while a poll lists makes one more after it, and only one', async () => {
    const { time, poller, began, mostAtOnce } = scene();
    poller.push('r/web');
    for (const at of [100, 110, 130, 149]) {
      await time.runUntil(at);
      poller.push('r/web');
    }
    await time.runUntil(60_000);
    expect(began).toEqual([100, 1100]);
    expect(mostAtOnce()).toBe(1);
  });

  test('S22: that comes while a scheduled poll lists makes one more as soon as that has ended', async () => {
    const { time, poller, began, mostAtOnce } = scene();
    void poller.poll('r/web');
    await time.runUntil(5000);
    poller.push('r/web');
    await time.runUntil(60_000);
    expect(began).toEqual([5000, 5100]);
    expect(mostAtOnce()).toBe(1);
  });

  test('S22: a flood for ten seconds costs a poll a second, and the last push of it is answered', async () => {
    const { time, poller, began, mostAtOnce } = scene();
    for (let at = 0; at <= 10_000; at += 2) {
      await time.runUntil(at);
      poller.push('r/web');
    }
    await time.runUntil(60_000);
    expect(began).toEqual([100, 1100, 2100, 3100, 4100, 5100, 6100, 7100, 8100, 9100, 10_100]);
    expect(mostAtOnce()).toBe(1);
  });

  test('waits for as long as the registry has asked for, and is answered then', async () => {
    const { time, poller, began } = scene([refused(30_000), EMPTY]);
    void poller.poll('r/web');
    await time.runUntil(6000);
    poller.push('r/web');
    await time.runUntil(90_000);
    expect(began).toEqual([5000, 5050 + 30_000]);
  });

  test('is not lost where the poll that answers it fails: the next one follows after the pause', async () => {
    const { time, poller, began } = scene([refused(), refused(20_000), EMPTY]);
    poller.push('r/web');
    await time.runUntil(90_000);
    expect(began).toEqual([100, 2150, 22_200]);
  });

  test('is not lost either where a scheduled poll answers it, and fails', async () => {
    const { time, poller, began } = scene([refused(), EMPTY]);
    void poller.poll('r/web');
    await time.runUntil(4950);
    poller.push('r/web');
    await time.runUntil(90_000);
    expect(began).toEqual([5000, 7050]);
  });

  test('S22: fails at once after the end, and one that waits then is let go', async () => {
    const { time, poller, began } = scene();
    poller.push('r/web');
    await time.runUntil(10);
    await poller.stop();
    expect(poller.push('r/web')).toBe(false);
    await time.runUntil(60_000);
    expect(began).toEqual([]);
  });

  test('of a repository that is not in the config wakes nothing', async () => {
    const { time, poller, began } = scene();
    expect(poller.push('r/other')).toBe(false);
    await time.runUntil(60_000);
    expect(began).toEqual([]);
  });

  test('leads to the digest of a tag that is wanted without another jitter', async () => {
    const { time, poller, began } = scene([EMPTY], ['1.0.0']);
    poller.push('r/web');
    await time.runUntil(200);
    poller.want('r/web', '1.0.0');
    await time.runUntil(60_000);
    expect(began).toEqual([100, 200]);
  });
});
