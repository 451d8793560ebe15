/**
 * Takes what registries say of pushes, and wakes the polls of the repositories that it is about; what was pushed is looked
 * up by the poll. Nothing of a request is logged, since its address may carry the secret.
 */
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { PushSettings } from '../config/settings.ts';
import { StalledError } from '../model/errors.ts';
import type { Clock } from '../model/time.ts';
import { FORMATS, guard, HANDSHAKE_ORIGIN, refuse } from './guard.ts';
import { prepareListener } from './listener.ts';
import { Pace } from './pace.ts';
import { readPushBody } from './push-body.ts';
import type { PushedImage, PushFormat } from './push-body.ts';
import { PushSecret } from './push-secret.ts';
import { Refusals } from './refusals.ts';
import type { Refusal } from './refusals.ts';

export interface PushServerGiven {
  readonly settings: PushSettings;
  readonly clock: Clock;
  readonly readSecret: () => Promise<string>;
  /** Repositories that apps follow, by what a registry calls them. */
  readonly followed: (image: PushedImage) => readonly string[];
  /** False where it polls no more. */
  readonly wake: (repository: string) => boolean;
  readonly events: {
    pushReceived(format: PushFormat, repository: string | undefined): void;
    pushRefused(reason: Refusal, more: number): void;
  };
  /** How long a client may take; 5 s where absent. */
  readonly patienceMs?: number;
}

export interface PushServer {
  /** Where it listens. */
  readonly port: number;
  /** Cuts every connection off; resolves when nothing listens any more. */
  close(): Promise<void>;
}

const MOST_BYTES = 64 * 1024;
const PACE = { perSecond: 500, burst: 500 };

/** Throws StalledError where the secret or the certificate cannot be read, or the port is taken. */
export async function startPushServer(given: PushServerGiven, signal: AbortSignal): Promise<PushServer> {
  const { host, port, tls } = given.settings;
  const secret = new PushSecret(given.clock, given.readSecret);
  await secret.hash();
  const listener = await prepareListener(tls, { place: 'push.tls', patienceMs: given.patienceMs });
  const refusals = new Refusals(given.clock, (reason, { more }) => given.events.pushRefused(reason, more));
  const app = fastify({
    bodyLimit: MOST_BYTES,
    forceCloseConnections: true,
    serverFactory: listener,
    frameworkErrors: (_error, _request, reply) => void refuse(reply, 404),
    clientErrorHandler: (error, socket) => {
      refusals.add(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'too slow' : 'not HTTP');
      socket.destroy();
    },
  });
  const closing = new AbortController();
  const close = () => {
    closing.abort();
    return app.close();
  };
  guard(app, { header: given.settings.header, secret, refusals });
  answer(app, { ...given, refusals, closing: closing.signal });
  try {
    await app.listen({ host, port });
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new StalledError(`push.listen: cannot listen on ${host} port ${port}: ${got}; free it, or choose another`, {
      cause: error,
    });
  }
  signal.addEventListener('abort', () => void close(), { once: true });
  const address = app.server.address();
  return { port: typeof address === 'object' ? (address?.port ?? port) : port, close };
}

function answer(
  app: FastifyInstance,
  given: Pick<PushServerGiven, 'clock' | 'followed' | 'wake' | 'events'> & { refusals: Refusals; closing: AbortSignal },
): void {
  const pace = new Pace(given.clock, PACE);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => body);
  for (const [path, format] of FORMATS) {
    app.post(path, async (request, reply) => {
      await pace.turn(given.closing);
      const read = readPushBody(format, typeof request.body === 'string' ? request.body : '');
      if (read.kind === 'validation') return reply.code(200).send({ validationResponse: read.code });
      if (read.kind === 'malformed') {
        given.refusals.add('malformed body');
        return refuse(reply, 400, read.expected);
      }
      if (read.images.every((image) => wakeAll(image, format, given))) return reply.code(202).send();
      given.refusals.add('stopping');
      return refuse(reply, 503);
    });
  }
  answerHandshakes(app);
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const isTooLarge = error.statusCode === 413;
    given.refusals.add(isTooLarge ? 'body too large' : 'malformed body');
    if (isTooLarge) return refuse(reply, 413, `expected at most ${MOST_BYTES} bytes`);
    return refuse(reply, 400, 'expected a JSON body of the length that the request says');
  });
}

/** To who has shown the secret: says that CloudEvents of that origin are wanted, and how many a minute are taken at once. */
function answerHandshakes(app: FastifyInstance): void {
  for (const [path, format] of FORMATS) {
    if (format !== 'eventGrid') continue;
    app.options(path, async (request, reply) => {
      const origin = request.headers[HANDSHAKE_ORIGIN];
      if (typeof origin !== 'string' || !/^[\w.:*-]{1,255}$/.test(origin)) {
        return refuse(reply, 400, 'expected the name of a host in WebHook-Request-Origin');
      }
      const allowed = { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': String(PACE.perSecond * 60) };
      return reply
        .code(200)
        .headers({ ...allowed, allow: 'OPTIONS, POST' })
        .send();
    });
  }
}

function wakeAll(
  image: PushedImage,
  format: PushFormat,
  { followed, wake, events }: Pick<PushServerGiven, 'followed' | 'wake' | 'events'>,
): boolean {
  const repositories = followed(image);
  if (repositories.length === 0) events.pushReceived(format, undefined);
  return repositories.every((repository) => {
    events.pushReceived(format, repository);
    return wake(repository);
  });
}
