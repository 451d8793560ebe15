/**
 * One app's stored state in the hands of one driver. Who takes an app over writes its name first, so that whatever the one
 * before still has to save comes too late; who saves without an answer finds out at the next look whether it was written.
 */
import type { App } from '../model/app.ts';
import { StoreConflictError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { resume } from '../rollout/resume.ts';
import type { Rollout } from '../rollout/state.ts';
import { EMPTY_STATE, parseAppState } from './app-state.ts';
import type { AppState, Saved, SaveId } from './app-state.ts';
import type { Leadership } from './leadership.ts';
import type { StateStore } from './ports.ts';
import { resumeTtl } from './ttl-memory.ts';

export interface AppDocumentGiven {
  readonly app: App;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly leadership: Leadership;
  /** Of this life, another one after each start. */
  readonly life: string;
  /** It goes on in other hands than before. */
  readonly onResumed: (rollout: Rollout) => void;
}

/** A save whose answer never came. */
interface Unsure {
  readonly id: SaveId;
  readonly announce: () => void;
}

const MOST_UNSURE = 10;

export class AppDocument {
  readonly #given: AppDocumentGiven;
  #term: number | undefined;
  /** As last saved or loaded in this term, with the text that a save would write but for its id. */
  #kept: { readonly state: AppState; readonly text: string } | undefined;
  #version: string | undefined;
  #count = 0;
  #unsure: Unsure[] = [];

  constructor(given: AppDocumentGiven) {
    this.#given = given;
  }

  /** As last saved or loaded in this term; undefined before that. */
  get known(): AppState | undefined {
    return this.#kept?.state;
  }

  /** What was loaded in another term may be out of date. */
  enter(term: number): void {
    if (term === this.#term) return;
    this.#term = term;
    this.#kept = undefined;
  }

  /** Undefined where the term is over. Throws where the store cannot be read or written, or holds what cannot be read. */
  async read(): Promise<AppState | undefined> {
    if (this.#kept !== undefined) return this.#kept.state;
    const { app, store, clock, onResumed } = this.#given;
    const stored = await store.load(app.name);
    const loaded = stored === undefined ? EMPTY_STATE : parseAppState(app.name, stored.state);
    this.#version = stored?.version;
    this.#announceFound(loaded.saved);
    if (loaded.saved?.by === this.#by()) {
      this.#kept = { state: loaded, text: textOf(loaded) };
      return loaded;
    }
    if (this.#isOver()) return undefined;
    const { rollout } = loaded;
    const resumed = rollout === undefined ? undefined : resume(rollout);
    const { propagationMarginMs: lagMs } = app.rollout;
    const state = { ...loaded, rollout: resumed, ttl: resumeTtl(loaded.ttl, clock.now(), { lagMs }) };
    return this.#write({ next: state, text: textOf(state), before: loaded.saved }, () =>
      rollout === undefined ? undefined : onResumed(rollout),
    );
  }

  /** Compare and swap. `announce` is called once it is known to be written. False where the term is over: nothing is saved. */
  async save(state: AppState, announce: () => void): Promise<boolean> {
    if (this.#isOver()) return false;
    const text = textOf(state);
    if (text === this.#kept?.text) announce();
    else await this.#write({ next: state, text, before: this.#kept?.state.saved?.before }, announce);
    return true;
  }

  /** `text`: of `next`. */
  async #write(
    { next, text, before }: { next: AppState; text: string; before: SaveId | undefined },
    announce: () => void,
  ): Promise<AppState> {
    const { app, store } = this.#given;
    const id: SaveId = { by: this.#by(), count: (this.#count += 1) };
    const state = { ...next, saved: { ...id, before: before === undefined ? undefined : idOf(before) } };
    try {
      this.#version = await store.save(app.name, state, this.#version);
    } catch (error) {
      this.#kept = undefined;
      if (!(error instanceof StoreConflictError))
        this.#unsure = [...this.#unsure, { id, announce }].slice(-MOST_UNSURE);
      throw error;
    }
    // What had no answer until now can never be written any more.
    this.#unsure = [];
    this.#kept = { state, text };
    announce();
    return state;
  }

  /** The last save, or the last one of the driver before, may be one of ours that had no answer. */
  #announceFound(saved: Saved | undefined): void {
    for (const id of [saved?.before, saved]) {
      const found = this.#unsure.find(({ id: own }) => own.by === id?.by && own.count === id.count);
      if (found === undefined) continue;
      this.#unsure = this.#unsure.filter((one) => one !== found);
      found.announce();
    }
  }

  #isOver(): boolean {
    return this.#given.leadership.term(this.#given.app.name) !== this.#term;
  }

  #by(): string {
    return `${this.#given.life}.${this.#term}`;
  }
}

function idOf({ by, count }: SaveId): SaveId {
  return { by, count };
}

/** What tells whether a save would change anything. */
function textOf(state: AppState): string {
  return JSON.stringify({ ...state, saved: undefined });
}
