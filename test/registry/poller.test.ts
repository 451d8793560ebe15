import { describe, expect, test } from 'vitest';
import type { Tag, TagList } from '../../src/model/tag.ts';
import { Poller } from '../../src/registry/poller.ts';
import type { PolledRepository } from '../../src/registry/poller.ts';

const tag = (name: string): Tag => ({ name, digest: `sha256:${name}`, pushedAt: 0 });
const known = (...names: string[]): TagList => ({ kind: 'known', tags: names.map(tag) });
const unknown = (reason: string, retryAfterMs?: number): TagList => ({
  kind: 'unknown',
  reason,
  stalled: false,
  retryAfterMs,
});

/** A poller with its edges as values: answers one after the other, the last one for ever. */
function scene(answers: readonly TagList[]) {
  let now = 0;
  let listed = 0;
  const waits: number[] = [];
  const news: string[] = [];
  const ticks: (() => void)[] = [];
  const unscheduled: string[] = [];
  const repository: PolledRepository = {
    async listTags() {
      listed += 1;
      return answers[Math.min(listed, answers.length) - 1] ?? known();
    },
    checkCandidate: async ({ digest }) => ({ kind: 'fit', imageDigest: digest }),
  };
  const poller = new Poller({
    clock: {
      now: () => now,
      async wait(ms) {
        waits.push(ms);
      },
    },
    random: () => 0.5,
    schedule: (expression, tick) => {
      ticks.push(tick);
      return () => void unscheduled.push(expression);
    },
    onChange: (key, list) => void news.push(`${key} ${list.kind === 'known' ? list.tags.length : list.reason}`),
  });
  const add = () => poller.add('r/web', repository, { schedule: '* * * * * *', jitterMs: 1000 });
  add();
  return {
    poller,
    add,
    repository,
    waits,
    news,
    ticks,
    unscheduled,
    listed: () => listed,
    pass: (ms: number) => void (now += ms),
  };
}

describe('the poller', () => {
  test('S18: polls a repository once, however many apps follow it', async () => {
    const { poller, add, ticks, listed } = scene([known('1.0.0')]);
    add();
    add();
    expect(ticks).toHaveLength(1);
    await Promise.all([poller.poll('r/web'), poller.poll('r/web')]);
    expect(listed()).toBe(1);
  });

  test('waits a part of the jitter before each poll', async () => {
    const { poller, waits } = scene([known()]);
    await poller.poll('r/web');
    expect(waits).toEqual([500]);
  });

  test('S06: tells of other tags only, in whatever order they come', async () => {
    const { poller, news } = scene([known('a', 'b'), known('b', 'a'), known('b', 'a', 'c'), known('b', 'a', 'c')]);
    for (let poll = 0; poll < 4; poll += 1) await poller.poll('r/web');
    expect(news).toEqual(['r/web 2', 'r/web 3']);
  });

  test('after a failure it pauses, longer each time, and is quick again once it works', async () => {
    const { poller, listed, pass, news } = scene([unknown('a'), unknown('a'), unknown('b'), known('1.0.0')]);
    await poller.poll('r/web');
    for (const [ms, polls] of [
      [1999, 1],
      [1, 2],
      [3999, 2],
      [1, 3],
      [8000, 4],
      [0, 5],
    ] as const) {
      pass(ms);
      await poller.poll('r/web');
      expect(listed()).toBe(polls);
    }
    expect(news).toEqual(['r/web a', 'r/web b', 'r/web 1']);
  });

  test('comes back no sooner than the registry asks', async () => {
    const { poller, listed, pass } = scene([unknown('HTTP 429', 60_000), known()]);
    await poller.poll('r/web');
    pass(59_999);
    await poller.poll('r/web');
    expect(listed()).toBe(1);
    pass(1);
    await poller.poll('r/web');
    expect(listed()).toBe(2);
  });

  test('polls when its schedule says, and not once it was stopped', async () => {
    const { poller, ticks, listed, unscheduled } = scene([known()]);
    ticks[0]?.();
    await poller.stop();
    expect(unscheduled).toEqual(['* * * * * *']);
    const before = listed();
    ticks[0]?.();
    await poller.poll('r/web');
    expect(listed()).toBe(before);
  });

  test('follows other repositories: polls what is new, leaves what is gone, and leaves the rest alone', async () => {
    const { poller, repository, ticks, unscheduled, listed, news } = scene([known('1.0.0')]);
    const one = { key: 'r/web', schedule: '* * * * * *', jitterMs: 0, access: '', open: () => repository };
    poller.follow([one, { ...one, key: 'r/api', schedule: 'hourly' }]);
    await poller.poll('r/api');
    const [before, scheduled] = [listed(), ticks.length];
    poller.follow([one, { ...one, key: 'r/api', schedule: 'hourly' }]);
    expect([listed(), ticks.length]).toEqual([before, scheduled]);
    poller.follow([{ ...one, key: 'r/api', schedule: 'daily' }]);
    expect(poller.latest('r/api')).toMatchObject({ kind: 'known' });
    expect(poller.latest('r/web')).toBeUndefined();
    expect(poller.push('r/web')).toBe(false);
    expect(unscheduled).toContain('hourly');
    await poller.poll('r/api');
    expect(listed()).toBe(before + 1);
    expect(news.filter((line) => line.startsWith('r/api'))).toEqual(['r/api 1']);
    await poller.stop();
    expect(unscheduled).toContain('daily');
  });

  test('a repository that is reached otherwise is opened anew; what comes of the old way is not told', async () => {
    const { poller, repository, news } = scene([known('1.0.0')]);
    const slow = Promise.withResolvers<TagList>();
    const old: PolledRepository = { ...repository, listTags: () => slow.promise };
    const one = { key: 'r/api', schedule: 'hourly', jitterMs: 0, access: 'anonymous', open: () => old };
    poller.follow([one]);
    poller.follow([{ ...one, access: 'token', open: () => repository }]);
    await poller.poll('r/api');
    expect(poller.latest('r/api')).toEqual(known('1.0.0'));
    slow.resolve(unknown('HTTP 401'));
    await poller.stop();
    expect(news).toEqual(['r/api 1']);
  });

  test('asks nothing of a repository that is not in the config', async () => {
    const { poller } = scene([known()]);
    expect(poller.latest('r/other')).toBeUndefined();
    const asked = { tag: '1', digest: 'sha256:1', platform: { os: 'linux', architecture: 'amd64' } };
    expect(await poller.check('r/other', asked)).toMatchObject({
      kind: 'unknown',
      reason: 'r/other is not among the repositories of the config',
    });
    expect(await poller.check('r/web', asked)).toEqual({ kind: 'fit', imageDigest: 'sha256:1' });
  });
});
