/**
 * Apps that have left the config, or have another name there now: what was under way is ended first, then their groups
 * are kept or taken away, as the config says. Without the config, all that is known of them is their stored state and
 * the tags of their groups.
 */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { StalledError } from '../model/errors.ts';
import { MINUTE } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import { startCleanUp } from '../rollout/start.ts';
import type { Rollout } from '../rollout/state.ts';
import { parseAppState } from './app-state.ts';
import type { Events } from './events.ts';
import { lookAgainMs } from './idle.ts';
import type { IdleGiven, IdleTurn } from './idle.ts';
import { lookAtAll } from './look-around.ts';
import type { StateStore } from './ports.ts';
import { callOff, canBeCalledOff } from './supersede.ts';
import type { Turned } from './supersede.ts';
import { heldTtl } from './ttl-memory.ts';

export interface Removal {
  readonly onRemoval: 'keep' | 'retire';
  /** An app of the config serves by the same profile, as after a change of name: it has to serve before this one goes. */
  readonly sharesProfile: boolean;
}

export interface RemovedGiven {
  readonly settings: Pick<Settings, 'apps' | 'onRemoval'>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly events: Events;
}

const RETRY_MS = MINUTE;

/** Runs every app that the store knows and the config does not, until nothing is left to do for it. */
export async function seeToRemoved(
  given: RemovedGiven,
  signal: AbortSignal,
  run: (app: App, removal: Removal) => Promise<void>,
): Promise<void> {
  const { store, settings } = given;
  const { apps, onRemoval } = settings;
  const names = (await persist(given, signal, 'the state', () => store.list())) ?? [];
  const removed = names.filter((name) => !apps.some((app) => app.name === name));
  await Promise.all(
    removed.map(async (name) => {
      const app = await persist(given, signal, name, () => loadRemoved(name, store));
      if (app === undefined) return;
      const sharesProfile = apps.some(({ traffic }) => isSameProfile(traffic, app.traffic));
      await run(app, { onRemoval, sharesProfile });
    }),
  );
}

/** Again and again, unless a person must mend it. */
async function persist<Result>(
  { clock, events }: RemovedGiven,
  signal: AbortSignal,
  what: string,
  attempt: () => Promise<Result>,
): Promise<Result | undefined> {
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

function isSameProfile(a: App['traffic'], b: App['traffic']): boolean {
  if (a === undefined || b === undefined) return false;
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return isSame(a.profile, b.profile) && isSame(a.resourceGroup, b.resourceGroup);
}

/** The app as it was last configured; undefined where nothing of it is left. */
async function loadRemoved(name: string, store: StateStore): Promise<App | undefined> {
  const stored = await store.load(name);
  if (stored === undefined) return undefined;
  const { live, rollout, setup } = parseAppState(name, stored.state);
  if (live === undefined && rollout === undefined) return undefined;
  if (setup === undefined) {
    throw new StalledError(
      `app ${name} has left the config, and its stored state does not say how it was set up; ` +
        'put it back into the config once, or take its groups away by hand',
    );
  }
  const template = { file: '(removed)', document: {}, hash: 'removed', containers: [] };
  return { name, images: [], template, locations: [], replicas: 0, repairAfterMs: 0, ...setup };
}

/** A rollout of such an app is called off as long as its candidate serves nobody; later it is finished. */
export function endOfRemoved(rollout: Rollout, now: Instant): Turned | undefined {
  if (!canBeCalledOff(rollout)) return undefined;
  return callOff(rollout, { outcome: 'Aborted', reason: `app ${rollout.app} has left the config` }, now);
}

export async function removedTurn(given: IdleGiven, removal: Removal): Promise<IdleTurn> {
  const { app, state, clock, events } = given;
  if (removal.onRemoval === 'keep') {
    events.appKept(app, state.live);
    return { wakeAt: clock.now(), isOver: true };
  }
  const looked = await lookAtAll(given);
  if ('turn' in looked) return looked.turn;
  const [stray] = looked.inventory.stacks;
  if (stray === undefined) {
    const announce = () => events.appRetired(app);
    return {
      state: { ...state, live: undefined, condemned: [], retry: undefined },
      announce,
      wakeAt: clock.now(),
      isOver: true,
    };
  }
  const rollout = startCleanUp({
    app,
    stray,
    id: given.newId(),
    now: clock.now(),
    heldTtlSeconds: heldTtl(state.ttl, clock.now()),
    isRemoval: !removal.sharesProfile,
  });
  const announce = () => events.rolloutStarted(rollout, ['the app has left the config']);
  return { state: { ...state, rollout }, announce, wakeAt: clock.now() + lookAgainMs(app) };
}
