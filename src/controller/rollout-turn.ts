/** The parts of a turn with a rollout under way that only read: what is known of it, and what its end leaves in the state. */
import { NO_REQUESTS } from '../azure/request-counter.ts';
import type { App } from '../model/app.ts';
import type { Decision } from '../rollout/decide.ts';
import type { Vote } from '../rollout/observation.ts';
import type { Rollout } from '../rollout/state.ts';
import { afterRollout } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { namesOf } from './event-words.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import type { Gates } from './gates.ts';
import { maskBy } from './mask-by.ts';
import type { ReadSecrets, TakeRequests } from './ports.ts';
import { templateOf } from './retained.ts';
import { supersede } from './supersede.ts';
import type { Turned } from './supersede.ts';

interface Known {
  readonly app: App;
  readonly state: AppState;
}

/** By the secrets of the template that the candidate was made by, for this turn only. */
export function maskOf(
  { app, state }: Known,
  { candidate }: Rollout,
  readSecrets: ReadSecrets,
): (text: string) => Promise<string> {
  const own = candidate === undefined ? undefined : templateOf(state, app, candidate.release);
  return maskBy(() => readSecrets({ template: own ?? app.template }));
}

/** A repair is not given up for what may have to wait for its turn: it would begin again meanwhile, and be given up again. */
export function superseded(
  rollout: Rollout,
  given: Parameters<typeof supersede>[1] & Known & { readonly gates: Gates | undefined },
): Turned | undefined {
  const { gates, app, state } = given;
  const mustGoOn = rollout.reason === 'repair' && gates?.hasTurns(app) === true;
  return mustGoOn ? undefined : supersede(rollout, { ...given, isClosed: gates?.isClosed(app, state) === true });
}

/** Requests are counted only with what is saved anyway: a look alone writes nothing. */
export function withRequests(decision: Decision, take: () => ReturnType<TakeRequests> | undefined): Decision {
  if (decision.change === undefined) return decision;
  const { reads, writes } = take() ?? NO_REQUESTS;
  const { requests } = decision.rollout;
  const sum = { reads: requests.reads + reads, writes: requests.writes + writes };
  return { ...decision, rollout: { ...decision.rollout, requests: sum } };
}

/** Undefined before its end. */
export function figuresAtEnd({ app, state }: Known, rollout: Rollout): Figures | undefined {
  if (rollout.finished === undefined) return undefined;
  const { candidate } = rollout;
  const template = candidate === undefined ? undefined : templateOf(state, app, candidate.release);
  return figuresOf(rollout, { template: template?.document, prices: app.prices });
}

export function stateAfter(state: AppState, rollout: Rollout, figures: Figures | undefined): AppState {
  if (rollout.finished === undefined) return { ...state, rollout };
  return afterRollout(state, rollout, { ...namesOf(rollout), figures });
}

/** Each person's word for this rollout. */
export function votesOf({ operator }: AppState, { id }: Rollout): readonly Vote[] {
  return operator.votes.filter(({ rollout }) => rollout === id);
}
