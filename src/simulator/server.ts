/** Serves faces over HTTPS or plain http: reads the request, asks each face in turn, writes the answer. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Face, HttpAnswer, HttpRequest } from './http.ts';

const LARGEST_BODY = 4 * 1024 * 1024;

export interface FaceServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function serve(
  faces: readonly Face[],
  options: {
    host: string;
    port: number;
    tls?: { cert: string; key: string };
    onRequest?: (request: HttpRequest) => void;
  },
): Promise<FaceServer> {
  const scheme = options.tls === undefined ? 'http' : 'https';
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    void answerOne(incoming, response, { faces, scheme, onRequest: options.onRequest });
  };
  const server: Server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Serving {
  readonly faces: readonly Face[];
  readonly scheme: string;
  readonly onRequest: ((request: HttpRequest) => void) | undefined;
}

async function answerOne(incoming: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  try {
    const request = await readRequest(incoming, serving.scheme);
    serving.onRequest?.(request);
    for (const face of serving.faces) {
      const answer = await face(request);
      if (answer !== undefined) return write(response, answer, request.method);
    }
    write(
      response,
      { status: 404, json: { error: { code: 'NotFound', message: `nothing is at ${request.path}` } } },
      request.method,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    write(
      response,
      { status: 500, json: { error: { code: 'InternalServerError', message } } },
      incoming.method ?? 'GET',
    );
  }
}

async function readRequest(incoming: IncomingMessage, scheme: string): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST_BODY) throw new Error(`the request has more than ${LARGEST_BODY} bytes`);
    chunks.push(bytes);
  }
  const base = `${scheme}://${incoming.headers.host ?? 'localhost'}`;
  const url = new URL((incoming.url ?? '/').replace(/^\/+/, '/'), base);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const path = url.pathname.replaceAll(/\/{2,}/g, '/');
  return {
    method: incoming.method ?? 'GET',
    path,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
    base,
  };
}

/** Status 0 stands for no answer at all: the connection is cut. */
function write(response: ServerResponse, answer: HttpAnswer, method: string): void {
  if (answer.status === 0) {
    response.destroy();
    return;
  }
  const text = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  const type = answer.json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(answer.status, { ...type, 'content-length': String(Buffer.byteLength(text)), ...answer.headers });
  response.end(method === 'HEAD' ? undefined : text);
}
