/**
 * A real HTTP server for one running container group, on a loopback address of its own, so that real clients can be cut
 * off for real. Where the system binds only 127.0.0.1 (macOS) or refuses a port, all of them fall back to others there.
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
  /** Told once where the ports had to be moved. */
  readonly onFallback: (message: string) => void;
}

export async function startGroupServer(options: GroupServerOptions): Promise<GroupServer> {
  const startedAt = Date.now();
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    answer(options, startedAt, { request, response });
  const { servers, address } = await listen(listener, options);
  const ports = new Map(distinct(options.ports).map((port, at) => [port, portOf(servers[at]) ?? port]));
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

/** All at one address, since a group has only one. */
async function listen(
  listener: Listener,
  options: GroupServerOptions,
): Promise<{ servers: readonly Server[]; address: string }> {
  const ports = distinct(options.ports);
  try {
    return { servers: await bindAll(listener, ports, options.address), address: options.address };
  } catch (error) {
    const wished = ports.map(() => 0);
    const servers = await bindAll(listener, wished, '127.0.0.1');
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'refused';
    options.onFallback(
      `${options.name}: ${options.address}:${ports.join()} cannot be bound (${why}); it answers at 127.0.0.1:${servers.map(portOf).join()}, published as an SRV record`,
    );
    return { servers, address: '127.0.0.1' };
  }
}

async function bindAll(listener: Listener, ports: readonly number[], host: string): Promise<Server[]> {
  const tried = await Promise.allSettled(ports.map((port) => bind(listener, port, host)));
  const servers = tried.flatMap((bound) => (bound.status === 'fulfilled' ? [bound.value] : []));
  const refused = tried.find((bound) => bound.status === 'rejected');
  if (refused === undefined) return servers;
  for (const server of servers) server.close();
  throw refused.reason;
}

/** A port may be declared for TCP and again for UDP. */
function distinct(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)];
}

function portOf(server: Server | undefined): number | undefined {
  const bound = server?.address();
  return typeof bound === 'object' ? bound?.port : undefined;
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
