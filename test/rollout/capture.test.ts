/** What is kept of a candidate that failed: evidence before it goes, and the candidate itself where that is asked for. */
import { describe, expect, test } from 'vitest';
import { fit, sizeOf, withProbe } from '../../src/rollout/evidence.ts';
import type { EvidenceItem } from '../../src/rollout/evidence.ts';
import { startRollout } from '../../src/rollout/start.ts';
import { currentStep, stepsInForce } from '../../src/rollout/state.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import { hasKeptFailed, turnBack } from '../../src/rollout/turn-back.ts';
import { candidate, live } from './situations.ts';
import { app, crashing, START, World } from './world.ts';

const at = (kind: string) => (rollout: Rollout) => currentStep(rollout)?.kind === kind;

function upgrade(settings: Partial<typeof app.rollout> = {}, changes: Partial<typeof app> = {}) {
  const world = new World();
  world.addStack(live, { inRotation: true });
  const of = { ...app, ...changes, rollout: { ...app.rollout, ...settings } };
  return { world, rollout: startRollout({ app: of, live, candidate, now: START }) };
}

function crash(world: World): void {
  for (const { name } of candidate.groups) world.groups.set(name, crashing(name, candidate.id));
}

const stepsOf = (rollout: Rollout) => stepsInForce(rollout).map(({ kind, side }) => `${kind} ${side}`);

describe('evidence', () => {
  test('S49: is kept with nobody served by the candidate, and before anything of it is deleted', () => {
    const { world, rollout } = upgrade();
    const baking = world.run(rollout, at('online'));
    crash(world);
    const capturing = world.run(baking, at('capture'));
    expect(stepsOf(capturing).slice(-2)).toEqual(['capture candidate', 'retire candidate']);
    expect(candidate.groups.map(({ name }) => world.groups.has(name))).toEqual([true, true]);
    expect([...world.endpoints.values()].filter(({ enabled }) => enabled)).toHaveLength(2);
    const end = world.run(capturing);
    expect([end.finished?.outcome, end.evidence?.items]).toEqual(['RolledBack', []]);
  });

  test('is waited for 30 s at most, with the candidate out of rotation', () => {
    const { world, rollout } = upgrade();
    world.evidenceKnown = false;
    const proving = world.run(rollout, at('verify'));
    crash(world);
    const capturing = world.run(proving, at('capture'));
    const retiring = world.run(capturing, at('retire'));
    expect(world.now - capturing.enteredAt).toBeLessThanOrEqual(30_000);
    expect([retiring.evidence, world.run(retiring).finished?.outcome]).toEqual([undefined, 'RolledBack']);
  });

  test('is not kept of a release that a newer one takes the place of', () => {
    const { world, rollout } = upgrade();
    const proving = world.run(rollout, at('verify'));
    const turned = turnBack(proving, { outcome: 'Superseded', reason: 'newer', fault: 'operator' }, world.now);
    expect(stepsOf(turned)).toEqual(['retire candidate']);
  });

  test('has the last ten probes of a group, each once', () => {
    const probes = Array.from({ length: 12 }, (_, index) => ({ at: 1 + index, ok: false, detail: '503' }));
    const twice = probes.flatMap((probe) => [probe, probe]);
    const lines = twice.reduce(
      (before, probe) => withProbe(before, probe, 2),
      withProbe([], { at: 1, ok: true, detail: '' }, 2),
    );
    expect(lines.map((line) => line.at)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});

describe('keepFailed', () => {
  const kept = { keepFailedMs: 30 * 60_000 };

  test('S43: leaves a candidate that failed where it is, out of rotation, and the live stack untouched', () => {
    const { world, rollout } = upgrade(kept);
    const proving = world.run(rollout, at('verify'));
    world.isHealthy = () => false;
    const end = world.run(proving);
    expect([end.finished?.outcome, hasKeptFailed(end, world.now)]).toEqual(['RolledBack', true]);
    expect(world.groups.size).toBe(4);
    expect([...world.endpoints.keys()]).toEqual(live.groups.map(({ endpoint }) => endpoint));
  });

  test('S55: leaves one that was called off, too', () => {
    const { world, rollout } = upgrade(kept);
    const proving = world.run(rollout, at('verify'));
    const end = world.run(turnBack(proving, { outcome: 'Aborted', reason: 'told to', fault: 'operator' }, world.now));
    expect([end.finished?.outcome, hasKeptFailed(end, world.now), world.groups.size]).toEqual(['Aborted', true, 4]);
  });

  test.each([
    ['the world is at fault', { outcome: 'RolledBack', fault: 'world' }, {}],
    ['a newer release takes its place', { outcome: 'Superseded', fault: 'operator' }, {}],
    ['it cannot be taken out of rotation', { outcome: 'RolledBack', fault: 'release' }, { traffic: undefined }],
  ] as const)('R8: leaves nothing where %s', (_, why, changes) => {
    const { world, rollout } = upgrade(kept, changes);
    const proving = world.run(rollout, at('verify'));
    const end = world.run(turnBack(proving, { ...why, reason: 'a test' }, world.now));
    expect([hasKeptFailed(end, world.now), world.groups.size]).toEqual([false, 2]);
  });

  test('does not count one as kept that still is in rotation', () => {
    const { world, rollout } = upgrade(kept);
    const online = world.run(rollout, at('online'));
    crash(world);
    const turned = world.run(online, at('deregister'));
    world.monitor = () => 'Degraded';
    world.allows = ({ kind }) => kind !== 'disableEndpoint';
    const end = world.run(turned);
    expect([end.finished?.outcome, hasKeptFailed(end, world.now)]).toEqual(['RolledBack', false]);
  });
});

describe('the limit', () => {
  const item = (of: string, length: number): EvidenceItem => ({ kind: 'log', of, text: 'x'.repeat(length) });

  test('keeps what is small whole, and the last lines of what is long', () => {
    const long: EvidenceItem = { kind: 'log', of: 'long', text: `first ${'x'.repeat(2000)} last` };
    const { items, isCut } = fit([long, item('small', 100)], 1000);
    expect(items.map(({ of }) => of)).toEqual(['long', 'small']);
    expect(items[1]).toEqual(item('small', 100));
    expect(items[0]?.text).toMatch(/^x+ last$/);
    expect([isCut, sizeOf({ items }) <= 1000]).toEqual([true, true]);
  });

  test('is of bytes, and never leaves a part of a character', () => {
    const { items } = fit([{ kind: 'log', of: 'a', text: '€'.repeat(1000) }], 100);
    expect(items[0]?.text).toMatch(/^€+$/);
    expect(sizeOf({ items })).toBeLessThanOrEqual(100);
  });

  test('says so where nothing was left out', () => {
    expect(fit([item('a', 10), item('b', 20)])).toEqual({ items: [item('a', 10), item('b', 20)], isCut: false });
  });
});
