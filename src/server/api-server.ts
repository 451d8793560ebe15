/**
 * Where operators see and command the apps: a small HTTP API. What is asked is logged with who and from where, what only looks
 * again and again once in a while; tokens and bodies never are.
 */
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { ApiSettings } from '../config/settings.ts';
import type { Control } from '../controller/control.ts';
import { StalledError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { apiDocument } from './api-document.ts';
import { DOCUMENT_PATH, guardApi } from './api-guard.ts';
import { problemReply } from './api-problem.ts';
import { apiRoutes } from './api-routes.ts';
import type { ApiTokens } from './api-tokens.ts';
import { prepareListener } from './listener.ts';
import { Refusals } from './refusals.ts';
import type { TellRefusal } from './refusals.ts';

export interface ApiServerGiven {
  readonly settings: Omit<ApiSettings, 'tokens'>;
  readonly tokens: ApiTokens;
  readonly version: string;
  readonly clock: Clock;
  readonly control: Control;
  readonly events: {
    apiStarted(address: string): void;
    /** `more`: the same since it was last told of; undefined where it was told of a short while ago. */
    apiRead(path: string, caller: { by: string; from: string }, more: number | undefined): void;
    apiRefused: TellRefusal;
    apiFailed(path: string, error: unknown): void;
  };
}

export interface ApiServer {
  /** Where it listens. */
  readonly port: number;
  /** Takes no more, answers what is under way, then resolves. */
  close(): Promise<void>;
}

export const MOST_BYTES = 16 * 1024;

/** Throws StalledError where a token or the certificate cannot be read, or the port is taken. */
export async function startApiServer(given: ApiServerGiven, signal: AbortSignal): Promise<ApiServer> {
  const { settings, tokens, clock, events } = given;
  await tokens.check();
  const listener = await prepareListener(settings.tls, { place: 'api.tls' });
  const refusals = new Refusals(clock, events.apiRefused);
  const app = fastify({
    bodyLimit: MOST_BYTES,
    forceCloseConnections: 'idle',
    serverFactory: listener,
    return503OnClosing: true,
    frameworkErrors: (_error, _request, reply) => void problemReply(reply, 404, NO_PATH),
    clientErrorHandler: (error, socket) => {
      refusals.add(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'too slow' : 'not HTTP', socket.remoteAddress);
      socket.destroy();
    },
  });
  const closing = new AbortController();
  const whose = guardApi(app, { tokens, refusals, clock, closing: closing.signal });
  answerErrors(app, { events, refusals });
  const document = apiDocument(given.version);
  app.get(DOCUMENT_PATH, () => document);
  apiRoutes(app, { ...given, whose, closing: closing.signal });
  await listen(app, settings);
  const close = () => {
    closing.abort();
    return app.close();
  };
  // The loops end first, and answer what waits for them.
  signal.addEventListener('abort', () => closing.abort(), { once: true });
  const address = app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? settings.port) : settings.port;
  events.apiStarted(`${settings.tls === undefined ? 'http' : 'https'}://${hostOf(settings.host)}:${port}`);
  return { port, close };
}

const NO_PATH = { detail: `there is no such path; GET ${DOCUMENT_PATH} lists all` };

function answerErrors(app: FastifyInstance, given: Pick<ApiServerGiven, 'events'> & { refusals: Refusals }): void {
  app.setNotFoundHandler((_request, reply) => problemReply(reply, 404, NO_PATH));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    switch (error.statusCode) {
      case 413:
        return problemReply(reply, 413, { detail: `expected a body of at most ${MOST_BYTES} bytes` });
      case 415:
        return problemReply(reply, 415, {
          detail: 'expected a JSON body, with the header "Content-Type: application/json"',
        });
      case 400:
        return problemReply(reply, 400, { detail: `expected a JSON body: ${error.message}` });
      default:
        given.events.apiFailed(request.url, error);
        return problemReply(reply, 503, { detail: `what was asked cannot be read: ${error.message}` });
    }
  });
}

async function listen(app: FastifyInstance, { host, port }: Omit<ApiSettings, 'tokens'>): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new StalledError(`api.listen: cannot listen on ${host} port ${port}: ${got}; free it, or choose another`, {
      cause: error,
    });
  }
}

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
