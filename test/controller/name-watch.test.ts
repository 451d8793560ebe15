/** How often Traffic Manager's name servers are asked while endpoints drain. */
import { describe, expect, test } from 'vitest';
import { NameWatch } from '../../src/controller/name-watch.ts';
import type { NameAnswers } from '../../src/model/confirmed-gone.ts';
import { SECOND } from '../../src/model/time.ts';
import type { Instant } from '../../src/model/time.ts';
import type { ObservedEndpoint, ObservedProfile, Seen } from '../../src/rollout/observation.ts';
import { startRollout } from '../../src/rollout/start.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { app, stack, START } from '../rollout/world.ts';

const WINDOW_MS = 10 * SECOND;
const MISSED = 0.001;

interface World {
  readonly groups: number;
  readonly servers?: number;
  /** False: nobody answers. */
  readonly answers?: boolean;
  readonly routingMethod?: string;
  readonly confirmRemoval?: boolean;
}

class Drain {
  now = START;
  readonly asked: { readonly at: Instant; readonly answers: number }[] = [];
  readonly rollout: Rollout;
  readonly profile: ObservedProfile;
  readonly watch: NameWatch;
  handedOut: readonly string[] = [];

  constructor({ groups, servers = 4, answers = true, routingMethod = 'Weighted', confirmRemoval }: World) {
    const live = stack('11111111', '1.0.0', groups);
    const candidate = stack('22222222', '1.1.0', groups);
    const traffic = { resourceGroup: 'demo', profile: 'web', weight: 1, confirmRemoval };
    const waits = { ...app.rollout, propagationMarginMs: 60 * SECOND };
    const started = startRollout({ app: { ...app, traffic, rollout: waits }, live, candidate, now: START });
    const targets = Object.fromEntries(live.groups.map(({ name }) => [name, `${name}.example`]));
    this.rollout = { ...started, plan: [{ kind: 'drain', side: 'live' }], cursor: 0, targets };
    const endpoint = (name: string, enabled: boolean): ObservedEndpoint => {
      return { name, target: undefined, enabled, weight: 1, monitorStatus: 'Online' };
    };
    const endpoints = [
      ...live.groups.map((group) => endpoint(group.endpoint, false)),
      ...candidate.groups.map((group) => endpoint(group.endpoint, true)),
    ];
    this.profile = { name: 'web', fqdn: 'web.example', ttlSeconds: 60, routingMethod, enabled: true, endpoints };
    const nameAnswers = async (_fqdn: string, answersEach = 1): Promise<Seen<NameAnswers>> => {
      const at = this.now;
      this.asked.push({ at, answers: servers * answersEach });
      if (!answers) return { known: false, at, reason: 'timed out' };
      return { known: true, at, askedAt: at, value: { servers, answersEach, targets: this.handedOut, ttlSeconds: 60 } };
    };
    // Time passes between turns only.
    const clock = { now: () => this.now, wait: () => new Promise<void>(() => undefined) };
    this.watch = new NameWatch({ azure: { nameAnswers }, clock });
  }

  async turn(confirmAsks = 0) {
    return this.watch.ask({ rollout: this.rollout, profile: this.profile, confirmAsks, isWatched: true });
  }

  /** As the loop does: again when the watch says so, each 5 s otherwise. */
  async pass(ms: number, confirmAsks = 0): Promise<void> {
    const end = this.now + ms;
    while (this.now < end) {
      await this.turn(confirmAsks);
      const next = this.watch.nextAt ?? this.now + 5 * SECOND;
      this.now = Math.min(end, Math.max(next, this.now + 1));
    }
  }
}

/** Of all servers, that show one of `groups` + 1 equal endpoints but for one chance in a thousand. */
const needed = (groups: number) => Math.log(MISSED) / Math.log(groups / (groups + 1));

describe('R2: while endpoints drain', () => {
  test.each([1, 2, 5, 10, 16, 22])(
    'the answers of any ten seconds would show one of %i that is enabled',
    async (groups) => {
      const drain = new Drain({ groups });
      await drain.pass(60 * SECOND, 10);
      await drain.pass(240 * SECOND);
      expect(drain.watch.isQuietSince(drain.now)).toBe(true);
      for (let from = START; from + WINDOW_MS <= drain.now; from += 100) {
        const inWindow = drain.asked.filter(({ at }) => at > from && at <= from + WINDOW_MS);
        const answers = inWindow.reduce((sum, one) => sum + one.answers, 0);
        expect(answers, `from ${from - START} ms on`).toBeGreaterThanOrEqual(needed(groups));
      }
    },
  );

  test('no server is asked in two questions within two seconds', async () => {
    const drain = new Drain({ groups: 22 });
    await drain.pass(60 * SECOND, 10);
    const gaps = drain.asked.slice(1).map(({ at }, index) => at - (drain.asked[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2 * SECOND);
  });

  test.each([
    { title: 'so many would have to be asked too often', groups: 30 },
    { title: 'there are too few servers for so many', groups: 10, servers: 1 },
    { title: 'nobody answers', groups: 1, answers: false },
    { title: 'another endpoint is chosen by who asks', groups: 1, routingMethod: 'Performance' },
    { title: 'they are not to be asked', groups: 1, confirmRemoval: false },
  ])('they do not stand in for a look where $title', async (world) => {
    const drain = new Drain(world);
    await drain.pass(30 * SECOND);
    expect(drain.watch.isQuietSince(drain.now)).toBe(false);
    expect(drain.watch.nextAt).toBeUndefined();
  });

  test('a target that was answered once stands until the profile has been looked at', async () => {
    const drain = new Drain({ groups: 1 });
    const lookedAt = drain.now;
    await drain.pass(20 * SECOND);
    expect(drain.watch.isQuietSince(lookedAt)).toBe(true);
    drain.handedOut = ['web-11111111-westeurope-1.example'];
    await drain.pass(5 * SECOND);
    drain.handedOut = [];
    await drain.pass(20 * SECOND);
    expect(drain.watch.isQuietSince(lookedAt)).toBe(false);
    expect(drain.watch.isQuietSince(drain.now)).toBe(true);
  });

  test('a question that came too late says nothing of the time before it', async () => {
    const drain = new Drain({ groups: 1 });
    await drain.pass(20 * SECOND);
    const lookedAt = drain.now;
    drain.now += 15 * SECOND;
    await drain.turn();
    expect(drain.watch.isQuietSince(lookedAt)).toBe(false);
  });

  test('one question serves both the removal and the watch', async () => {
    const drain = new Drain({ groups: 1 });
    await drain.turn(7);
    expect(drain.asked.map(({ answers }) => answers)).toEqual([28]);
    expect(await drain.turn(0)).toBeUndefined();
    expect(drain.asked).toHaveLength(1);
  });
});
