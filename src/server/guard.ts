/** Who may tell of pushes: refuses by path, by method and by the secret, before anything of a body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PushFormat } from './push-body.ts';
import type { PushSecret } from './push-secret.ts';
import type { Refusal, Refusals } from './refusals.ts';

export const FORMATS: ReadonlyMap<string, PushFormat> = new Map([
  ['/push/acr', 'acr'],
  ['/push/event-grid', 'eventGrid'],
  ['/push/distribution', 'distribution'],
]);

/** Who asks whether CloudEvents are wanted. Source: CloudEvents 1.0, HTTP web hooks, "Abuse protection". */
export const HANDSHAKE_ORIGIN = 'webhook-request-origin';

/** `header`, in lower case, carries the secret. */
export function guard(
  app: FastifyInstance,
  { header, secret, refusals }: { header: string; secret: PushSecret; refusals: Refusals },
): void {
  const because = (reply: FastifyReply, status: number, reason: Refusal) => {
    refusals.add(reason);
    return refuse(reply, status);
  };
  app.addHook('onRequest', async (request, reply) => {
    const format = FORMATS.get(split(request.url).path);
    if (format === undefined) return because(reply, 404, 'unknown path');
    if (request.method !== 'POST' && !isHandshake(request, format)) {
      const allowed = format === 'eventGrid' ? 'OPTIONS, POST' : 'POST';
      return because(reply.header('allow', allowed), 405, 'wrong method');
    }
    try {
      if (await secret.isRight(secretOf(request, header, format))) return undefined;
    } catch {
      return because(reply, 503, 'the secret cannot be read');
    }
    return because(reply, 401, 'no secret, or a wrong one');
  });
}

/** Nothing more is read of a client that was refused. */
export function refuse(reply: FastifyReply, status: number, expected?: string): FastifyReply {
  return reply
    .code(status)
    .header('connection', 'close')
    .send(expected === undefined ? undefined : { error: expected });
}

/** CloudEvents ask whether they are wanted before the first one. */
function isHandshake({ method, headers }: FastifyRequest, format: PushFormat): boolean {
  return format === 'eventGrid' && method === 'OPTIONS' && headers[HANDSHAKE_ORIGIN] !== undefined;
}

/** Event Grid can send headers of its own too; the query is for where it is set up without. */
function secretOf(request: FastifyRequest, header: string, format: PushFormat): string | undefined {
  const given = request.headers[header];
  if (typeof given === 'string') return given;
  if (format !== 'eventGrid') return undefined;
  return new URLSearchParams(split(request.url).query).get('secret') ?? undefined;
}

function split(url: string): { path: string; query: string } {
  const at = url.indexOf('?');
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) };
}
