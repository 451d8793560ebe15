/**
 * Who may ask: nothing of a body is read before it is known whose the token is. Wrong tokens are answered at a pace, so that
 * guessing is slow; who has a right one never waits for that.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../model/time.ts';
import { problemReply } from './api-problem.ts';
import type { ApiTokens } from './api-tokens.ts';
import { Pace } from './pace.ts';
import type { Refusals } from './refusals.ts';

const WRONG = { perSecond: 5, burst: 10 };
const MOST_WAITING = 50;
/** Asks for no token. */
export const DOCUMENT_PATH = '/openapi.json';

export interface ApiGuardGiven {
  readonly tokens: ApiTokens;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

/** Gives the name of who sent a request that was let through. */
export function guardApi(
  app: FastifyInstance,
  { tokens, refusals, clock, closing }: ApiGuardGiven,
): (request: FastifyRequest) => string {
  const callers = new WeakMap<FastifyRequest, string>();
  const pace = new Pace(clock, WRONG);
  let waiting = 0;
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === DOCUMENT_PATH) return undefined;
    try {
      const by = await tokens.whose(request.headers.authorization);
      if (by !== undefined) {
        callers.set(request, by);
        return undefined;
      }
    } catch {
      refusals.add('the secret cannot be read', request.ip);
      return problemReply(reply, 503, { detail: 'a token cannot be read; the config of the daemon says from where' });
    }
    refusals.add('no secret, or a wrong one', request.ip);
    reply.header('connection', 'close');
    if (waiting >= MOST_WAITING) return problemReply(reply, 429, { detail: 'too many wrong tokens; try again later' });
    waiting += 1;
    await pace.turn(closing);
    waiting -= 1;
    const detail =
      'expected the header "Authorization: Bearer TOKEN" with one of the tokens of the config (api.tokens)';
    return problemReply(reply.header('www-authenticate', 'Bearer'), 401, { detail });
  });
  return (request) => callers.get(request) ?? 'nobody';
}
