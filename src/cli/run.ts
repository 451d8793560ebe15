/** `viridian run --config FILE`: the daemon. Joins the edges to the controller and sees to an orderly end. */
import { formatConfigError } from '../config/format-error.ts';
import type { Loaded } from '../config/load.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import { runDaemon } from '../controller/daemon.ts';
import { makeEvents } from '../controller/events.ts';
import { ConfigError } from '../model/errors.ts';
import type { Read } from '../reload/watch.ts';
import { readConfig } from '../reload/read-config.ts';
import { makeLogger } from '../runtime/logger.ts';
import type { LevelledLog } from '../runtime/logger.ts';
import { onReload } from '../runtime/reload-signal.ts';
import type { ReloadSignal } from '../runtime/reload-signal.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { joinEdges } from './edges.ts';
import { notifying } from './notifying.ts';
import { reloading } from './reloading.ts';
import { openState } from './state.ts';
import { version } from './version.ts';

/** Exit status: 0 after SIGTERM or SIGINT, 2 where the config is wrong, 1 where it could not start or had to give up. */
export async function run(file: string): Promise<number> {
  // Before anything else: whoever changes the config may send it at once, and by itself it would end the process.
  const reload = onReload(process);
  const { loaded: load, ...read } = readConfig(file);
  let loaded: Loaded;
  try {
    loaded = load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(formatConfigError(error));
    return 2;
  }
  const { settings, warnings } = loaded;
  const log = await makeLogger({ level: settings.log.level, pretty: process.stdout.isTTY });
  const events = makeEvents(log);
  for (const warning of warnings) events.configWarning(warning);
  const shutdown = onShutdown(process, {
    onSignal: (name) => events.daemonStopping(name),
    giveUp: () => process.exit(1),
    // What was sent is written down: the next start looks at what became of it.
    outOfTime: () => {
      events.daemonStopped('a call to Azure is still unanswered');
      process.exit(0);
    },
  });
  try {
    return await runWith({ settings, file, first: read, log, reload }, shutdown.signal);
  } catch (error) {
    events.daemonFailed(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    shutdown.dispose();
    reload.dispose();
  }
}

interface Start extends Pick<Loaded, 'settings'> {
  /** As the operator gave it. */
  readonly file: string;
  readonly first: Read;
  readonly log: LevelledLog;
  readonly reload: ReloadSignal;
}

async function runWith({ settings, file, first, log, reload }: Start, stopped: AbortSignal): Promise<number> {
  let daemons = 1;
  const onUnknownError = (error: UnknownError) => makeEvents(log).unknownError(error);
  const edges = await joinEdges(settings, { onUnknownError, share: () => daemons });
  const state = await openState(settings.state, {
    ...edges,
    onUnknownError,
    onDaemons: (count) => (daemons = count),
  });
  const { lost } = state;
  const notices = notifying(settings, log, edges);
  const { events } = notices;
  try {
    const signal = lost === undefined ? stopped : AbortSignal.any([stopped, lost]);
    events.daemonStarted({
      version,
      node: process.version,
      config: settings.file,
      apps: settings.apps.map(({ name }) => name),
    });
    const { followed, ...served } = reloading({ ...edges, settings, file, first, version, log, notices });
    reload.to(() => followed.ask());
    await runDaemon({ ...edges, ...state, ...served, settings, events, followed }, signal);
    if (lost?.aborted === true) {
      events.daemonFailed('another daemon has taken over the state folder; this one stops');
      return 1;
    }
    events.daemonStopped();
    return 0;
  } finally {
    notices.close();
    await state.close();
  }
}
