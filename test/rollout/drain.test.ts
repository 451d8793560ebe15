/** What keeps the old groups, for how long, and in which order they go. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import { watching } from '../../src/rollout/watching.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { turnBack } from '../../src/rollout/turn-back.ts';
import { drainedAt, drainWaitMs } from '../../src/rollout/drained.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout, StepKind } from '../../src/rollout/state.ts';
import { candidate, live } from './situations.ts';
import { app, START, World } from './world.ts';

type Waits = Partial<Pick<typeof app.rollout, 'propagationMarginMs' | 'drainMs'>>;

function upgrade(waits: Waits = {}): { world: World; rollout: Rollout } {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const patient = { ...app, rollout: { ...app.rollout, ...waits } };
  return { world, rollout: startRollout({ app: patient, live, candidate, now: START }) };
}

const at = (kind: StepKind) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;
const removedAt = (rollout: Rollout) => Math.max(...Object.values(rollout.removedAt));

describe('a drain', () => {
  test('S75: that is longer than every deadline is not overdue and fails nothing', () => {
    const { world, rollout } = upgrade({ drainMs: 45 * 60_000 });
    const draining = world.run(rollout, at('drain'));
    expect(drainWaitMs(draining)).toBeGreaterThan(10 * Math.max(...Object.values(app.rollout.deadlines)));
    const end = world.run(draining);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(new Set(world.changes.map(({ kind }) => kind))).toEqual(new Set(['stepDone', 'finished']));
    expect(world.now - removedAt(draining)).toBeGreaterThanOrEqual(drainWaitMs(draining));
  });

  test('R2: does not end before the groups were seen: whoever else leads there is known by where that is', () => {
    const { world, rollout } = upgrade();
    const draining = { ...world.run(rollout, at('drain')), targets: {} };
    const [old] = live.groups;
    world.setEndpoint('mine', `${old?.name}.example`, true);
    world.groupsKnown = false;
    world.now += 60_000;
    const blind = world.step(draining);
    expect(blind.waitingOn).toContain(
      `where ${live.groups.map(({ name }) => name).join(', ')} can be reached is not known`,
    );
    expect(blind.change).toBeUndefined();
    world.groupsKnown = true;
    expect(world.step(blind.rollout).waitingOn).toContain('1 endpoint of web.trafficmanager.net, enabled again');
  });

  test.each([
    [undefined, 'deleted'],
    [{ forMs: 60_000, count: 1 }, 'kept'],
    [{ forMs: 60_000, count: 1, as: 'stopped' }, 'stopped'],
    [{ forMs: 60_000, count: 1, as: 'gone' }, 'deleted'],
  ] as const)('tells what becomes of the groups then: %o', (retain, expected) => {
    const world = new World();
    world.addStack(live, { inRotation: true });
    const keeping = { ...app, rollout: { ...app.rollout, retain } };
    const draining = world.run(startRollout({ app: keeping, live, candidate, now: START }), at('drain'));
    expect(world.step(draining).waitingOn).toContain(`then 2 groups are ${expected}`);
  });

  test('S75: that grows longer than its own deadline, as the TTL was raised meanwhile, is not overdue either', () => {
    const { world, rollout } = upgrade();
    const draining = world.run(rollout, at('drain'));
    world.ttlSeconds = 1800;
    const end = world.run(draining);
    expect(end.finished?.outcome).toBe('Succeeded');
    expect(world.changes.map(({ kind }) => kind)).not.toContain('overdue');
    expect(world.now - removedAt(draining)).toBeGreaterThanOrEqual(1_807_000);
    expect(draining.deadlineAt).toBeLessThan(world.now);
  });

  test('S75: in which somebody enables an endpoint late takes it out and goes on, though every deadline has passed', () => {
    const { world, rollout } = upgrade({ drainMs: 45 * 60_000 });
    const draining = world.run(rollout, at('drain'));
    world.now += 40 * 60_000;
    const [back] = live.groups;
    world.setEndpoint(back?.endpoint ?? '', `${back?.name}.example`, true);
    const taken = world.step(draining);
    expect(taken.change).toBeUndefined();
    expect(taken.effects).toMatchObject([{ kind: 'disableEndpoint', group: back }]);
    expect(world.run(taken.rollout).finished?.outcome).toBe('Succeeded');
  });

  test('S75: says until when it waits, and does not ask more often than every five seconds', () => {
    const { world, rollout } = upgrade({ drainMs: 60_000 });
    const draining = world.run(rollout, at('drain'));
    const until = removedAt(draining) + drainWaitMs(draining);
    const decision = world.step(draining);
    expect(decision).toMatchObject({ until, wakeAt: world.now + 5000, effects: [] });
    expect(decision.waitingOn).toContain('then 2 groups are deleted');
  });

  test('S95, R2: counts from the second try where the first was refused and nobody saw the endpoint enabled', () => {
    const { world, rollout } = upgrade();
    const registering = world.run(rollout, at('register'));
    world.allows = () => false;
    const refused = world.step(registering).rollout;
    const notThere = world.step(refused).rollout;
    world.now += 20_000;
    world.allows = () => true;
    const enabled = world.step(notThere);
    const [first] = candidate.groups;
    expect(enabled.effects).toMatchObject([{ kind: 'enableEndpoint', group: first }]);
    world.endpoints.delete(first?.endpoint ?? '');
    const seen = world.step(enabled.rollout).rollout;
    expect(drainedAt(seen, candidate.groups.slice(0, 1))).toBe(world.now + drainWaitMs(seen));
  });

  /** The look that sees the first endpoint gone, after a look and a deletion that took so long. */
  function lookAfterDeletion(given: { lookMs: number; deletionMs: number }) {
    const { world, rollout } = upgrade();
    const retiring = world.run(rollout, at('retire'));
    world.lookMs = given.lookMs;
    const deleting = world.step(retiring);
    expect(deleting.effects).toMatchObject([{ kind: 'deleteEndpoint', group: live.groups[0] }]);
    world.now += given.deletionMs;
    world.lookMs = 0;
    return { world, gone: world.step(deleting.rollout) };
  }

  test.each([
    { title: 'a look was answered late', lookMs: 15_000, deletionMs: 0 },
    { title: 'a deletion took long', lookMs: 0, deletionMs: 15_000 },
  ])('S75, R2: begins anew where $title, since somebody may have enabled the endpoint unseen', (given) => {
    const { world, gone } = lookAfterDeletion(given);
    const until = world.now + drainWaitMs(gone.rollout);
    expect(gone).toMatchObject({ effects: [], until });
    expect(world.run(gone.rollout).finished?.outcome).toBe('Succeeded');
    expect(world.now).toBeGreaterThanOrEqual(until);
  });

  test('S75, R2: has ended where an endpoint was deleted within seconds of a look', () => {
    const { gone } = lookAfterDeletion({ lookMs: 4000, deletionMs: 4000 });
    expect(gone.effects).toMatchObject([{ kind: 'deleteEndpoint', group: live.groups[1] }]);
  });

  test('S77: with no TTL, no margin and no drain time is over at once', () => {
    const { world, rollout } = upgrade({ propagationMarginMs: 0, drainMs: 0 });
    world.ttlSeconds = 0;
    const draining = world.run(rollout, at('drain'));
    const before = world.now;
    expect(world.run(draining).finished?.outcome).toBe('Succeeded');
    const tookMs = world.changes.map((change) => (change.kind === 'stepDone' ? [change.step.kind, change.tookMs] : []));
    expect(tookMs).toContainEqual(['drain', 0]);
    expect(world.now).toBe(before);
  });

  test('S77: of a candidate that nobody was ever sent to is over at once, whatever the TTL', () => {
    const { world, rollout } = upgrade({ drainMs: 600_000 });
    world.ttlSeconds = 3600;
    const verifying = world.run(rollout, at('verify'));
    world.isHealthy = () => false;
    const end = world.run(verifying);
    expect(end.finished?.outcome).toBe('RolledBack');
    expect(world.now - verifying.enteredAt).toBeLessThan(10_000);
    expect([...world.groups.keys()]).toEqual(live.groups.map(({ name }) => name));
  });
});

describe('the switch', () => {
  /** One line for each effect and each step that is done, with the milliseconds since the line before. */
  function story(): { readonly lines: readonly string[]; readonly waitMs: number } {
    const { world, rollout } = upgrade();
    const lines: string[] = [];
    let before = world.now;
    let current = rollout;
    for (let looks = 0; current.finished === undefined && looks < 100; looks += 1) {
      const { rollout: next, change, effects, wakeAt } = world.step(current);
      const said = effects.map(({ kind, group }) => `${kind} ${group.replica}`);
      if (change?.kind === 'stepDone') said.push(`${change.step.kind} of the ${change.step.side} stack`);
      lines.push(...said.map((line) => (world.now - before > 1000 ? `after ${world.now - before} ms: ${line}` : line)));
      if (said.length > 0) before = world.now;
      current = next;
      world.now = Math.max(world.now, wakeAt);
    }
    return { lines, waitMs: drainWaitMs(current) };
  }

  test('S78: enables, sees Online, disables, sees that, waits for all of the TTL, margin and drain, then deletes', () => {
    const { lines, waitMs } = story();
    expect(waitMs).toBe(10_000 + 5000 + 2000);
    expect(lines.slice(lines.indexOf('verify of the candidate stack') + 1)).toEqual([
      'enableEndpoint 1',
      'enableEndpoint 2',
      'register of the candidate stack',
      'online of the candidate stack',
      'disableEndpoint 1',
      'disableEndpoint 2',
      'deregister of the live stack',
      `after ${waitMs} ms: drain of the live stack`,
      'deleteEndpoint 1',
      'deleteEndpoint 2',
      'deleteGroup 1',
      'deleteGroup 2',
      'retire of the live stack',
    ]);
  });

  test('S78: no live endpoint leaves before the last of the candidate’s is Online', () => {
    const { world, rollout } = upgrade();
    const onlineFrom = START + 20_000;
    const isLate = (name: string) => name.endsWith('22222222-westeurope-2') && world.now < onlineFrom;
    world.monitor = (name) => (isLate(name) ? 'CheckingEndpoint' : 'Online');
    const deregistering = world.run(rollout, at('deregister'));
    expect(world.log.filter((line) => line.startsWith('disableEndpoint'))).toEqual([]);
    expect(deregistering.enteredAt).toBeGreaterThanOrEqual(onlineFrom);
  });
});

describe('a removal that the name servers are asked about', () => {
  const targets = live.groups.map(({ name }) => `${name}.example`);
  const others = candidate.groups.map(({ name }) => `${name}.example`);
  const gone = () => others;
  const heldMs = 10_000 + 2000;

  /** Has just entered the drain; each of four old and new endpoints has a quarter of the weight. */
  function draining(
    waits: Waits = {},
    names: World['names'] = gone,
    { ttlSeconds = 10, weight = 100, method = 'Weighted' } = {},
  ) {
    const { world, rollout } = upgrade(waits);
    world.ttlSeconds = ttlSeconds;
    world.routingMethod = method;
    for (const { name, endpoint } of live.groups) world.setEndpoint(endpoint, `${name}.example`, true, weight);
    world.names = names;
    // In rotation for longer than the margin before it leaves.
    const { propagationMarginMs } = rollout.settings;
    world.monitor = (name) =>
      name.includes(candidate.id) && world.now <= START + propagationMarginMs ? 'CheckingEndpoint' : 'Online';
    return { world, rollout: world.run(rollout, at('drain')) };
  }
  const goneAt = (rollout: Rollout) =>
    Math.max(...live.groups.map(({ name }) => rollout.confirmations?.[name]?.goneAt ?? NaN));
  const endsAfter = (world: World, rollout: Rollout) => world.run(rollout, at('retire')).enteredAt;

  test('R2: counts TTL and drain time from when they confirm it, and no margin', () => {
    const { world, rollout } = draining({ propagationMarginMs: 50_000 });
    const confirmed = world.run(rollout, (one) => !Number.isNaN(goneAt(one)));
    // 29 answers of each of four servers for a quarter of them: three looks with ten.
    expect(goneAt(confirmed)).toBe(rollout.enteredAt + 2000);
    expect(world.step(confirmed).waitingOn).toMatch(/^waiting for DNS TTL of 10 s \(\+ 2 s drain\)/);
    expect(endsAfter(world, confirmed)).toBe(goneAt(confirmed) + heldMs);
    expect(world.run(confirmed).finished?.outcome).toBe('Succeeded');
  });

  test('is not asked about any more once it is confirmed', () => {
    const { world, rollout } = draining();
    const confirmed = world.run(rollout, (one) => !Number.isNaN(goneAt(one)));
    expect([watching(rollout).nameAsks, watching(confirmed).nameAsks]).toEqual([10, 0]);
  });

  test('R2: under Performance counts by the margin, also where a target was shown before', () => {
    const { world, rollout } = draining({ propagationMarginMs: 40_000 }, () => targets, { method: 'Performance' });
    const shown = world.run(rollout, () => world.now > rollout.enteredAt + 3000);
    const shownAt = shown.confirmations?.[live.groups[0]?.name ?? '']?.shownAt ?? NaN;
    world.names = gone;
    expect(endsAfter(world, shown)).toBe(shownAt + drainWaitMs(shown));
  });

  test('R2: waits beyond the margin while one of them still answers with an old target, and says so', () => {
    const { world, rollout } = draining({}, () => [...others, targets[1] ?? '']);
    const lagging = world.run(rollout, () => world.now > rollout.enteredAt + 40_000);
    const waits = world.step(lagging);
    expect(at('drain')(waits.rollout)).toBe(true);
    expect(waits.waitingOn).toBe(
      `waiting for the name servers of web.trafficmanager.net to learn of the removal: they still answer with ${targets[1]}`,
    );
    world.names = gone;
    const from = (world.now += 1000);
    expect(endsAfter(world, waits.rollout)).toBe(from + 2000 + heldMs);
  });

  test('R2: ends only when the last of several targets is gone', () => {
    const { world, rollout } = draining({}, () => [targets[0] ?? '']);
    const half = world.run(rollout, () => world.now > rollout.enteredAt + 5000);
    expect(half.confirmations).toMatchObject({ [live.groups[1]?.name ?? '']: { goneAt: rollout.enteredAt + 2000 } });
    world.names = gone;
    const from = world.now;
    expect(endsAfter(world, half)).toBe(from + 2000 + heldMs);
  });

  test.each([
    ['cannot be asked', 0, () => undefined],
    ['are not to be asked', 0, gone],
  ])('R2: counts the margin where they %s', (what, _, names) => {
    const { world, rollout } = draining({}, names);
    const { traffic } = rollout;
    if (traffic === undefined) throw new Error('the app has traffic');
    const confirmRemoval = what === 'cannot be asked';
    const end = endsAfter(world, { ...rollout, traffic: { ...traffic, confirmRemoval } });
    expect(end).toBe(removedAt(rollout) + drainWaitMs(rollout));
  });

  test('says why the margin counts', () => {
    const { world, rollout } = draining({}, () => undefined);
    expect(world.step(rollout).waitingOn).toMatch(
      /^waiting for DNS TTL of 10 s \(\+ 5 s margin, 2 s drain\).*; the margin counts, since port 53 is closed$/,
    );
  });

  test('S77: with no TTL, no margin and no drain time is over once it is confirmed, and not before it was asked', () => {
    const { world, rollout: entered } = draining({ propagationMarginMs: 0, drainMs: 0 }, gone, { ttlSeconds: 0 });
    expect(decide(entered, { ...world.observe(entered), names: undefined }, world.now).change).toBeUndefined();
    const confirmed = world.run(entered, at('retire'));
    expect(confirmed.enteredAt).toBe(goneAt(confirmed));
    expect(world.run(confirmed).finished?.outcome).toBe('Succeeded');
  });

  test('R2: counts from the last time that it was answered where they fall silent after that', () => {
    const { world, rollout } = draining({ propagationMarginMs: 40_000 }, () => targets);
    const shown = world.run(rollout, () => world.now > rollout.enteredAt + 20_000);
    const shownAt = shown.confirmations?.[live.groups[0]?.name ?? '']?.shownAt ?? NaN;
    expect(shownAt).toBeGreaterThan(removedAt(rollout));
    world.names = () => undefined;
    expect(endsAfter(world, shown)).toBe(shownAt + 40_000 + heldMs);
  });

  test('is not over while they answer too seldom to tell, and by the margin when they stop', () => {
    let asks = 0;
    const { world, rollout } = draining({ propagationMarginMs: 0 }, () => ((asks += 1) === 1 ? others : undefined));
    const counted = world.run(rollout, (one) => Object.keys(one.confirmations ?? {}).length > 0);
    expect(Object.values(counted.confirmations ?? {})).toMatchObject([{ answers: 10 }, { answers: 10 }]);
    expect(endsAfter(world, counted)).toBe(rollout.enteredAt + 30_000);
  });

  test('R2: of so small a share that it is not missed for sure within two minutes counts by the margin', () => {
    const { world, rollout } = draining({}, gone, { weight: 1 });
    expect(endsAfter(world, rollout)).toBe(removedAt(rollout) + 120_000);
  });

  test('that never reaches them is overdue by the deadline of the step, and the old endpoints come back', () => {
    const { world, rollout } = draining({}, () => targets);
    const waitMs = drainWaitMs(rollout) + app.rollout.deadlines.onlineMs;
    const turned = world.run(rollout, (one) => one.backPlan !== undefined);
    expect(turned.turnedBack).toMatchObject({ fault: 'world', reason: expect.stringContaining('still answer') });
    expect(turned.enteredAt).toBe(removedAt(rollout) + waitMs);
  });

  test.each(['Degraded', 'Stopped'])(
    'R2: of an endpoint that was %s proves nothing: it was not handed out',
    (monitor) => {
      const { world, rollout } = upgrade();
      world.names = gone;
      world.monitor = (name) => (name.includes('11111111') ? monitor : 'Online');
      const entered = world.run(rollout, at('drain'));
      expect(endsAfter(world, entered)).toBe(removedAt(entered) + drainWaitMs(entered));
    },
  );

  test('R2: of an endpoint that was in rotation for less than the margin proves nothing: it may still become known', () => {
    const { world, rollout } = upgrade();
    for (const { name, endpoint } of live.groups) world.setEndpoint(endpoint, `${name}.example`, true, 100);
    const registered = world.run(rollout, at('deregister'));
    world.isHealthy = () => false;
    const turned = turnBack(registered, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now);
    world.names = () => targets;
    const entered = world.run(turned, at('drain'));
    const out = Math.max(...candidate.groups.map(({ name }) => entered.removedAt[name] ?? NaN));
    expect(world.run(entered, (one) => !at('drain')(one)).enteredAt).toBe(out + drainWaitMs(entered));
  });

  test('R2: of a share that has grown counts by the smallest, which some may still know', () => {
    const { world, rollout } = upgrade({ propagationMarginMs: 0 });
    const [first] = live.groups;
    for (const { name, endpoint } of live.groups) world.setEndpoint(endpoint, `${name}.example`, true, 10);
    const registered = world.run(rollout, at('deregister'));
    const share = registered.handedOut?.[first?.name ?? '']?.share ?? NaN;
    for (const { name, endpoint } of live.groups) world.setEndpoint(endpoint, `${name}.example`, true, 1000);
    world.now += 1000;
    expect(share).toBeLessThan(0.1);
    expect(world.step(registered).rollout.handedOut?.[first?.name ?? '']?.share).toBe(share);
  });

  test('R2: begins anew with an endpoint that was enabled again, with the margin where that was short', () => {
    const { world, rollout } = draining();
    const confirmed = world.run(rollout, (one) => !Number.isNaN(goneAt(one)));
    const [back] = live.groups;
    world.setEndpoint(back?.endpoint ?? '', targets[0] ?? '', true, 100);
    const taken = world.step(confirmed);
    expect(taken.rollout.confirmations).not.toHaveProperty([back?.name ?? '']);
    const again = world.now;
    expect(endsAfter(world, taken.rollout)).toBe(again + drainWaitMs(rollout));
  });

  test('R2: counts nothing that was asked before the removal was seen', () => {
    const { world, rollout } = draining();
    const seen = world.observe(rollout);
    const names = seen.names?.known === true ? { ...seen.names, askedAt: removedAt(rollout) - 1 } : seen.names;
    expect(decide(rollout, { ...seen, names }, world.now).rollout.confirmations).toEqual({});
  });
});
