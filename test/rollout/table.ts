/**
 * Transition tables: each row is a situation of a world in which a rollout has just entered a step, and what is decided
 * there in one line, such as `waits → stop live: stopGroup web-1`.
 */
import { expect, test } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import type { Decision } from '../../src/rollout/decide.ts';
import type { Effect } from '../../src/rollout/effect.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Rollout } from '../../src/rollout/state.ts';
import type { World } from './world.ts';

export interface Scene<W extends World = World> {
  readonly world: W;
  readonly rollout: Rollout;
}
/** Changes the world, or gives another rollout. */
export type Situation<W extends World = World> = (world: W, rollout: Rollout) => Rollout | void;
export type Row<W extends World = World> = readonly [situation: string, make: Situation<W>, expected: string];

export const asItIs: Situation = () => undefined;
export const groupsUnseen: Situation = (world) => void (world.groupsKnown = false);

/** One after the other. */
export function both<W extends World>(...situations: readonly Situation<W>[]): Situation<W> {
  return (world, rollout) => {
    let current = rollout;
    for (const situation of situations) current = situation(world, current) ?? current;
    return current;
  };
}

export function afterMs(ms: number): Situation {
  return (world) => void (world.now += ms);
}

/** `tell`: how an effect is told. */
export function cell(
  { change, rollout, effects }: Decision,
  tell: (effect: Effect) => string = ({ kind, group }) => `${kind} ${group.name}`,
): string {
  const step = currentStep(rollout);
  const fault = change?.kind === 'turnedBack' ? ` (${change.fault})` : '';
  const doing = effects.length === 0 ? '' : `: ${effects.map((effect) => tell(effect)).join(', ')}`;
  return `${change?.kind ?? 'waits'}${fault} → ${step === undefined ? 'end' : `${step.kind} ${step.side}`}${doing}`;
}

/** A test for each row, and one that what is decided once is decided twice. */
export function testTable<W extends World>(
  rows: readonly Row<W>[],
  scene: () => Scene<W>,
  show: (decision: Decision) => string = cell,
): void {
  test.each(rows.map(([situation, make, expected]) => ({ situation, make, expected })))(
    '$situation: $expected',
    ({ make, expected }) => {
      const { world, rollout } = scene();
      const prepared = make(world, rollout) ?? rollout;
      expect(show(world.step(prepared))).toBe(expected);
    },
  );

  test('decides the same twice', () => {
    const { world, rollout } = scene();
    const seen = world.observe(rollout);
    expect(decide(rollout, seen, world.now)).toEqual(decide(rollout, seen, world.now));
  });
}
