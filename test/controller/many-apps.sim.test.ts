/** How the apps of one daemon share what ARM allows while they are at rest, however many they are. */
import { expect, test } from 'vitest';
import type { Azure } from '../../src/azure/azure.ts';
import type { Caller } from '../../src/azure/caller.ts';
import { RateLimiter } from '../../src/azure/rate-limiter.ts';
import { EMPTY_STATE } from '../../src/controller/app-state.ts';
import { makeEvents } from '../../src/controller/events.ts';
import { freshMemory, nextSweepAt, sweepIntervalMs, sweepOffsetMs } from '../../src/controller/idle.ts';
import { lookAtAll } from '../../src/controller/look-around.ts';
import { MACHINE } from '../../src/controller/machine.ts';
import type { ObservedProfile, Seen } from '../../src/rollout/observation.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';
import { app, START } from '../rollout/world.ts';
import { idleAzure } from '../support/idle-azure.ts';

const APPS = 1000;
const never = () => Promise.reject(new Error('a look changes nothing'));
const drop = () => undefined;

/** An Azure that answers at once whatever passes the limit of reads. */
function limitedAzure(time: VirtualTime): Azure {
  const limiter = new RateLimiter({ burst: 250, perSecond: 25 }, time.clock());
  const profile: ObservedProfile = {
    name: 'web',
    fqdn: 'web.trafficmanager.net',
    ttlSeconds: 60,
    routingMethod: 'Weighted',
    enabled: true,
    endpoints: [],
  };
  const ask = async <Value>(value: Value, caller?: Caller): Promise<Seen<Value>> => {
    const { kind } = await limiter.take(caller ?? { app: '', priority: 'ordinary' }, 'any');
    if (kind === 'denied') return { known: false, at: time.now(), reason: 'not sent' };
    return { known: true, at: time.now(), value };
  };
  return {
    ...idleAzure('a look changes nothing'),
    listGroups: (_, caller) => ask([], caller),
    getProfile: (_resourceGroup, _name, caller) => ask(profile, caller),
  };
}

test('R10: a look of each of 1,000 apps that look at the same moment is whole within four minutes', async () => {
  const time = new VirtualTime(START);
  const azure = limitedAzure(time);
  let whole = 0;
  const lookUntilWhole = async (name: string) => {
    const given = {
      app: { ...app, name },
      owner: 'viridian',
      state: { ...EMPTY_STATE, ttl: { seconds: 60, before: undefined } },
      memory: freshMemory(),
      azure,
      clock: time.clock(),
      tags: { latest: drop, lookedAt: drop, look: drop, want: drop, check: never },
      events: makeEvents({ debug: drop, info: drop, warn: drop, error: drop }),
      newId: () => 'x',
      machine: MACHINE,
    };
    for (;;) {
      const looked = await lookAtAll(given);
      if (!('turn' in looked)) break;
      await time.sleep(looked.turn.wakeAt - time.now());
    }
    whole += 1;
  };
  for (let index = 0; index < APPS; index += 1) void lookUntilWhole(`app-${index}`);
  await time.runUntil(START + 4 * 60_000);
  expect(whole).toBe(APPS);
});

test('R2: each of many apps looks once in each interval, and they look one after the other', () => {
  const sweepMs = sweepIntervalMs(APPS);
  const firsts = Array.from({ length: APPS }, (_, index) =>
    nextSweepAt(START, { sweepMs, sweepOffsetMs: sweepOffsetMs(index, APPS) }),
  );
  expect(firsts.every((at) => at > START && at <= START + sweepMs)).toBe(true);
  const sorted = [...firsts].sort((a, b) => a - b);
  const pauses = sorted.slice(1).map((at, index) => at - (sorted[index] ?? 0));
  expect(new Set(pauses)).toEqual(new Set([sweepMs / APPS]));
});

test('R2: a look that came late is followed by one at the next turn, never later than a whole interval after it', () => {
  const given = { sweepMs: sweepIntervalMs(APPS), sweepOffsetMs: sweepOffsetMs(7, APPS) };
  const turn = nextSweepAt(START, given);
  expect(nextSweepAt(turn, given)).toBe(turn + given.sweepMs);
  expect(nextSweepAt(turn + 20_000, given)).toBe(turn + given.sweepMs);
  expect(nextSweepAt(turn + given.sweepMs - 1, given)).toBe(turn + given.sweepMs);
});

test('few apps look a minute after their last look', () => {
  expect(sweepOffsetMs(7, 200)).toBeUndefined();
  expect(nextSweepAt(START, { sweepMs: sweepIntervalMs(200), sweepOffsetMs: undefined })).toBe(START + 60_000);
});
