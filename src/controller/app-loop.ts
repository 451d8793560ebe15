/**
 * One app's loop, its only driver: look, decide, save, then act. A restart is the same loop with the state loaded; there
 * is no other recovery path. What to start when nothing is under way is decided in app-idle.
 */
import type { Azure } from '../azure/azure.ts';
import type { App } from '../model/app.ts';
import { InvariantError } from '../model/errors.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { Decision } from '../rollout/decide.ts';
import type { Refusal } from '../rollout/effect.ts';
import type { Rollout } from '../rollout/state.ts';
import { afterRollout, EMPTY_STATE, parseAppState } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { namesOf } from './events.ts';
import type { Events } from './events.ts';
import { idleTurn } from './app-idle.ts';
import { freshMemory } from './idle.ts';
import type { Machine } from './machine.ts';
import { observe } from './observe.ts';
import { perform } from './perform.ts';
import type { RenderGroup, StateStore, TagSource } from './ports.ts';
import { Sleeper } from './sleeper.ts';
import { supersede } from './supersede.ts';

export interface AppEdges {
  readonly owner: string;
  readonly azure: Azure;
  readonly clock: Clock;
  readonly store: StateStore;
  readonly tags: TagSource;
  readonly render: RenderGroup;
  readonly events: Events;
  /** Eight hex digits, new at each call. */
  readonly newId: () => string;
  readonly machine: Machine;
}

const SHORTEST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

export class AppLoop {
  readonly app: App;
  readonly #edges: AppEdges;
  readonly #sleeper: Sleeper;
  readonly #refusals = new Map<string, Refusal>();
  readonly #idle = freshMemory();
  #state: AppState | undefined;
  #version: string | undefined;
  #lastWaitingOn = '';

  constructor(app: App, edges: AppEdges) {
    this.app = app;
    this.#edges = edges;
    this.#sleeper = new Sleeper(edges.clock);
  }

  /** Something that may matter to this app has changed: look again now. */
  wake(): void {
    this.#sleeper.wake();
  }

  /** Runs until the signal aborts, or until a bug stops this app. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#edges;
    let retryMs = SHORTEST_RETRY_MS;
    while (!signal.aborted) {
      try {
        const wakeAt = await this.#turn(signal);
        retryMs = SHORTEST_RETRY_MS;
        await this.#sleeper.sleepUntil(wakeAt, signal);
      } catch (error) {
        if (error instanceof InvariantError) {
          events.appStopped(this.app, error);
          return;
        }
        events.appFailed(this.app, error, retryMs);
        await clock.wait(retryMs, signal);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<Instant> {
    const state = this.#state ?? (await this.#load());
    if (state.rollout !== undefined) return this.#rolloutTurn(state, state.rollout, signal);
    const turn = await idleTurn({ app: this.app, state, memory: this.#idle, ...this.#edges });
    if (turn.state !== undefined) {
      await this.#save(turn.state);
      turn.announce?.();
    }
    return turn.wakeAt;
  }

  async #load(): Promise<AppState> {
    const stored = await this.#edges.store.load(this.app.name);
    const state = stored === undefined ? EMPTY_STATE : parseAppState(this.app.name, stored.state);
    this.#version = stored?.version;
    this.#state = state;
    if (state.rollout !== undefined) this.#edges.events.rolloutResumed(state.rollout);
    return state;
  }

  async #rolloutTurn(state: AppState, rollout: Rollout, signal: AbortSignal): Promise<Instant> {
    const { azure, clock, events, tags, machine } = this.#edges;
    const superseding = supersede(rollout, { app: this.app, state, tags, machine, now: clock.now() });
    if (superseding !== undefined) {
      await this.#save({ ...state, rollout: superseding.rollout });
      events.rolloutChanged(superseding.rollout, superseding.change);
      return clock.now();
    }
    const observation = await observe(rollout, { azure, clock, refusals: this.#refusals });
    if (signal.aborted) return clock.now();
    const decision = machine.decide(rollout, observation, clock.now());
    await this.#save(stateAfter(state, decision));
    this.#announce(decision);
    if (!signal.aborted) {
      const { render } = this.#edges;
      await perform(decision.rollout, decision.effects, {
        app: this.app,
        azure,
        clock,
        events,
        render,
        refusals: this.#refusals,
      });
    }
    return decision.wakeAt;
  }

  #announce(decision: Decision): void {
    const { events } = this.#edges;
    const { rollout, change, waitingOn, until } = decision;
    if (change !== undefined) {
      events.rolloutChanged(rollout, change);
      this.#lastWaitingOn = '';
      if (change.kind === 'finished') {
        this.#refusals.clear();
        this.#idle.lastSaid = '';
        this.#idle.sweptAt = undefined;
      }
    } else if (waitingOn !== this.#lastWaitingOn) {
      this.#lastWaitingOn = waitingOn;
      events.rolloutWaiting(rollout, waitingOn, until);
    }
  }

  async #save(state: AppState): Promise<void> {
    if (JSON.stringify(state) !== JSON.stringify(this.#state)) {
      this.#version = await this.#edges.store.save(this.app.name, state, this.#version);
    }
    this.#state = state;
  }
}

function stateAfter(state: AppState, { rollout }: Decision): AppState {
  return rollout.finished === undefined ? { ...state, rollout } : afterRollout(state, rollout, namesOf(rollout));
}
