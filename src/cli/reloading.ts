/** Joins what follows a changed config: the servers, the webhooks, the log's level and the daemon itself. */
import type { Settings } from '../config/settings.ts';
import type { ServeApi, TakePushes } from '../controller/ports.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import { HotReload } from '../reload/hot-reload.ts';
import { readConfig } from '../reload/read-config.ts';
import type { Read } from '../reload/watch.ts';
import { realWatchedDisk } from '../reload/watched-disk.ts';
import type { LevelledLog } from '../runtime/logger.ts';
import { ApiTokens } from '../server/api-tokens.ts';
import { serveApiOf, tokensOf } from '../server/serve-api.ts';
import { takePushesOf } from '../server/take-pushes.ts';
import type { Notifying } from './notifying.ts';

interface ReloadingGiven {
  readonly settings: Settings;
  /** As the operator gave it. */
  readonly file: string;
  readonly first: Read;
  readonly clock: Clock;
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  readonly version: string;
  readonly log: Pick<LevelledLog, 'level'>;
  readonly notices: Pick<Notifying, 'events' | 'follow'>;
}

export interface Reloading {
  readonly followed: HotReload;
  readonly takePushes?: TakePushes;
  readonly serveApi?: ServeApi;
}

export function reloading(given: ReloadingGiven): Reloading {
  const { file, clock, readSecret, log, notices } = given;
  const { events } = notices;
  let settings = given.settings;
  const tokens = new ApiTokens(clock, tokensOf(settings, readSecret));
  const prepare = async (next: Settings) => {
    const takeTokens = await tokens.prepare(tokensOf(next, readSecret));
    return () => {
      takeTokens();
      if (JSON.stringify(settings.notify) !== JSON.stringify(next.notify)) notices.follow(next);
      log.level = next.log.level;
      settings = next;
    };
  };
  const read = () => readConfig(file);
  const followed = new HotReload({ ...given, disk: realWatchedDisk, read, prepare, events });
  const takePushes = takePushesOf(settings, { ...given, events, current: () => settings });
  const serveApi = serveApiOf(settings, { ...given, events, tokens });
  return { followed, ...(takePushes && { takePushes }), ...(serveApi && { serveApi }) };
}
