/** Joins the API's server to a daemon's config. */
import type { Settings } from '../config/settings.ts';
import type { ServeApi } from '../controller/ports.ts';
import type { SecretReference } from '../model/app.ts';
import type { Clock } from '../model/time.ts';
import type { ApiServerGiven } from './api-server.ts';
import { ApiTokens } from './api-tokens.ts';
import type { NamedToken } from './api-tokens.ts';

type ReadSecret = (reference: SecretReference) => Promise<string>;

interface ServeApiGiven {
  readonly clock: Clock;
  readonly version: string;
  readonly readSecret: ReadSecret;
  readonly events: ApiServerGiven['events'];
  /** Those of the settings where absent. */
  readonly tokens?: ApiTokens;
}

export function tokensOf({ api }: Pick<Settings, 'api'>, readSecret: ReadSecret): readonly NamedToken[] {
  return (api?.tokens ?? []).map(({ name, token }) => ({ name, read: () => readSecret(token) }));
}

/** Undefined where the config does not ask for it. */
export function serveApiOf(settings: Pick<Settings, 'api'>, given: ServeApiGiven): ServeApi | undefined {
  const { api } = settings;
  if (api === undefined) return undefined;
  const { tokens = new ApiTokens(given.clock, tokensOf(settings, given.readSecret)) } = given;
  return async (control, signal) => {
    // Fastify costs memory, which a daemon that nobody asks need not pay for.
    const { startApiServer } = await import('./api-server.ts');
    return startApiServer({ ...given, settings: api, tokens, control }, signal);
  };
}
