/** Joins the watch over versions of secrets to the apps that count them: whoever asks what an app should run knows them. */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { PollerGiven } from '../registry/poller.ts';
import { MACHINE } from './machine.ts';
import type { Machine } from './machine.ts';
import { followed, keyOf, pinApp } from './pin-secrets.ts';
import { VersionWatch } from './version-watch.ts';
import type { VersionWatchGiven } from './version-watch.ts';

const EVERY_MINUTE = '0 * * * * *';

interface SecretVersionsGiven extends Pick<VersionWatchGiven, 'clock'> {
  readonly settings: Pick<Settings, 'cloud'>;
  readonly schedule: PollerGiven['schedule'];
  readonly newestVersion?: VersionWatchGiven['newestVersion'];
  readonly machine?: Machine;
}

export class SecretVersions {
  /** The app with the versions of its secrets as last looked up; itself where they do not count. */
  readonly pin = (app: App): App => {
    const watch = this.#watch;
    return watch === undefined ? app : pinApp(app, (secret) => watch.newest(secret));
  };
  readonly machine: Machine;
  readonly #given: SecretVersionsGiven;
  readonly #wake: (apps: readonly string[]) => void;
  /** Of each app that counts them. */
  #keys: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #watch: VersionWatch | undefined;
  #unschedule: () => void = () => undefined;
  /** Of configs before, what was under way. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(given: SecretVersionsGiven, wake: (apps: readonly string[]) => void) {
    const { machine = MACHINE } = given;
    this.#given = given;
    this.#wake = wake;
    this.machine = {
      ...machine,
      desiredRelease: (app, live, known) => machine.desiredRelease(this.pin(app), live, known),
    };
  }

  /** These apps and no others; what is known of their secrets stays. No vault is asked where none counts them. */
  follow(all: readonly App[]): void {
    const { clock, schedule, settings, newestVersion } = this.#given;
    const apps = all.filter(({ secretVersions }) => secretVersions !== undefined);
    const keys = new Map(apps.map(({ name, template }) => [name, new Set(followed(template.document).map(keyOf))]));
    const isSame = textOf(keys) === textOf(this.#keys);
    this.#keys = keys;
    if (isSame || newestVersion === undefined) return;
    const before = this.#watch;
    this.#leave();
    if (apps.length === 0) return;
    const watch = new VersionWatch({
      clock,
      newestVersion,
      secrets: apps.flatMap(({ template }) => followed(template.document)),
      known: before,
      onChange: (secret) => this.#wake(this.#appsOf(keyOf(secret))),
    });
    this.#watch = watch;
    this.#unschedule = schedule(settings.cloud.keyVault?.schedule ?? EVERY_MINUTE, () => watch.look());
    watch.look();
  }

  async stop(): Promise<void> {
    this.#leave();
    await Promise.all(this.#leaving);
  }

  #appsOf(key: string): readonly string[] {
    return [...this.#keys].filter(([, keys]) => keys.has(key)).map(([name]) => name);
  }

  #leave(): void {
    this.#unschedule();
    this.#unschedule = () => undefined;
    if (this.#watch === undefined) return;
    const ending = this.#watch.stop().finally(() => this.#leaving.delete(ending));
    this.#leaving.add(ending);
    this.#watch = undefined;
  }
}

function textOf(keys: ReadonlyMap<string, ReadonlySet<string>>): string {
  return JSON.stringify([...keys].map(([name, of]) => [name, ...of]));
}
