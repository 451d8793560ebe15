/** Faults planted in what an app has a second of: the other image of its set, and the profile above its own. */
import type { DaemonGiven } from '../controller/daemon.ts';
import { MACHINE } from '../controller/machine.ts';
import type { Machine } from '../controller/machine.ts';
import type { App } from '../model/app.ts';
import { makeRelease } from '../model/release.ts';
import { SECOND } from '../model/time.ts';
import { BESIDE } from './draw-pushes.ts';
import type { Options, Push } from './options.ts';

const SETTLE_MS = 60 * SECOND;
/** Far longer than that of any profile below it. */
const LONG_TTL_SECONDS = 240;

/** Every app has two images, which are pushed half a settle time apart. */
export function inSets(options: Options): Options {
  const apps = options.apps.map((app) => ({ ...app, set: { settleMs: SETTLE_MS } }));
  const first = options.pushes.filter(({ container }) => container === undefined);
  const others = first.map((push): Push => {
    return { ...push, at: push.at === 0 ? 0 : push.at + SETTLE_MS / 2, container: BESIDE };
  });
  return { ...options, apps, pushes: [...first, ...others] };
}

/** Every app with a profile has one above it, whose TTL is long and stays. */
export function nested(options: Options): Options {
  const apps = options.apps.map((app) => {
    const parents = [{ ttlSeconds: LONG_TTL_SECONDS, method: 'Weighted' as const }];
    return app.routing?.method === 'MultiValue' ? app : { ...app, parents };
  });
  return { ...options, apps };
}

function withApps(daemon: DaemonGiven, change: (app: App) => App): DaemonGiven {
  return { ...daemon, settings: { ...daemon.settings, apps: daemon.settings.apps.map(change) } };
}

export const forgetParents = (daemon: DaemonGiven) =>
  withApps(daemon, (app) => {
    const { traffic } = app;
    return traffic === undefined ? app : { ...app, traffic: { ...traffic, parents: [] } };
  });

export const neverSettle = (daemon: DaemonGiven) => withApps(daemon, (app) => ({ ...app, settleMs: 0 }));

/** What runs beside the first container stays as it is. */
export function ignoreSecondImage(): Machine {
  return {
    ...MACHINE,
    desiredRelease: (app, live, given) => {
      const desired = MACHINE.desiredRelease(app, live, given);
      const kept = live?.images.find(({ container }) => container === BESIDE);
      if (desired.kind !== 'release' || kept === undefined) return desired;
      const { images, templateHash } = desired.release;
      const others = images.filter(({ container }) => container !== BESIDE);
      return { ...desired, release: makeRelease([...others, kept], templateHash) };
    },
  };
}
