/**
 * Finds the apps that have left the config, or have another name there now: those that the store knows and the config does
 * not. Where several daemons share the work, another one may run an older config, or a newer one: there an app has left
 * it only where two looks show so while all agree, and one that was seen to may come back. Where the config changes while
 * the daemon runs, it has to stand for half a minute first.
 */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import { parseAppState } from './app-state.ts';
import type { Events } from './events.ts';
import { mayComeBackUntil } from './left-of-removed.ts';
import type { FollowedConfig, StateStore } from './ports.ts';
import type { Removal } from './removed.ts';
import { Sleeper } from './sleeper.ts';

export interface RemovedGiven {
  /** Of the start. */
  readonly settings: RemovedSettings;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly events: Events;
  /** Where several daemons share the work: true while all run the same config. */
  readonly isAgreed: (() => boolean) | undefined;
  /** Where the config may change; that of the start counts where absent. */
  readonly followed?: Pick<FollowedConfig, 'isInForce'>;
  /** Drives one until nothing is left to do for it, or another config counts. */
  readonly run: (app: App, removal: Removal) => Promise<void>;
}

type RemovedSettings = Pick<Settings, 'apps' | 'onRemoval'>;

interface Found {
  readonly app: App;
  /** Another one once a daemon whose config has the app has deployed it. */
  readonly mark: string;
}

const RETRY_MS = MINUTE;
const LOOK_EVERY_MS = 5 * MINUTE;
const CONFIRM_AFTER_MS = 30 * SECOND;
const STALLED = 'stalled';

export class RemovedApps {
  readonly #given: RemovedGiven;
  readonly #sleeper: Sleeper;
  #settings: RemovedSettings;
  /** The mark that each was left with. */
  readonly #left = new Map<string, string>();
  readonly #running = new Map<string, Promise<void>>();
  #changedAt: Instant | undefined;

  constructor(given: RemovedGiven) {
    this.#given = given;
    this.#settings = given.settings;
    this.#sleeper = new Sleeper(given.clock);
  }

  /** Another config counts: those that are under way begin anew by that, half a minute later. */
  follow(settings: RemovedSettings): void {
    if (settings.onRemoval !== this.#settings.onRemoval) this.#left.clear();
    for (const [name, mark] of this.#left)
      if (mark === STALLED || settings.apps.some((app) => app.name === name)) this.#left.delete(name);
    this.#settings = settings;
    this.#changedAt = this.#given.clock.now();
    this.#sleeper.wake();
  }

  /** Alone with a config that stays that of the start, it looks once. Ends when all are seen to, or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { isAgreed, followed } = this.#given;
    const isInForce = () => followed?.isInForce() !== false;
    if (isAgreed !== undefined) await this.#runShared(() => isAgreed() && isInForce(), signal);
    else if (followed !== undefined) await this.#runAlone(isInForce, signal);
    else for (const name of await this.#names(signal)) this.#begin(name, signal);
    await Promise.all(this.#running.values());
  }

  async #runAlone(isInForce: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#given;
    while (!signal.aborted) {
      const changedAt = this.#changedAt;
      const isStanding = changedAt === undefined || clock.now() >= changedAt + CONFIRM_AFTER_MS;
      const names = isStanding && isInForce() ? await this.#names(signal) : [];
      // The list may have taken a while.
      const isSettled = isStanding && isInForce() && changedAt === this.#changedAt;
      if (isSettled) for (const name of names) this.#begin(name, signal);
      await this.#sleeper.sleepUntil(clock.now() + (isSettled ? LOOK_EVERY_MS : CONFIRM_AFTER_MS), signal);
    }
  }

  async #runShared(isAgreed: () => boolean, signal: AbortSignal): Promise<void> {
    let before: readonly string[] = [];
    while (!signal.aborted) {
      const names = isAgreed() ? await this.#names(signal) : [];
      // The list may have taken a while.
      const seen = isAgreed() ? names : [];
      for (const name of seen.filter((one) => before.includes(one))) this.#begin(name, signal);
      const isSettled = isAgreed() && seen.every((name) => before.includes(name));
      before = seen;
      await this.#given.clock.wait(isSettled ? LOOK_EVERY_MS : CONFIRM_AFTER_MS, signal);
    }
  }

  #begin(name: string, signal: AbortSignal): void {
    if (this.#running.has(name)) return;
    this.#running.set(
      name,
      this.#seeTo(name, signal).finally(() => this.#running.delete(name)),
    );
  }

  async #names(signal: AbortSignal): Promise<readonly string[]> {
    const names = (await this.#persist('the state', signal, () => this.#given.store.list())) ?? [];
    return names.filter((name) => !this.#isConfigured(name));
  }

  #isConfigured(name: string): boolean {
    return this.#settings.apps.some((app) => app.name === name);
  }

  /** Not again where nobody has changed it since. */
  async #seeTo(name: string, signal: AbortSignal): Promise<void> {
    if (this.#left.get(name) === STALLED) return;
    const settings = this.#settings;
    const found = await this.#find(name, signal);
    if (found === undefined || found.mark === this.#left.get(name) || settings !== this.#settings) return;
    const successors = settings.apps.filter(({ traffic }) => isSameProfile(traffic, found.app.traffic));
    await this.#given.run(found.app, { onRemoval: settings.onRemoval, successors });
    if (signal.aborted || settings !== this.#settings) return;
    const left = await this.#find(name, signal);
    if (left !== undefined && settings === this.#settings) this.#left.set(name, left.mark);
  }

  /** Undefined where nothing of it is left, or a person must act. */
  async #find(name: string, signal: AbortSignal): Promise<Found | undefined> {
    const found = await this.#persist(name, signal, async () => (await this.#load(name)) ?? 'gone');
    if (found === undefined) this.#left.set(name, STALLED);
    return found === 'gone' ? undefined : found;
  }

  #load(name: string): Promise<Found | undefined> {
    const { store, clock } = this.#given;
    const isRetired = this.#settings.onRemoval === 'retire';
    return loadRemoved(name, store, { mayBeBackSince: isRetired ? clock.now() - LOOK_EVERY_MS * 2 : Infinity });
  }

  /** Again and again, unless a person must mend it. */
  async #persist<Result>(
    what: string,
    signal: AbortSignal,
    attempt: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const { clock, events } = this.#given;
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        events.removedFailed(what, error);
        if (error instanceof StalledError) return undefined;
        await clock.wait(RETRY_MS, signal);
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

/** The app as it was last configured; undefined where nothing of it is left, nor has lately been about to come back. */
async function loadRemoved(
  name: string,
  store: StateStore,
  { mayBeBackSince }: { mayBeBackSince: Instant },
): Promise<Found | undefined> {
  const stored = await store.load(name);
  if (stored === undefined) return undefined;
  const { live, rollout, retained, setup, history } = parseAppState(name, stored.state);
  const isBare = live === undefined && rollout === undefined && retained.length === 0;
  if (isBare && (mayComeBackUntil({ history }) ?? -Infinity) < mayBeBackSince) return undefined;
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
