/**
 * Finds the apps that have left the config, or have another name there now: those that the store knows and the config does
 * not. Where several daemons share the work, another one may run an older config, or a newer one: there an app has left
 * it only where two looks show so while all agree, and one that was seen to may come back.
 */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Clock } from '../model/time.ts';
import { parseAppState } from './app-state.ts';
import type { Events } from './events.ts';
import type { StateStore } from './ports.ts';
import type { Removal } from './removed.ts';

export interface RemovedGiven {
  readonly settings: Pick<Settings, 'apps' | 'onRemoval'>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly events: Events;
  /** Where several daemons share the work: true while all run the same config. */
  readonly isAgreed: (() => boolean) | undefined;
  /** Drives one until nothing is left to do for it. */
  readonly run: (app: App, removal: Removal) => Promise<void>;
}

interface Found {
  readonly app: App;
  /** Another one once a daemon whose config has the app has deployed it. */
  readonly mark: string;
}

const RETRY_MS = MINUTE;
const LOOK_EVERY_MS = 5 * MINUTE;
const CONFIRM_AFTER_MS = 30 * SECOND;
const STALLED = 'stalled';

/** Alone, the config is that of the start: it looks once. Ends when all are seen to, or when the signal aborts. */
export async function seeToRemoved(given: RemovedGiven, signal: AbortSignal): Promise<void> {
  const { clock, isAgreed } = given;
  const removed = new RemovedApps(given, signal);
  if (isAgreed === undefined) {
    await Promise.all((await removed.names()).map((name) => removed.seeTo(name)));
    return;
  }
  const running = new Map<string, Promise<void>>();
  let before: readonly string[] = [];
  while (!signal.aborted) {
    const names = isAgreed() ? await removed.names() : [];
    // The list may have taken a while.
    const seen = isAgreed() ? names : [];
    for (const name of seen.filter((one) => before.includes(one) && !running.has(one))) {
      running.set(
        name,
        removed.seeTo(name).finally(() => running.delete(name)),
      );
    }
    const isSettled = isAgreed() && seen.every((name) => before.includes(name));
    before = seen;
    await clock.wait(isSettled ? LOOK_EVERY_MS : CONFIRM_AFTER_MS, signal);
  }
  await Promise.all(running.values());
}

class RemovedApps {
  readonly #given: RemovedGiven;
  readonly #signal: AbortSignal;
  /** The mark that each was left with. */
  readonly #left = new Map<string, string>();

  constructor(given: RemovedGiven, signal: AbortSignal) {
    this.#given = given;
    this.#signal = signal;
  }

  async names(): Promise<readonly string[]> {
    const { store, settings } = this.#given;
    const names = (await this.#persist('the state', () => store.list())) ?? [];
    return names.filter((name) => !settings.apps.some((app) => app.name === name));
  }

  /** Not again where nobody has changed it since. */
  async seeTo(name: string): Promise<void> {
    if (this.#left.get(name) === STALLED) return;
    const found = await this.#find(name);
    if (found === undefined || found.mark === this.#left.get(name)) return;
    const { settings, isAgreed, run } = this.#given;
    const successors = settings.apps.filter(({ traffic }) => isSameProfile(traffic, found.app.traffic));
    await run(found.app, { onRemoval: settings.onRemoval, successors });
    const left = isAgreed === undefined || this.#signal.aborted ? undefined : await this.#find(name);
    if (left !== undefined) this.#left.set(name, left.mark);
  }

  /** Undefined where nothing of it is left, or a person must act. */
  async #find(name: string): Promise<Found | undefined> {
    const found = await this.#persist(name, async () => (await loadRemoved(name, this.#given.store)) ?? 'gone');
    if (found === undefined) this.#left.set(name, STALLED);
    return found === 'gone' ? undefined : found;
  }

  /** Again and again, unless a person must mend it. */
  async #persist<Result>(what: string, attempt: () => Promise<Result>): Promise<Result | undefined> {
    const { clock, events } = this.#given;
    while (!this.#signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        events.removedFailed(what, error);
        if (error instanceof StalledError) return undefined;
        await clock.wait(RETRY_MS, this.#signal);
      }
    }
    return undefined;
  }
}

function isSameProfile(a: App['traffic'], b: App['traffic']): boolean {
  if (a === undefined || b === undefined) return false;
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return isSame(a.profile, b.profile) && isSame(a.resourceGroup, b.resourceGroup);
}

/** The app as it was last configured; undefined where nothing of it is left. */
async function loadRemoved(name: string, store: StateStore): Promise<Found | undefined> {
  const stored = await store.load(name);
  if (stored === undefined) return undefined;
  const { live, rollout, retained, setup } = parseAppState(name, stored.state);
  if (live === undefined && rollout === undefined && retained.length === 0) return undefined;
  if (setup === undefined) {
    throw new StalledError(
      `app ${name} has left the config, and its stored state does not say how it was set up; ` +
        'put it back into the config once, or take its groups away by hand',
    );
  }
  const template = { file: '(removed)', document: {}, hash: 'removed', containers: [] };
  const app = {
    name,
    images: [],
    template,
    locations: [],
    replicas: 0,
    settleMs: 0,
    repairAfterMs: 0,
    ...setup,
  };
  return { app, mark: `${live?.id} ${rollout?.id}` };
}
