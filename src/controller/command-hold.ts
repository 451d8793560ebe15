/** Hold and release: no new rollout starts, but for repairs of what serves. Bypass: its windows do not count for a while. */
import type { Command } from '../model/command.ts';
import type { AppState } from './app-state.ts';
import { isoOf, said, unchanged, words } from './command-outcome.ts';
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
  { forMs }: Extract<Command, { kind: 'bypass' }>,
  { app, caller, now }: CommandScene,
): CommandOutcome {
  const { bypass: before } = state;
  const isInForce = before !== undefined && now < before.until;
  if (forMs === 0) {
    if (!isInForce) return unchanged(`no window of ${app.name} is bypassed`);
    return said({ ...state, bypass: undefined }, {}, `the windows of ${app.name} count again`);
  }
  const until = now + forMs;
  if (isInForce && before.until >= until) {
    return unchanged(`the windows of ${app.name} do not count until ${isoOf(before.until)} already, by ${before.by}`);
  }
  const message = `the windows of ${app.name} do not count until ${isoOf(until)}`;
  return said({ ...state, bypass: { by: caller.by, until } }, {}, message);
}
