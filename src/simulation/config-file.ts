/**
 * The config file as one life of a daemon reads it: by the code that follows real files, but for the disk. A daemon starts
 * with the newest, and finds a change some time after another one does.
 */
import type { Settings } from '../config/settings.ts';
import { ConfigError } from '../model/errors.ts';
import type { Instant } from '../model/time.ts';
import { HotReload } from '../reload/hot-reload.ts';
import type { ReadConfig } from '../reload/hot-reload.ts';
import type { Configs, FileContent } from './configs.ts';
import type { DaemonLifeGiven } from './daemon-life.ts';
import type { Options } from './options.ts';
import { settingsFor } from './settings.ts';

export interface ConfigFileGiven {
  readonly options: Options;
  readonly configs: Configs;
  readonly now: () => Instant;
  /** Number of the daemon, from 0. */
  readonly daemon: number;
}

/** Undefined where a daemon cannot start by what stands there now. Nothing is followed where nothing changes. */
export function openConfig(given: ConfigFileGiven): Pick<DaemonLifeGiven, 'settings' | 'followed'> | undefined {
  const { options, configs, now, daemon } = given;
  const { edits, limits } = options;
  const bornAt = now();
  const first = configs.fileAt(bornAt);
  // Somebody sees that it does not start, and waits until the file is put back.
  if (first.refused !== undefined) return undefined;
  const settings = settingsOf(first, limits);
  if (edits === undefined) return { settings };
  const lagMs = edits.lagsMs[daemon] ?? 0;
  const content = () => configs.fileAt(Math.max(bornAt, now() - lagMs));
  return {
    settings,
    followed: ({ clock, events }) =>
      new HotReload({
        clock,
        events,
        settings,
        first: readOf(first, limits),
        read: () => readOf(content(), limits),
        disk: {
          stamps: async () => content().fingerprint,
          fingerprint: async () => content().fingerprint,
        },
        prepare: async () => () => undefined,
      }),
  };
}

const NAMES = [settingsFor([]).file];
const PUSH: NonNullable<Settings['push']> = {
  host: '127.0.0.1',
  port: 8443,
  tls: undefined,
  header: 'authorization',
  secret: { env: 'PUSH_SECRET' },
};

function settingsOf({ version, refused }: FileContent, limits: Settings['limits']): Settings {
  const { apps, onRemoval } = version;
  const fixed = refused === 'fixed' ? { push: PUSH } : {};
  return { ...settingsFor(apps, limits), onRemoval, ...fixed };
}

function readOf(content: FileContent, limits: Settings['limits']): ReadConfig {
  const problemAt = (_: unknown, message: string) => {
    return { file: 'viridian.yaml', line: 1, column: 1, message, excerpt: '' };
  };
  return {
    names: NAMES,
    fingerprint: content.fingerprint,
    loaded: () => {
      if (content.refused === 'broken')
        throw new ConfigError([problemAt([], 'it cannot be read: a fault of the simulation')]);
      return { settings: settingsOf(content, limits), warnings: [], problemAt };
    },
  };
}
