/**
 * Rollback: the rollout under way is called off, or an earlier release of the history is asked for. What was left is not
 * started again by itself; where the config says so, nothing is until the app is released.
 */
import type { Command } from '../model/command.ts';
import { releaseName } from '../model/release.ts';
import type { AppState } from './app-state.ts';
import { isAnother, refused, said, unchanged, words } from './command-outcome.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';
import { turnBackFor } from './command-rollout.ts';
import { earlierReleases, findEarlier } from './earlier-releases.ts';
import type { EarlierRelease } from './earlier-releases.ts';

export function rollback(
  state: AppState,
  command: Extract<Command, { kind: 'rollback' }>,
  scene: CommandScene,
): CommandOutcome {
  const { rollout } = state;
  const another = isAnother(rollout, command.rollout);
  if (another !== undefined) return refused(another);
  if (rollout === undefined) return askFor(state, command.release, scene);
  const live = rollout.live?.release;
  const asked = command.release;
  if (asked !== undefined && asked !== live?.id && asked !== (live && releaseName(live))) {
    return refused(
      `rollout ${rollout.id} is under way and can only go back to ${live === undefined ? 'nothing' : releaseName(live)}; ` +
        `roll back without naming a release, and to ${asked} once that has ended`,
    );
  }
  const turned = turnBackFor(state, rollout, { ...scene, reason: undefined, after: 'rollback' });
  return turned.kind === 'applied' ? { ...turned, state: withHold(turned.state, candidateOf(state), scene) } : turned;
}

function askFor(state: AppState, asked: string | undefined, scene: CommandScene): CommandOutcome {
  const { live, operator } = state;
  const { app } = scene;
  if (live === undefined) return refused(`${app.name} runs nothing yet, so there is nothing to roll back`);
  const name = releaseName(live.release);
  if (operator.rollback !== undefined && (asked === undefined || isNamed(operator.rollback, asked))) {
    return unchanged(`${app.name} is to be rolled back to ${operator.rollback.name} already`);
  }
  if (asked === live.release.id || asked === name) return unchanged(`${app.name} runs ${name} already`);
  const { refused: left } = operator;
  if (asked === undefined && left?.after === 'rollback' && left.release.id !== live.release.id) {
    const from = releaseName(left.release);
    return unchanged(
      `${app.name} was rolled back from ${from} to ${name} already; name the release to go further back`,
    );
  }
  const earlier = earlierReleases(state);
  const to = asked === undefined ? earlier[0] : findEarlier(earlier, asked);
  if (to === undefined) return refused(noSuchRelease(asked, earlier, name));
  const wanted = { ...words(scene), to: to.releaseId, name: to.name };
  const next: AppState = {
    ...state,
    operator: { ...operator, refused: { ...words(scene), release: live.release, after: 'rollback' } },
  };
  const message = `${app.name} is to be rolled back from ${name} to ${to.name}; ${afterwards(scene, name)}`;
  return said(withHold(next, name, scene), { rollback: wanted }, message);
}

/** A hold of another reason stays. */
function withHold(state: AppState, from: string, scene: CommandScene): AppState {
  const { operator } = state;
  if (scene.app.afterRollback !== 'hold' || operator.hold !== undefined) return state;
  return { ...state, operator: { ...operator, hold: { ...words(scene), reason: `rolled back from ${from}` } } };
}

function afterwards({ app }: CommandScene, name: string): string {
  return app.afterRollback === 'hold'
    ? 'then it is held until it is released'
    : `${name} is not started again until it is retried, a newer one is`;
}

function isNamed({ to, name }: { to: string; name: string }, asked: string): boolean {
  return to === asked || name === asked;
}

function candidateOf({ rollout }: AppState): string {
  return rollout?.candidate === undefined ? 'a rollout' : releaseName(rollout.candidate.release);
}

const MOST_NAMED = 10;

function noSuchRelease(asked: string | undefined, earlier: readonly EarlierRelease[], live: string): string {
  if (asked === undefined || earlier.length === 0) return `the history knows of no release that ran before ${live}`;
  const names = earlier.slice(0, MOST_NAMED).map(({ name, releaseId }) => `${name} (${releaseId})`);
  return `the history has no release ${asked}; it has ${names.join(', ')}`;
}
