/**
 * A reverse proxy on loopback that counts what passes: requests, and bytes both ways with their headers, before
 * encryption. It changes nothing, so whatever asks through it is counted alike.
 */
import { once } from 'node:events';
import { Agent as HttpAgent, createServer as createHttpServer, request as requestHttp } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent, createServer as createHttpsServer, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';

export interface Passed {
  readonly requests: number;
  readonly bytes: number;
}

export interface CountingProxy {
  readonly url: string;
  readonly host: string;
  /** What has passed since the last call. */
  take(): Passed;
  close(): Promise<void>;
}

/** `target`: origin that all is sent to. With `tls` it is reached at `https://localhost`, else at `http://127.0.0.1`. */
export async function startCountingProxy(
  target: string,
  tls?: { readonly cert: string; readonly key: string },
): Promise<CountingProxy> {
  const origin = new URL(target);
  const isSecure = origin.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const send = isSecure ? requestHttps : requestHttp;
  const count = new ByteCount();
  let requests = 0;
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    requests += 1;
    const { method, url: path, rawHeaders } = incoming;
    const { hostname, port } = origin;
    const asked = send({ agent, hostname, port, method, path, headers: rawHeaders }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asked.destroy());
    incoming.pipe(asked);
  };
  const server = tls === undefined ? createHttpServer(pass) : createHttpsServer(tls, pass);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => count.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const host = `${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`;
  return {
    host,
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    take() {
      const passed = { requests, bytes: count.take() };
      requests = 0;
      return passed;
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Of all connections, also of those that have ended. */
class ByteCount {
  readonly #open = new Set<Socket>();
  #closed = 0;
  #taken = 0;

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#closed += passedBy(socket);
    });
  }

  take(): number {
    const total = [...this.#open].reduce((sum, socket) => sum + passedBy(socket), this.#closed);
    const bytes = total - this.#taken;
    this.#taken = total;
    return bytes;
  }
}

function passedBy({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
