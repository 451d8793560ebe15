/** Joins the watch over versions of secrets to the apps that count them: whoever asks what an app should run knows them. */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import type { PollerGiven } from '../registry/poller.ts';
import type { AppLoop } from './app-loop.ts';
import { MACHINE } from './machine.ts';
import type { Machine } from './machine.ts';
import { followed, keyOf, pinApp } from './pin-secrets.ts';
import { VersionWatch } from './version-watch.ts';
import type { VersionWatchGiven } from './version-watch.ts';

const EVERY_MINUTE = '0 * * * * *';

interface Given extends Pick<VersionWatchGiven, 'clock'> {
  readonly settings: Pick<Settings, 'apps' | 'cloud'>;
  readonly schedule: PollerGiven['schedule'];
  readonly newestVersion?: VersionWatchGiven['newestVersion'];
  readonly machine?: Machine;
}

/** Undefined where no app counts them, so that no vault is asked. Looks at once, and then by the schedule. */
export function watchVersions(given: Given, loops: ReadonlySet<AppLoop>) {
  const { settings, schedule, machine = MACHINE, newestVersion, clock } = given;
  const apps = settings.apps.filter(({ secretVersions }) => secretVersions !== undefined);
  if (apps.length === 0 || newestVersion === undefined) return undefined;
  const byName = new Map(apps.map(({ name, template }) => [name, new Set(followed(template.document).map(keyOf))]));
  const watch = new VersionWatch({
    clock,
    newestVersion,
    secrets: apps.flatMap(({ template }) => followed(template.document)),
    onChange(secret) {
      for (const loop of loops) if (byName.get(loop.app.name)?.has(keyOf(secret)) === true) loop.wake();
    },
  });
  const pin = (app: App) => pinApp(app, (secret) => watch.newest(secret));
  const unschedule = schedule(settings.cloud.keyVault?.schedule ?? EVERY_MINUTE, () => watch.look());
  watch.look();
  return {
    pin,
    machine: {
      ...machine,
      desiredRelease: (app, live, known) => machine.desiredRelease(pin(app), live, known),
    } satisfies Machine,
    async stop() {
      unschedule();
      await watch.stop();
    },
  };
}
