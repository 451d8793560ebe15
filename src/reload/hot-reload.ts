/**
 * Takes up a changed config while the daemon runs: whole, or not at all. One that is wrong, or needs a start, is refused
 * with its reasons, and the one that counts goes on.
 */
import { changeOf, fixedKeysChanged, isNoChange } from '../config/changes.ts';
import type { ConfigChange } from '../config/changes.ts';
import type { Loaded } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import type { FollowedConfig } from '../controller/ports.ts';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { Watch } from './watch.ts';
import type { Read } from './watch.ts';
import type { WatchedDisk } from './watched-disk.ts';

/** All files of a config, read and checked as one. */
export interface ReadConfig extends Read {
  /** Throws what loading threw. */
  readonly loaded: () => Loaded;
}

export interface HotReloadGiven {
  readonly clock: Clock;
  readonly disk: WatchedDisk;
  /** That of the start. */
  readonly settings: Settings;
  readonly first: Read;
  readonly read: () => ReadConfig;
  /** What may fail before anything is changed: throws ConfigError or StalledError. Gives what makes it count, which cannot. */
  readonly prepare: (next: Settings) => Promise<() => void>;
  readonly events: {
    configWarning(message: string): void;
    configApplied(change: ConfigChange): void;
    configRefused(problems: readonly string[]): void;
    configUnchanged(): void;
  };
}

export class HotReload implements FollowedConfig {
  readonly #given: HotReloadGiven;
  readonly #watch: Watch<ReadConfig>;
  #settings: Settings;
  #isRefused = false;
  #apply: (next: Settings) => void = () => undefined;

  constructor(given: HotReloadGiven) {
    this.#given = given;
    this.#settings = given.settings;
    this.#watch = new Watch({ ...given, onRead: (read, told) => this.#decide(read, told) });
  }

  /** Reads the files now, and says what has come of it. */
  ask(): void {
    this.#watch.ask();
  }

  isInForce(): boolean {
    return !this.#isRefused && !this.#watch.isChanging;
  }

  async follow(apply: (next: Settings) => void, signal: AbortSignal): Promise<void> {
    this.#apply = apply;
    await this.#watch.run(signal);
  }

  async #decide(read: ReadConfig, { isAsked }: { readonly isAsked: boolean }): Promise<void> {
    const { events } = this.#given;
    try {
      const { settings, warnings, problemAt } = read.loaded();
      const fixed = fixedKeysChanged(this.#settings, settings);
      const problems = fixed.map(({ path, why }) => problemAt(path, `${path.join('.')} ${CANNOT_CHANGE}: ${why}`));
      if (problems.length > 0) throw new ConfigError(problems);
      const change = changeOf(this.#settings, settings);
      const wasRefused = this.#isRefused;
      if (!isNoChange(change)) await this.#takeUp(settings);
      this.#isRefused = false;
      this.#settings = settings;
      if (isNoChange(change)) return isAsked || wasRefused ? events.configUnchanged() : undefined;
      for (const warning of warnings) events.configWarning(warning);
      events.configApplied(change);
    } catch (error) {
      this.#isRefused = true;
      events.configRefused(reasonsOf(error));
    }
  }

  async #takeUp(settings: Settings): Promise<void> {
    const commit = await this.#given.prepare(settings);
    this.#apply(settings);
    commit();
  }
}

const CANNOT_CHANGE = 'cannot change while the daemon runs; put it back, or stop and start the daemon';

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems.map(textOf);
  return [error instanceof Error ? error.message : String(error)];
}

/** Without the line itself, which may hold a secret. */
function textOf({ file, line, column, message, hint }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
}
