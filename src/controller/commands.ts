/**
 * Applies a command to the state of an app, as last read: the state with it, or why nothing changes. Pure:
 * it is saved, logged and answered by the loop. Each command is idempotent.
 */
import type { Command } from '../model/command.ts';
import type { AppState } from './app-state.ts';
import { bypass, hold, release } from './command-hold.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';
import { pause, resume } from './command-pause.ts';
import { retry } from './command-retry.ts';
import { rollback } from './command-rollback.ts';
import { abort, promote } from './command-rollout.ts';
import { audited } from './operator-state.ts';

export function applyCommand(state: AppState, command: Command, scene: CommandScene): CommandOutcome {
  const outcome = apply(state, command, scene);
  if (outcome.kind !== 'applied') return outcome;
  const { caller, now } = scene;
  const entry = { at: now, by: caller.by, from: caller.from, command: command.kind, outcome: outcome.message };
  return { ...outcome, state: { ...outcome.state, operator: audited(outcome.state.operator, entry) } };
}

function apply(state: AppState, command: Command, scene: CommandScene): CommandOutcome {
  switch (command.kind) {
    case 'promote':
      return promote(state, command, scene);
    case 'pause':
      return pause(state, command, scene);
    case 'resume':
      return resume(state, scene);
    case 'abort':
      return abort(state, command, scene);
    case 'retry':
      return retry(state, command, scene);
    case 'rollback':
      return rollback(state, command, scene);
    case 'hold':
      return hold(state, command, scene);
    case 'release':
      return release(state, scene);
    case 'bypass':
      return bypass(state, command, scene);
  }
}
