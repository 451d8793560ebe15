/** Rolling: a few groups at a time, with the others serving; what has gone is made again on the way back. */
import { assert, nat, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stack } from '../../../src/rollout/effect.ts';
import { planRolling } from '../../../src/rollout/strategies/rolling.ts';
import { isSwitching } from '../../../src/rollout/state.ts';
import type { Rollout, Step } from '../../../src/rollout/state.ts';
import { turnBack } from '../../../src/rollout/turn-back.ts';
import { running } from '../world.ts';
import { checkNamed, oneGate, stackIn, Story } from './story.ts';
import type { Plot } from './story.ts';

type Limits = { readonly maxSurge: number; readonly maxUnavailable: number };
const rolling = (maxSurge: number, maxUnavailable = 0) => ({ kind: 'rolling', maxSurge, maxUnavailable }) as const;

function plot(limits: Limits, more: Omit<Plot, 'settings'> & { settings?: Plot['settings'] } = {}): Plot {
  return { ...more, settings: { ...more.settings, strategy: { kind: 'rolling', ...limits } } };
}

describe('a rolling rollout', () => {
  test('replaces one group after the other while the others remain operational: N → N+1 → N', () => {
    const story = new Story(plot(rolling(1), { live: { west: 2 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines).toEqual([
      'provision candidate batch 1: make new west-1',
      'verify candidate batch 1',
      'register candidate batch 1: enable new west-1',
      'online candidate batch 1',
      'deregister live batch 1: disable old west-1',
      'drain live batch 1',
      'retire live batch 1: forget old west-1, delete old west-1',
      'provision candidate batch 2: make new west-2',
      'verify candidate batch 2',
      'register candidate batch 2: enable new west-2',
      'online candidate batch 2',
      'deregister live batch 2: disable old west-2',
      'drain live batch 2',
      'retire live batch 2: forget old west-2, delete old west-2',
    ]);
    expect([story.mostGroups(), story.fewestServing()]).toEqual([3, 2]);
    expect(story.state().groups).toEqual(['new west-1', 'new west-2']);
  });

  test.each([
    { limits: rolling(0, 1), most: 4, fewest: 3 },
    { limits: rolling(0, 3), most: 4, fewest: 1 },
    { limits: rolling(2), most: 6, fewest: 4 },
    { limits: rolling(1, 1), most: 5, fewest: 3 },
    { limits: rolling(2, 2), most: 6, fewest: 2 },
  ])('of four groups with $limits.maxSurge more and $limits.maxUnavailable fewer', ({ limits, most, fewest }) => {
    const story = new Story(plot(limits, { live: { west: 2, north: 2 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect([story.mostGroups(), story.fewestServing()]).toEqual([most, fewest]);
  });

  test('R10: what somebody takes out of rotation meanwhile is written again, old and new, and nothing that has left', () => {
    const story = new Story(plot(rolling(1), { live: { west: 3 } }));
    const leaving = story.tell(story.rollout, 'deregister live batch 2');
    for (const name of ['new west-2', 'old west-3'])
      for (const [key, endpoint] of story.endpoints)
        if (endpoint.target === `${name}.example`) story.setEndpoint(key, 'elsewhere.example', false);
    story.lines.length = 0;
    expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
    expect(story.lines[0]).toBe('deregister live batch 2: enable new west-2, enable old west-3, disable old west-2');
  });

  test('with a maxSurge above the number of groups replaces all at once', () => {
    const story = new Story(plot(rolling(50), { live: { west: 3 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect([story.mostGroups(), story.fewestServing()]).toEqual([6, 3]);
    expect(story.lines).toContain(
      'deregister live batch 1: disable old west-1, disable old west-2, disable old west-3',
    );
  });

  test('to a smaller stack sends the rest away at the end, though fewer serve then than before', () => {
    const story = new Story(plot(rolling(1), { live: { west: 4 }, candidate: { west: 2 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.lines.slice(-3)).toEqual([
      'deregister live the rest: disable old west-3, disable old west-4',
      'drain live the rest',
      'retire live the rest: forget old west-3, forget old west-4, delete old west-3, delete old west-4',
    ]);
    expect(story.fewestServing()).toBe(2);
  });

  test('to a larger stack takes nothing away without need', () => {
    const story = new Story(plot(rolling(0, 1), { live: { west: 1 }, candidate: { west: 3 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect([story.mostGroups(), story.fewestServing()]).toEqual([3, 1]);
  });

  test('to other locations keeps to its surge: what nobody replaces there leaves as new ones come', () => {
    const story = new Story(plot(rolling(1), { live: { west: 3 }, candidate: { north: 3 } }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect([story.mostGroups(), story.fewestServing()]).toEqual([4, 3]);
  });

  test('of a single worker with no surge never has two of them', () => {
    const story = new Story(plot(rolling(0, 1), { live: { west: 1 }, hasTraffic: false }));
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    expect(story.mostGroups()).toBe(1);
  });

  test('S33: asks once, before the first new group gets traffic; each batch bakes and is checked', () => {
    const checks = { before: [checkNamed('smoke')], after: [checkNamed('rate')] };
    const settings = { promotion: oneGate, bakeMs: 30_000, checks };
    const story = new Story(plot(rolling(1), { live: { west: 2 }, settings }));
    const waiting = story.tell(story.rollout, 'gate candidate batch 1');
    story.votes = [{ by: 'ann', at: waiting.enteredAt, full: false }];
    expect(story.tell(waiting).finished?.outcome).toBe('Succeeded');
    const asked = story.lines.filter((line) => /^(check|gate|bake|register|deregister)/.test(line));
    expect(asked).toEqual([
      'check candidate batch 1, before',
      'gate candidate batch 1',
      'register candidate batch 1: enable new west-1',
      'bake candidate batch 1',
      'check candidate batch 1, after',
      'deregister live batch 1: disable old west-1',
      'check candidate batch 2, before',
      'register candidate batch 2: enable new west-2',
      'bake candidate batch 2',
      'check candidate batch 2, after',
      'deregister live batch 2: disable old west-2',
    ]);
  });

  test('S44: that fails in its second batch makes the first of the old groups again, proves it, and goes back to it', () => {
    const story = new Story(plot(rolling(1), { live: { west: 2 }, settings: { bakeMs: 30_000 } }));
    const baking = story.tell(story.rollout, 'bake candidate batch 2');
    story.lines.length = 0;
    story.isHealthy = (name) => name !== 'new west-2';
    const end = story.tell(baking);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    expect(story.lines.slice(1)).toEqual([
      'deregister candidate batch 2: disable new west-2',
      'drain candidate batch 2',
      'capture candidate',
      'retire candidate batch 2: forget new west-2, delete new west-2',
      'provision live batch 1: make old west-1',
      'verify live batch 1',
      'register live batch 1: enable old west-1',
      'online live batch 1',
      'deregister candidate batch 1: disable new west-1',
      'drain candidate batch 1',
      'retire candidate batch 1: forget new west-1, delete new west-1',
    ]);
    expect(story.state()).toEqual({ groups: ['old west-1', 'old west-2'], enabled: ['old west-1', 'old west-2'] });
  });

  test('R2: that goes back to an old group whose provisioning has failed meanwhile forgets its endpoint before it is made anew', () => {
    const story = new Story(plot(rolling(1), { live: { west: 2 } }));
    const retiring = story.tell(story.rollout, 'retire live batch 1');
    const failed = { ...running('old west-1', 'old'), provisioningState: 'Failed' };
    story.groups.set('old west-1', failed);
    story.lines.length = 0;
    const end = story.tell(turnBack(retiring, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, story.now));
    expect(end.finished?.outcome).toBe('Aborted');
    expect(story.lines[0]).toBe('provision live batch 1: forget old west-1, delete old west-1, make old west-1');
    expect(story.state().enabled).toEqual(['old west-1', 'old west-2']);
  });

  test.each([
    ['drain', 'rollBack'],
    ['drain', 'wait'],
    ['retire', 'rollBack'],
    ['retire', 'wait'],
  ] as const)(
    'R10: the rest comes first where an endpoint that somebody enabled in its %s cannot be spared (onDeadline: %s)',
    (kind, onDeadline) => {
      const story = new Story(plot(rolling(1), { live: { west: 2 }, settings: { onDeadline } }));
      const leaving = story.tell(story.rollout, `${kind} live batch 1`);
      story.setEndpoint('viridian.old west-1', 'old west-1.example', true, 100);
      story.monitor = (name) => (name.includes('old west-2') ? 'Degraded' : 'Online');
      expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
      const fresh = ['new west-1', 'new west-2'];
      expect(story.state()).toEqual({ groups: fresh, enabled: fresh });
      const placeOf = (line: string) => story.lines.indexOf(line);
      expect(placeOf('deregister live batch 1, again: disable old west-1')).toBeGreaterThan(
        placeOf('online candidate batch 2'),
      );
      expect(placeOf('online candidate batch 2')).toBeGreaterThan(0);
    },
  );

  test.each(['rollBack', 'wait'] as const)(
    'R10: where an old group that is to stay breaks, the rest of the new ones comes before more of the old leave (onDeadline: %s)',
    (onDeadline) => {
      const story = new Story(plot(rolling(0, 1), { live: { west: 3 }, settings: { onDeadline } }));
      const leaving = story.tell(story.rollout, 'deregister live batch 2');
      const reached = story.now;
      story.monitor = (name) => (name.includes('old west-3') ? 'Degraded' : 'Online');
      story.lines.length = 0;
      expect(story.tell(leaving).finished).toMatchObject({ outcome: 'Succeeded' });
      expect(story.changes.filter(({ kind }) => kind === 'replanned')).toHaveLength(1);
      const { deregisterMs } = story.rollout.settings.deadlines;
      expect(story.now - reached).toBeGreaterThan(deregisterMs);
      expect(story.lines).toEqual([
        'deregister live batch 2',
        'provision candidate batch 2: make new west-2',
        'verify candidate batch 2',
        'register candidate batch 2: enable new west-2',
        'online candidate batch 2',
        'provision candidate batch 3: make new west-3',
        'verify candidate batch 3',
        'register candidate batch 3: enable new west-3',
        'online candidate batch 3',
        'deregister live batch 2: disable old west-2',
        'drain live batch 2',
        'retire live batch 2: forget old west-2, delete old west-2',
        'deregister live batch 3: disable old west-3',
        'drain live batch 3',
        'retire live batch 3: forget old west-3, delete old west-3',
      ]);
    },
  );

  test('what was planned anew goes back like any other: all that is new leaves, what has gone is made again', () => {
    const story = new Story(plot(rolling(0, 1), { live: { west: 3 } }));
    const leaving = story.tell(story.rollout, 'deregister live batch 2');
    story.monitor = (name) => (name.includes('old west-3') ? 'Degraded' : 'Online');
    const coming = story.tell(leaving, 'online candidate batch 3');
    story.monitor = () => 'Online';
    const end = story.tell(turnBack(coming, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, story.now));
    expect(end.finished?.outcome).toBe('Aborted');
    const old = ['old west-1', 'old west-2', 'old west-3'];
    expect(story.state()).toEqual({ groups: old, enabled: old });
  });

  test('is not planned anew where its own new groups do not serve: more of them would not help', () => {
    const story = new Story(plot(rolling(0, 1), { live: { west: 3 } }));
    const leaving = story.tell(story.rollout, 'deregister live batch 2');
    story.monitor = (name) => (name.includes('new west-1') ? 'Degraded' : 'Online');
    const end = story.tell(leaving);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'world' } });
    expect(story.changes.map(({ kind }) => kind)).not.toContain('replanned');
  });

  test('what was planned anew with part of a batch out puts that in again on the way back', () => {
    const story = new Story(plot(rolling(0, 2), { live: { west: 4 } }));
    const isOut = () => story.endpoints.get('viridian.old west-1')?.enabled === false;
    story.monitor = (name) => (isOut() && name.includes('old west-4') ? 'Degraded' : 'Online');
    const anew = story.run(story.rollout, ({ plan }) =>
      plan.some(({ part }) => part?.endsWith('out already') === true),
    );
    expect(story.state().enabled).toEqual(['old west-2', 'old west-3', 'old west-4']);
    expect(isSwitching(anew)).toBe(true);
    story.isHealthy = (name) => !name.startsWith('new');
    const end = story.tell(anew);
    expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'release' } });
    const old = ['old west-1', 'old west-2', 'old west-3', 'old west-4'];
    expect(story.state()).toEqual({ groups: old, enabled: old });
  });

  test('and ends as planned where that goes well: nobody leaves twice, nobody stays', () => {
    const story = new Story(plot(rolling(0, 2), { live: { west: 4 } }));
    const isOut = () => story.endpoints.get('viridian.old west-1')?.enabled === false;
    story.monitor = (name) => (isOut() && name.includes('old west-4') ? 'Degraded' : 'Online');
    expect(story.tell().finished?.outcome).toBe('Succeeded');
    const fresh = ['new west-1', 'new west-2', 'new west-3', 'new west-4'];
    expect(story.state()).toEqual({ groups: fresh, enabled: fresh });
    expect(story.changes.filter(({ kind }) => kind === 'replanned')).toHaveLength(1);
  });

  test('is planned anew by the deadline of the step also where that of the whole rollout has passed, and is waited for', () => {
    const deadlines = { ...new Story().app.rollout.deadlines, totalMs: 60_000 };
    const settings = { onDeadline: 'wait', deadlines } as const;
    const story = new Story(plot(rolling(0, 1), { live: { west: 3 }, settings }));
    const leaving = story.tell(story.rollout, 'deregister live batch 2');
    story.monitor = (name) => (name.includes('old west-3') ? 'Degraded' : 'Online');
    expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
    expect(story.changes.map(({ kind }) => kind)).toContain('replanned');
  });

  describe('that waits on where it is late, with a new group that serves no more', () => {
    /** Where the second old group is to leave, which takes all that serve. */
    function late(): { story: Story; leaving: Rollout } {
      const story = new Story(plot(rolling(1), { live: { west: 3 }, settings: { onDeadline: 'wait' } }));
      return { story, leaving: story.tell(story.rollout, 'deregister live batch 3') };
    }

    test('R10: goes back where that group has vanished, as nobody makes it again', () => {
      const { story, leaving } = late();
      story.groups.delete('new west-1');
      story.monitor = (name) => (name.includes('new west-1') ? 'Degraded' : 'Online');
      const end = story.tell(leaving);
      expect(end).toMatchObject({ finished: { outcome: 'RolledBack' }, turnedBack: { fault: 'world' } });
      expect(end.turnedBack?.reason).toBe('new west-1 has vanished, which served already');
      expect(story.changes.map(({ kind }) => kind)).toContain('degraded');
      const old = ['old west-1', 'old west-2', 'old west-3'];
      expect(story.state()).toEqual({ groups: old, enabled: old });
    });

    test('R10: leads its endpoint there where it has another address since', () => {
      const { story, leaving } = late();
      story.groups.set('new west-1', { ...running('new west-1', 'new'), fqdn: 'elsewhere.example' });
      const isLed = () => story.endpoints.get('viridian.new west-1')?.target === 'elsewhere.example';
      story.monitor = (name) => (name.includes('new west-1') && !isLed() ? 'Degraded' : 'Online');
      expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
      expect(isLed()).toBe(true);
    });

    test('waits for one that is only ill', () => {
      const { story, leaving } = late();
      const illUntil = story.now + 20 * 60_000;
      story.monitor = (name) => (name.includes('new west-1') && story.now < illUntil ? 'Degraded' : 'Online');
      expect(story.tell(leaving).finished?.outcome).toBe('Succeeded');
      expect(story.now).toBeGreaterThan(illUntil);
    });
  });

  test('has no way back once the last of the old groups goes, unless a new one comes after it', () => {
    const { plan } = new Story(plot(rolling(0, 1), { live: { west: 2 } })).rollout;
    expect(plan.filter(({ kind }) => kind === 'retire').map(({ mayReturn }) => mayReturn)).toEqual([true, true]);
    const { plan: last } = new Story(plot(rolling(1), { live: { west: 2 } })).rollout;
    expect(last.filter(({ kind }) => kind === 'retire').map(({ mayReturn }) => mayReturn)).toEqual([true, undefined]);
  });
});

describe('the plan of any rolling rollout', () => {
  const LOCATIONS = ['west', 'north', 'south'] as const;
  const places = uniqueArray(record({ location: nat(2), replicas: nat(4) }), {
    selector: ({ location }) => location,
    minLength: 1,
  }).map((given) =>
    Object.fromEntries(given.map(({ location, replicas }) => [LOCATIONS[location] ?? '', replicas + 1])),
  );
  const limits = record({ maxSurge: nat(6), maxUnavailable: nat(6) }).filter(
    ({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0,
  );
  const any = record({ live: places, candidate: places, limits, hasTraffic: nat(1).map((n) => n === 1) });

  function planOf(given: { live: Stack; candidate: Stack; limits: Limits; hasTraffic: boolean }): readonly Step[] {
    const { live, candidate, limits, hasTraffic } = given;
    const strategy = { kind: 'rolling', ...limits } as const;
    const kinds = { isRepair: false, isRollback: false, isLiveBroken: false };
    return planRolling(limits, {
      ...kinds,
      live: live.groups,
      candidate: candidate.groups,
      hasTraffic,
      settings: { strategy },
    });
  }

  test('each old group leaves once, each new one comes once, and the limits hold after each step', () => {
    assert(
      property(any, ({ limits, hasTraffic, ...given }) => {
        const [live, candidate] = [stackIn('old', '1.0.0', given.live), stackIn('new', '1.1.0', given.candidate)];
        const [before, after] = [live.groups.length, candidate.groups.length];
        const plan = planOf({ live, candidate, limits, hasTraffic });
        const named = (kind: Step['kind']) =>
          plan.filter((step) => step.kind === kind).flatMap(({ only }) => only ?? []);
        expect(named('provision')).toEqual(candidate.groups.map(({ name }) => name));
        expect(named('retire').toSorted()).toEqual(live.groups.map(({ name }) => name).toSorted());
        const fewest = Math.max(hasTraffic ? 1 : 0, Math.min(before, after) - limits.maxUnavailable);
        // One that has to stay, with nothing allowed beside it, is beside one all the same.
        const most =
          Math.max(before, after) + (limits.maxSurge === 0 && fewest === Math.max(before, after) ? 1 : limits.maxSurge);
        let [groups, serving] = [before, before];
        for (const { kind, only = [] } of plan) {
          if (kind === 'provision') groups += only.length;
          if (kind === 'retire') groups -= only.length;
          if (kind === (hasTraffic ? 'online' : 'verify')) serving += only.length;
          if (kind === (hasTraffic ? 'deregister' : 'retire')) serving -= only.length;
          expect(groups).toBeLessThanOrEqual(most);
          expect(serving).toBeGreaterThanOrEqual(fewest);
        }
        expect([groups, serving]).toEqual([after, after]);
      }),
      { numRuns: 1000 },
    );
  });

  test('what takes a place leaves it to nobody else: the old group of the same place goes with it, where numbers allow', () => {
    const live = stackIn('old', '1.0.0', { west: 2, north: 2 });
    const candidate = stackIn('new', '1.1.0', { west: 2, north: 2 });
    const plan = planOf({ live, candidate, limits: rolling(1), hasTraffic: true });
    const pairs = (kind: Step['kind'], id: string) =>
      plan.filter((step) => step.kind === kind).map(({ only }) => only?.map((name) => name.replace(`${id} `, '')));
    expect(pairs('retire', 'old')).toEqual(pairs('provision', 'new'));
  });

  test('all steps have names of their own, so that the way back undoes each of them', () => {
    assert(
      property(any, ({ limits, hasTraffic, ...given }) => {
        const [live, candidate] = [stackIn('old', '1.0.0', given.live), stackIn('new', '1.1.0', given.candidate)];
        const names = planOf({ live, candidate, limits, hasTraffic }).map(
          ({ kind, side, part }) => `${kind} ${side} ${part}`,
        );
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 200 },
    );
  });
});

test('R3: aborted after it went forward all the same, what it had deleted is made again before it gets traffic', () => {
  const story = new Story(plot(rolling(1), { live: { west: 2 }, settings: { bakeMs: 60_000 } }));
  const baking = story.tell(story.rollout, 'bake candidate batch 2');
  story.monitor = () => 'Degraded';
  const outage = { outcome: 'RolledBack', reason: 'an outage', fault: 'world' } as const;
  const forward = story.run(turnBack(baking, outage, story.now), ({ hasTurnedForward }) => hasTurnedForward === true);
  story.monitor = () => 'Online';
  const leaving = story.tell(forward, 'bake candidate batch 1');
  story.log.length = 0;
  story.tell(turnBack(leaving, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, story.now));
  const placeOf = (line: string) => story.log.indexOf(line);
  expect(placeOf('createGroup old west-1')).toBeGreaterThanOrEqual(0);
  expect(placeOf('enableEndpoint old west-1')).toBeGreaterThan(placeOf('createGroup old west-1'));
  expect(story.state()).toEqual({ groups: ['old west-1', 'old west-2'], enabled: ['old west-1', 'old west-2'] });
});
