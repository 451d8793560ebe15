/** Retry: what is held against a release is forgotten (it failed, it met an outage, it was called off), so it may start. */
import type { Command } from '../model/command.ts';
import { releaseName } from '../model/release.ts';
import type { AppState } from './app-state.ts';
import { refused, said, unchanged } from './command-outcome.ts';
import type { CommandOutcome, CommandScene } from './command-outcome.ts';

export function retry(
  state: AppState,
  { release }: Extract<Command, { kind: 'retry' }>,
  scene: CommandScene,
): CommandOutcome {
  const { app, desired } = scene;
  const wanted = release ?? desired?.id;
  if (wanted === undefined) {
    return refused(`what ${app.name} should run is not known for the moment, so name the release to retry`);
  }
  const isMeant = (one: { id: string; name: string }) => one.id === wanted || one.name === wanted;
  const failed = state.condemned.filter(({ releaseId, name }) => isMeant({ id: releaseId, name }));
  const left = state.operator.refused;
  const isRefused = left !== undefined && isMeant({ id: left.release.id, name: releaseName(left.release) });
  const isDesired = desired !== undefined && isMeant({ id: desired.id, name: releaseName(desired) });
  const isLater =
    state.retry !== undefined &&
    (state.retry.releaseId === wanted || (isDesired && state.retry.releaseId === desired.id));
  const name = failed[0]?.name ?? (isRefused ? releaseName(left.release) : isDesired ? releaseName(desired) : wanted);
  if (failed.length === 0 && !isRefused && !isLater) return unchanged(`nothing is held against ${name}`);
  const forgotten: AppState = {
    ...state,
    condemned: state.condemned.filter((one) => !failed.includes(one)),
    retry: isLater ? undefined : state.retry,
  };
  return said(forgotten, isRefused ? { refused: undefined } : {}, `${name} ${whatNext(state, name)}`);
}

function whatNext({ operator }: AppState, name: string): string {
  if (operator.pause !== undefined) return 'is tried again once the app is resumed';
  if (operator.hold !== undefined) return `is tried again once the app is released (held: ${operator.hold.reason})`;
  return `is tried again, if ${name} is still what should run`;
}
