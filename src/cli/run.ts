/** `viridian run --config FILE`: the daemon. Joins the edges to the controller and sees to an orderly end. */
import { formatConfigError } from '../config/format-error.ts';
import { loadSettings } from '../config/load.ts';
import type { Loaded } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import type { UnknownError } from '../azure/unknown-errors.ts';
import { runDaemon } from '../controller/daemon.ts';
import { makeEvents } from '../controller/events.ts';
import type { EventLog } from '../controller/events.ts';
import { ConfigError } from '../model/errors.ts';
import { makeLogger } from '../runtime/logger.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { serveApiOf } from '../server/serve-api.ts';
import { takePushesOf } from '../server/take-pushes.ts';
import { joinEdges } from './edges.ts';
import { notifying } from './notifying.ts';
import { openState } from './state.ts';
import { version } from './version.ts';

/** Exit status: 0 after SIGTERM or SIGINT, 2 where the config is wrong, 1 where it could not start or had to give up. */
export async function run(file: string): Promise<number> {
  let loaded: Loaded;
  try {
    loaded = loadSettings(file);
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
    return await runWith(settings, log, shutdown.signal);
  } catch (error) {
    events.daemonFailed(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    shutdown.dispose();
  }
}

async function runWith(settings: Settings, log: EventLog, stopped: AbortSignal): Promise<number> {
  let daemons = 1;
  const onUnknownError = (error: UnknownError) => makeEvents(log).unknownError(error);
  const edges = await joinEdges(settings, { onUnknownError, share: () => daemons });
  const state = await openState(settings.state, {
    ...edges,
    onUnknownError,
    onDaemons: (count) => (daemons = count),
  });
  const { lost } = state;
  const { events, close } = notifying(settings, log, edges);
  try {
    const signal = lost === undefined ? stopped : AbortSignal.any([stopped, lost]);
    events.daemonStarted({
      version,
      node: process.version,
      config: settings.file,
      apps: settings.apps.map(({ name }) => name),
    });
    const takePushes = takePushesOf(settings, { ...edges, events });
    const serveApi = serveApiOf(settings, { ...edges, events, version });
    const served = { ...(takePushes && { takePushes }), ...(serveApi && { serveApi }) };
    await runDaemon({ ...edges, ...state, settings, events, ...served }, signal);
    if (lost?.aborted === true) {
      events.daemonFailed('another daemon has taken over the state folder; this one stops');
      return 1;
    }
    events.daemonStopped();
    return 0;
  } finally {
    close();
    await state.close();
  }
}
