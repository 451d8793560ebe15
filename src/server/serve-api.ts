/** Joins the API's server to a daemon's config. */
import type { Settings } from '../config/settings.ts';
import type { ServeApi } from '../controller/ports.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { ApiServerGiven } from './api-server.ts';

/** Undefined where the config does not ask for it. */
export function serveApiOf(
  { api }: Pick<Settings, 'api'>,
  given: {
    clock: Clock;
    version: string;
    readSecret: (reference: SecretReference) => Promise<string>;
    events: ApiServerGiven['events'];
  },
): ServeApi | undefined {
  if (api === undefined) return undefined;
  const tokens = api.tokens.map(({ name, token }) => ({ name, read: () => given.readSecret(token) }));
  return async (control, signal) => {
    // Fastify costs memory, which a daemon that nobody asks need not pay for.
    const { startApiServer } = await import('./api-server.ts');
    return startApiServer({ ...given, settings: api, tokens, control }, signal);
  };
}
