/** Carries out the commands that wait, on the state just read: each is saved before it is answered and logged. */
import type { App } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { AppState } from './app-state.ts';
import type { Asked, CommandQueue } from './command-queue.ts';
import type { CommandOutcome } from './command-outcome.ts';
import { applyCommand } from './commands.ts';
import type { Events } from './events.ts';
import type { Machine } from './machine.ts';
import type { TagSource } from './ports.ts';

export interface ObeyGiven {
  readonly app: App;
  readonly clock: Clock;
  readonly tags: Pick<TagSource, 'latest'>;
  readonly machine: Pick<Machine, 'desiredRelease'>;
  readonly events: Events;
  /** False where the term is over: nothing is saved. */
  readonly save: (state: AppState, announce: () => void) => Promise<boolean>;
}

/** The state with all of them; undefined where the term is over. Throws where a save does: what waits is tried again. */
export async function obey(queue: CommandQueue, read: AppState, given: ObeyGiven): Promise<AppState | undefined> {
  let state = read;
  for (const asked of queue.waiting) {
    // It may have waited for too long while the one before was saved.
    if (!queue.waiting.includes(asked)) continue;
    const outcome = applyCommand(state, asked.command, sceneOf(state, asked, given));
    if (outcome.kind !== 'applied') {
      answer(asked, outcome, given);
      continue;
    }
    asked.isTried = true;
    if (!(await given.save(outcome.state, () => answer(asked, outcome, given)))) return undefined;
    state = outcome.state;
  }
  return state;
}

function sceneOf(state: AppState, { caller }: Asked, { app, clock, tags, machine }: ObeyGiven) {
  const now = clock.now();
  const desired = machine.desiredRelease(app, state.live?.release, { latest: (source) => tags.latest(source), now });
  return { app, caller, now, desired: desired.kind === 'release' ? desired.release : undefined };
}

function answer(asked: Asked, outcome: CommandOutcome, { app, events }: ObeyGiven): void {
  const { command, caller } = asked;
  switch (outcome.kind) {
    case 'applied': {
      events.commandApplied(app.name, command, { ...caller, outcome: outcome.message });
      const { rollout } = outcome.state;
      if (outcome.change !== undefined && rollout !== undefined) events.rolloutChanged(rollout, outcome.change);
      return asked.answer({ kind: 'applied', message: outcome.message });
    }
    case 'unchanged':
      events.commandUnchanged(app.name, command, { ...caller, outcome: outcome.message });
      return asked.answer(outcome);
    case 'refused':
      events.commandRefused(app.name, command, { ...caller, because: 'situation', outcome: outcome.message });
      return asked.answer({ ...outcome, because: 'situation' });
  }
}
