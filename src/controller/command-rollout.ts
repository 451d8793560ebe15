/** Promote and abort: what is said to the rollout under way. */
import type { Command } from '../model/command.ts';
import { currentStep, isPastNoReturn, leavesStacks } from '../rollout/state.ts';
import type { Rollout } from '../rollout/state.ts';
import type { AppState } from './app-state.ts';
import { candidateName, isAnother, refused, said, unchanged, words } from './command-outcome.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';
import type { RefusedRelease } from './operator-state.ts';
import { callOff } from './supersede.ts';

export function promote(
  state: AppState,
  { full, rollout: meant }: Extract<Command, { kind: 'promote' }>,
  scene: CommandScene,
): CommandOutcome {
  const { rollout, operator } = state;
  const another = isAnother(rollout, meant);
  if (another !== undefined) return refused(another);
  if (rollout === undefined) return refused(`${scene.app.name} has no rollout under way that could be promoted`);
  if (rollout.candidate === undefined) {
    return refused(`rollout ${rollout.id} (${rollout.reason}) waits for nobody, so there is nothing to promote`);
  }
  if (rollout.backPlan !== undefined) {
    return refused(
      `rollout ${rollout.id} is on its way back, so ${candidateName(rollout)} cannot be promoted any more`,
    );
  }
  const { by } = scene.caller;
  const own = operator.votes.filter((vote) => vote.rollout === rollout.id);
  const before = own.find((vote) => vote.by === by);
  // A word said at one gate does not count at the next.
  const counts = before !== undefined && (before.full || before.at >= rollout.enteredAt);
  if (before !== undefined && counts && (before.full || !full)) {
    return unchanged(`${by} has promoted rollout ${rollout.id} already`);
  }
  const votes = [...own.filter((vote) => vote !== before), { ...words(scene), rollout: rollout.id, full }];
  const how = full ? 'past every further wait' : `at ${currentStep(rollout)?.kind ?? 'its end'}`;
  return said(state, { votes }, `${candidateName(rollout)} (rollout ${rollout.id}) is promoted by ${by}, ${how}`);
}

export function abort(
  state: AppState,
  { reason, rollout: meant }: Extract<Command, { kind: 'abort' }>,
  scene: CommandScene,
): CommandOutcome {
  const { rollout, operator } = state;
  const another = isAnother(rollout, meant);
  if (another !== undefined) return refused(another);
  if (rollout !== undefined) return turnBackFor(state, rollout, { ...scene, reason, after: 'abort' });
  if (operator.rollback !== undefined) {
    const held = operator.hold === undefined ? '' : '; the app is still held';
    const message = `the rollback to ${operator.rollback.name}, which has not begun, is called off${held}`;
    const isStill = operator.refused?.release.id === state.live?.release.id;
    return said(state, { rollback: undefined, refused: isStill ? undefined : operator.refused }, message);
  }
  return refused(`${scene.app.name} has no rollout under way that could be aborted`);
}

/** Goes back, and does not start the same again by itself. */
export function turnBackFor(
  state: AppState,
  rollout: Rollout,
  scene: CommandScene & { readonly reason: string | undefined; readonly after: RefusedRelease['after'] },
): CommandOutcome {
  const { caller, now, reason, after } = scene;
  if (isPastNoReturn(rollout)) return refused(whyNotBack(rollout));
  const name = candidateName(rollout);
  const isWanted = rollout.reason === 'newRelease' || rollout.reason === 'firstDeployment';
  const release = isWanted ? rollout.candidate?.release : undefined;
  const isRefusedAlready = release === undefined || state.operator.refused?.release.id === release.id;
  const operator = isRefusedAlready ? {} : { refused: { ...words(scene), release, after } };
  if (rollout.backPlan !== undefined) {
    if (isRefusedAlready) return unchanged(`rollout ${rollout.id} is on its way back already`);
    return said(
      state,
      operator,
      `rollout ${rollout.id} is on its way back already; ${name} is not started again by itself`,
    );
  }
  const what = after === 'abort' ? 'aborted' : 'rolled back';
  const why = `${what} by ${caller.by}${reason === undefined ? '' : `: ${reason}`}`;
  const turned = callOff(rollout, { outcome: 'Aborted', reason: why }, now);
  if (turned === undefined) return refused(`rollout ${rollout.id} is at its end and cannot be turned back any more`);
  const paused = state.operator.pause === undefined ? '' : '; it is paused, so the way back begins once it is resumed';
  const message = `rollout ${rollout.id} goes back${afterwards(rollout, name)}${paused}`;
  const outcome = said({ ...state, rollout: turned.rollout }, operator, message);
  return outcome.kind === 'applied' ? { ...outcome, change: turned.change } : outcome;
}

function afterwards(rollout: Rollout, name: string): string {
  const { reason } = rollout;
  if (reason === 'repair' || leavesStacks(rollout))
    return '; what is still broken is mended anew (pause keeps it from that)';
  if (reason === 'rollback') return '; what ran before the rollback goes on';
  return `; ${name} is not started again until it is retried, a newer one is`;
}

function whyNotBack({ id, reason, candidate, live }: Rollout): string {
  if (candidate === undefined) {
    return `rollout ${id} (${reason}) takes away what nothing needs, and has no way back; pause stops it where it is`;
  }
  const groups = live === undefined ? 'groups' : 'groups of the old stack';
  return `rollout ${id} is past the point of no return: ${groups} are being deleted or stopped, so it can only be finished; roll back afterwards`;
}
