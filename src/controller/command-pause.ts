/**
 * Pause and resume. A paused app looks at nothing and changes nothing, whether a rollout is under way or not; what is
 * deployed meanwhile waits. Its deadline waits, too. What nobody has looked at for so long is timed anew afterwards.
 */
import type { Command } from '../model/command.ts';
import type { Instant } from '../model/time.ts';
import { shiftDeadlines } from '../rollout/held.ts';
import { resume as timeAnew } from '../rollout/resume.ts';
import { currentStep } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import { isoOf, said, unchanged, words } from './command-outcome.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';

export function pause(
  state: AppState,
  { reason }: Extract<Command, { kind: 'pause' }>,
  scene: CommandScene,
): CommandOutcome {
  const { rollout, operator } = state;
  if (operator.pause !== undefined) {
    const { by, at } = operator.pause;
    return unchanged(`${scene.app.name} is paused since ${isoOf(at)}, by ${by}`);
  }
  const step = rollout === undefined ? undefined : currentStep(rollout);
  const what =
    rollout === undefined
      ? 'no rollout and no repair starts'
      : `rollout ${rollout.id} stops${step === undefined ? '' : ` at ${step.kind}`}, and its deadline with it`;
  return said(
    state,
    { pause: { ...words(scene), reason } },
    `${scene.app.name} is paused: ${what} until it is resumed`,
  );
}

export function resume(state: AppState, scene: CommandScene): CommandOutcome {
  const { rollout, operator } = state;
  const { app, now } = scene;
  if (operator.pause === undefined) return unchanged(`${app.name} is not paused`);
  const since = operator.pause.at;
  const resumed = rollout === undefined ? undefined : timeAnew(afterPause(rollout, since, now));
  const step = resumed === undefined ? undefined : currentStep(resumed);
  const what = resumed === undefined ? 'it goes on' : `rollout ${resumed.id} goes on at ${step?.kind ?? 'its end'}`;
  return said({ ...state, rollout: resumed }, { pause: undefined }, `${app.name} is resumed: ${what}`);
}

/** The time that the present step was paused is held time, and none of a bake, nor of what people have for a gate. */
function afterPause(rollout: Rollout, since: Instant, now: Instant): Rollout {
  const byMs = Math.max(0, now - Math.max(since, rollout.enteredAt));
  return { ...shiftDeadlines(rollout, byMs), pausedMs: (rollout.pausedMs ?? 0) + byMs };
}
