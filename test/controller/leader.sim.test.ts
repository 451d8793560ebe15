/** Who drives which app, in virtual time: shares, deaths, pauses, clocks that step, leases that cannot be reached. */
import { beforeEach, describe, expect, test } from 'vitest';
import { EFFECT_MS, Leader } from '../../src/controller/leader.ts';
import { partitionOf } from '../../src/controller/leadership.ts';
import type { Leases } from '../../src/controller/ports.ts';
import type { StoreTrouble } from '../../src/simulation/documents.ts';
import { MemoryLeases } from '../../src/simulation/memory-leases.ts';
import { VirtualTime } from '../../src/simulation/virtual-time.ts';

const APPS = ['web', 'api', 'shop', 'cart', 'mail', 'search'];
let time: VirtualTime;
let leases: MemoryLeases;
let trouble: StoreTrouble;
let said: string[];

beforeEach(() => {
  time = new VirtualTime(0);
  trouble = { delayMs: 5, fails: undefined };
  leases = new MemoryLeases({ time, trouble: () => trouble });
  said = [];
});

interface Daemon {
  readonly leader: Leader;
  readonly stop: AbortController;
  readonly apps: () => readonly string[];
}

function start(name: string, given: { own?: Leases; wall?: () => number; clock?: () => number } = {}): Daemon {
  const leader = new Leader({
    leases: given.own ?? leases.of(name),
    clock: time.clock(given.clock),
    wall: given.wall ?? (() => time.now()),
    apps: APPS,
    events: {
      partitionTaken: (_, apps) => said.push(`${name} takes ${apps.join(' ')}`),
      partitionLost: (_, apps) => said.push(`${name} loses ${apps.join(' ')}`),
      leasesFailed: (reason) => said.push(`${name} fails: ${reason}`),
    },
    onChange: () => undefined,
  });
  const stop = new AbortController();
  void leader.run(stop.signal);
  return { leader, stop, apps: () => APPS.filter((app) => leader.term(app) !== undefined) };
}

const partitions = new Set(APPS.map(partitionOf)).size;

describe('one daemon', () => {
  test('drives every app after its first round', async () => {
    const one = start('one');
    expect(one.apps()).toEqual([]);
    await time.runUntil(1000);
    expect(one.apps()).toEqual(APPS);
  });

  test('that cannot reach its leases drives on only as long as a change would still end in time', async () => {
    const one = start('one');
    await time.runUntil(1000);
    trouble = { delayMs: 5, fails: 'after' };
    const term = one.leader.term('web');
    await time.runUntil(45_000 - EFFECT_MS - 1);
    expect(one.apps()).toEqual(APPS);
    await time.runUntil(60_000 - EFFECT_MS);
    expect(one.apps()).toEqual([]);
    await time.runUntil(100_000);
    expect(one.apps()).toEqual([]);
    expect(said.filter((line) => line.includes('fails'))).toHaveLength(1);
    trouble = { delayMs: 5, fails: undefined };
    await time.runUntil(180_000);
    expect(one.apps()).toEqual(APPS);
    expect(one.leader.term('web')).not.toBe(term);
  });

  test.each([
    ['its wall clock jumps ahead', { wallMs: 60_000, clockMs: 0 }],
    ['its own clock alone goes on', { wallMs: -3_600_000, clockMs: 60_000 }],
  ])('drives nothing when %s, until it has renewed', async (_, jump) => {
    let [wallMs, clockMs] = [0, 0];
    const one = start('one', { wall: () => time.now() + wallMs, clock: () => clockMs });
    await time.runUntil(1000);
    ({ wallMs, clockMs } = jump);
    expect(one.apps()).toEqual([]);
    await time.runUntil(25_000);
    expect(one.apps()).toEqual(APPS);
  });
});

describe('several daemons', () => {
  test('share the apps, none is driven by two', async () => {
    const one = start('one');
    await time.runUntil(60_000);
    const other = start('other');
    const seen = new Set<number>();
    for (let at = 60_000; at < 300_000; at += 1000) {
      await time.runUntil(at);
      expect(one.apps().filter((app) => other.apps().includes(app))).toEqual([]);
      seen.add(other.apps().length);
    }
    expect([...one.apps(), ...other.apps()].sort()).toEqual([...APPS].sort());
    expect(new Set(other.apps().map(partitionOf)).size).toBe(Math.floor(partitions / 2));
    expect(seen.size).toBeGreaterThan(1);
  });

  test('S96: what one drove is taken over within 60 s of its death', async () => {
    const one = start('one');
    const other = start('other');
    await time.runUntil(200_000);
    expect(one.apps().length).toBeGreaterThan(0);
    one.stop.abort();
    const diedAt = 200_000;
    await time.runUntil(diedAt + 60_000);
    expect(other.apps()).toEqual(APPS);
  });

  test('one that stops in order is followed within a round', async () => {
    const one = start('one');
    const other = start('other');
    await time.runUntil(200_000);
    one.stop.abort();
    void one.leader.leave();
    await time.runUntil(200_000 + 11_000);
    expect(other.apps()).toEqual(APPS);
  });

  test('a third one gets its share, and nobody changes back and forth', async () => {
    const daemons = ['one', 'two', 'three'].map((name) => start(name));
    await time.runUntil(300_000);
    const shares = daemons.map(({ apps }) => new Set(apps().map(partitionOf)).size);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(partitions);
    expect(Math.max(...shares)).toBeLessThanOrEqual(Math.ceil(partitions / 3));
    const before = said.length;
    await time.runUntil(900_000);
    expect(said.slice(before)).toEqual([]);
  });
});
