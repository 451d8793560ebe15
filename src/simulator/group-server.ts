/**
 * A real HTTP server for one running container group, on a loopback address of its own, so that real clients can be cut
 * off for real. Where the system binds only 127.0.0.1 (macOS) or refuses a port, all of them fall back to others there.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { randomInt } from 'node:crypto';
import type { ContainerAnswer, ContainerRequest } from './container-answer.ts';
import type { AddressKind } from './group.ts';

export interface GroupServer {
  readonly address: string;
  /** Actual port by declared port: they differ only after a fallback. */
  readonly ports: ReadonlyMap<number, number>;
  /** Cuts every connection at once, as the end of a container group does. */
  close(): void;
}

/**
 * Loopback addresses, a range per local Azure so that several can run side by side. Private ones are in 127.10, as this
 * machine is in every subnet.
 */
export class Addresses {
  readonly #prefixes = {
    public: `127.${randomInt(16, 250)}.${randomInt(0, 250)}`,
    private: `127.10.${randomInt(0, 250)}`,
  };
  #last = 0;

  next(kind: AddressKind): string {
    this.#last = (this.#last % 250) + 1;
    return `${this.#prefixes[kind]}.${this.#last}`;
  }
}

export interface GroupServerOptions {
  readonly address: string;
  readonly ports: readonly number[];
  readonly name: string;
  readonly answer: (request: ContainerRequest) => ContainerAnswer;
  /** Told once where the ports had to be moved. */
  readonly onFallback: (message: string) => void;
}

export async function startGroupServer(options: GroupServerOptions): Promise<GroupServer> {
  const startedAt = Date.now();
  const listenerAt = (port: number) => (request: IncomingMessage, response: ServerResponse) =>
    answer(options, { port, startedAt }, { request, response });
  const { servers, address } = await listen(listenerAt, options);
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

/** By declared port. */
type ListenerAt = (port: number) => (request: IncomingMessage, response: ServerResponse) => void;

/** All at one address, since a group has only one. */
async function listen(
  listenerAt: ListenerAt,
  options: GroupServerOptions,
): Promise<{ servers: readonly Server[]; address: string }> {
  const ports = distinct(options.ports);
  try {
    return {
      servers: await bindAll(listenerAt, ports, { host: options.address, isMoved: false }),
      address: options.address,
    };
  } catch (error) {
    const servers = await bindAll(listenerAt, ports, { host: '127.0.0.1', isMoved: true });
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'refused';
    options.onFallback(
      `${options.name}: ${options.address}:${ports.join()} cannot be bound (${why}); it answers at 127.0.0.1:${servers.map(portOf).join()}, published as an SRV record`,
    );
    return { servers, address: '127.0.0.1' };
  }
}

async function bindAll(
  listenerAt: ListenerAt,
  ports: readonly number[],
  { host, isMoved }: { readonly host: string; readonly isMoved: boolean },
): Promise<Server[]> {
  const tried = await Promise.allSettled(ports.map((port) => bind(listenerAt(port), isMoved ? 0 : port, host)));
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

async function bind(listener: ReturnType<ListenerAt>, port: number, host: string): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

function answer(
  options: GroupServerOptions,
  at: { readonly port: number; readonly startedAt: number },
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): void {
  request.resume();
  const { method = 'GET', url: path = '/' } = request;
  const { status, version, delayMs, json } = options.answer({ ...at, method, path, now: Date.now() });
  const send = () => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-version': version });
    response.end(`${JSON.stringify(json)}\n`);
  };
  if (delayMs > 0) setTimeout(send, delayMs);
  else send();
}
