/** Hold and release: no new rollout starts, but for repairs of what serves. The reserved bypass of freeze windows, too. */
import type { Command } from '../model/command.ts';
import type { AppState } from './app-state.ts';
import { isoOf, refused, said, unchanged, words } from './command-outcome.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';

export function hold(
  state: AppState,
  { reason }: Extract<Command, { kind: 'hold' }>,
  scene: CommandScene,
): CommandOutcome {
  const { name } = scene.app;
  const before = state.operator.hold;
  if (before !== undefined && before.reason === reason) {
    return unchanged(`${name} is held since ${isoOf(before.at)}, by ${before.by}: ${reason}`);
  }
  const { rollout } = state;
  const goesOn = rollout === undefined ? '' : `; rollout ${rollout.id}, which is under way, goes on (abort ends it)`;
  const message = `${name} is held: no new rollout starts, repairs do${goesOn}`;
  return said(state, { hold: { ...words(scene), reason } }, message);
}

export function release(state: AppState, { app }: CommandScene): CommandOutcome {
  const { hold: held, refused: left } = state.operator;
  if (held === undefined) return unchanged(`${app.name} is not held`);
  const rest = left === undefined ? '' : '; what was called off is still not started by itself (retry starts it)';
  return said(state, { hold: undefined }, `${app.name} is released${rest}`);
}

export function bypass(
  state: AppState,
  { windows, until }: Extract<Command, { kind: 'bypass' }>,
  scene: CommandScene,
): CommandOutcome {
  if (until <= scene.now) return refused(`${isoOf(until)} is over already`);
  const before = state.operator.bypass;
  const isSame = before?.until === until && before.windows.join('\n') === windows.join('\n');
  if (isSame) return unchanged(`${windows.join(', ')} do not count until ${isoOf(until)} already`);
  const message = `freeze windows ${windows.join(', ')} do not count until ${isoOf(until)}`;
  return said(state, { bypass: { ...words(scene), windows, until } }, message);
}
