/** Faults planted in how a changed config is taken up, and worlds where the config changes. */
import type { Settings } from '../config/settings.ts';
import { MACHINE } from '../controller/machine.ts';
import type { DaemonGiven } from '../controller/daemon.ts';
import type { ConfigEdit } from './draw-edits.ts';
import type { AppOptions, Options } from './options.ts';

/** In the middle of each rollout every app gets another drain time. */
export function editing(options: Options): Options {
  const edits = options.pushes.flatMap(({ at, app }): ConfigEdit[] => {
    const one = options.apps.find(({ name }) => name === app);
    const when = at + 30_000 + options.createMs;
    if (one === undefined || when >= options.faultMs) return [];
    // Never the same twice, whichever comes first.
    const changed = { ...one, drainMs: one.drainMs + 1000 + Math.floor(at / 1000) };
    return [{ at: when, edit: { kind: 'change', app: changed }, onRemoval: 'keep' }];
  });
  return withEdits(options, edits);
}

/** Half way another app, made for it, leaves the config. */
export function removing(options: Options): Options {
  const [first] = options.apps;
  if (first === undefined) return options;
  const name = `app${options.apps.length + 1}`;
  const left: AppOptions = { ...first, name, after: [] };
  const pushes = options.pushes.flatMap((push) => (push.app === first.name ? [{ ...push, app: name }] : []));
  const edit: ConfigEdit = { at: options.faultMs / 2, edit: { kind: 'remove', app: name }, onRemoval: 'keep' };
  const events = options.events.filter(({ kind }) => kind !== 'loseState');
  const more = { apps: [...options.apps, left], pushes: [...options.pushes, ...pushes], events };
  return withEdits({ ...options, ...more }, [edit]);
}

function withEdits(options: Options, edits: readonly ConfigEdit[]): Options {
  const ordered = edits.toSorted((one, other) => one.at - other.at);
  return { ...options, edits: { onRemoval: 'keep', edits: ordered, lagsMs: [] } };
}

/** What is under way takes the settings of the config that was taken up last. */
export function changeUnderWay(daemon: DaemonGiven): DaemonGiven {
  let { apps } = daemon.settings;
  const changed = followedBy(daemon, (next) => {
    ({ apps } = next);
    return next;
  });
  return {
    ...changed,
    machine: {
      ...MACHINE,
      decide: (rollout, observation, now) => {
        const settings = apps.find(({ name }) => name === rollout.app)?.rollout ?? rollout.settings;
        return MACHINE.decide({ ...rollout, settings }, observation, now);
      },
    },
  };
}

/** Whatever the config says of it. */
export function retireAll(daemon: DaemonGiven): DaemonGiven {
  const retiring = (settings: Settings) => ({ ...settings, onRemoval: 'retire' as const });
  return { ...followedBy(daemon, retiring), settings: retiring(daemon.settings) };
}

/** No change is ever taken up, though the file is looked at. */
export function neverReload(daemon: DaemonGiven): DaemonGiven {
  return followedBy(daemon, () => daemon.settings);
}

function followedBy(daemon: DaemonGiven, change: (next: Settings) => Settings): DaemonGiven {
  const { followed } = daemon;
  if (followed === undefined) return daemon;
  return {
    ...daemon,
    followed: {
      isInForce: () => followed.isInForce(),
      follow: (apply, signal) => followed.follow((next) => apply(change(next)), signal),
    },
  };
}
