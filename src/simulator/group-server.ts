/**
 * A real HTTP server for one running container group, on a loopback address of its own, so that real clients can be cut
 * off for real. Where the system binds only 127.0.0.1 (macOS) or refuses the port, it falls back to another port there.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { randomInt } from 'node:crypto';
import type { Program } from './program.ts';

export interface GroupServer {
  readonly address: string;
  /** Actual port by declared port: they differ only after a fallback. */
  readonly ports: ReadonlyMap<number, number>;
  /** Cuts every connection at once, as the end of a container group does. */
  close(): void;
}

/** Loopback addresses, a range per local Azure so that several can run side by side. */
export class Addresses {
  readonly #prefix = `127.${randomInt(16, 250)}.${randomInt(0, 250)}`;
  #last = 0;

  next(): string {
    this.#last = (this.#last % 250) + 1;
    return `${this.#prefix}.${this.#last}`;
  }
}

export interface GroupServerOptions {
  readonly address: string;
  readonly ports: readonly number[];
  readonly program: Program;
  readonly name: string;
  /** Told once for each port that had to be moved. */
  readonly onFallback: (message: string) => void;
}

export async function startGroupServer(options: GroupServerOptions): Promise<GroupServer> {
  const startedAt = Date.now();
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    answer(options, startedAt, { request, response });
  const servers: Server[] = [];
  const ports = new Map<number, number>();
  let address = options.address;
  for (const port of options.ports.length === 0 ? [] : options.ports) {
    const opened = await listen(listener, port, options);
    servers.push(opened.server);
    ports.set(port, opened.port);
    address = opened.address;
  }
  return {
    address,
    ports,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(
  listener: Listener,
  port: number,
  options: GroupServerOptions,
): Promise<{ server: Server; address: string; port: number }> {
  try {
    return { server: await bind(listener, port, options.address), address: options.address, port };
  } catch (error) {
    const server = await bind(listener, 0, '127.0.0.1');
    const bound = server.address();
    const actual = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'refused';
    options.onFallback(
      `${options.name}: ${options.address}:${port} cannot be bound (${why}); it answers at 127.0.0.1:${actual}, published as an SRV record`,
    );
    return { server, address: '127.0.0.1', port: actual };
  }
}

async function bind(listener: Listener, port: number, host: string): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

function answer(
  options: GroupServerOptions,
  startedAt: number,
  exchange: { request: IncomingMessage; response: ServerResponse },
): void {
  const { program, name } = options;
  const { request, response } = exchange;
  request.resume();
  const isUp = Date.now() >= startedAt + program.startMs;
  const send = () => {
    response.writeHead(isUp && program.healthy ? 200 : 503, {
      'content-type': 'application/json',
      'x-version': program.version,
    });
    response.end(`${JSON.stringify({ version: program.version, group: name, path: request.url })}\n`);
  };
  if (program.delayMs > 0) setTimeout(send, program.delayMs);
  else send();
}
