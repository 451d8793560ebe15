/** Runs groups as real HTTP servers; tells Traffic Manager's monitor, and DNS, where each one answers. */
import { request } from 'node:http';
import { Addresses, startGroupServer } from './group-server.ts';
import type { GroupServer } from './group-server.ts';
import { answerOf } from './container-answer.ts';
import { ownStores } from './container-files.ts';
import { outsideListener, outsidePorts } from './group-network.ts';
import type { AddressKind, Group, Hosts } from './group.ts';
import type { MonitorConfig } from './monitor-config.ts';
import { Shares } from './shares.ts';

export class RealHosts implements Hosts {
  readonly shares = new Shares();
  readonly #nextAddress: (kind: AddressKind) => string;
  readonly #servers = new Map<Group, GroupServer>();
  readonly #onFallback: (message: string) => void;

  constructor(onFallback: (message: string) => void, nextAddress?: () => string) {
    const addresses = new Addresses();
    this.#nextAddress = nextAddress ?? ((kind) => addresses.next(kind));
    this.#onFallback = onFallback;
  }

  allocate(kind: AddressKind): string {
    return this.#nextAddress(kind);
  }

  async start(group: Group): Promise<string> {
    const { generation } = group;
    // Without an address there are no ports of it.
    const server = await startGroupServer({
      address: group.ip ?? '127.0.0.1',
      ports: outsidePorts(group).filter((port) => outsideListener(group, port) !== undefined),
      answer: (request) => answerOf(group, this.shares, request),
      name: group.key.name,
      onFallback: this.#onFallback,
    });
    if (group.generation !== generation) {
      server.close();
      return server.address;
    }
    this.#servers.set(group, server);
    return server.address;
  }

  stop(group: Group): void {
    this.#servers.get(group)?.close();
    this.#servers.delete(group);
    for (const store of ownStores(group)) this.shares.drop(store);
  }

  /** The port that a group answers at in place of its declared one; undefined where that is the declared one. */
  portOf(group: Group): number | undefined {
    for (const [declared, actual] of this.#servers.get(group)?.ports ?? []) if (declared !== actual) return actual;
    return undefined;
  }

  /** One probe of the monitor's: 200 within its time-out, no redirects followed. */
  async probe(group: Group | undefined, monitor: MonitorConfig): Promise<boolean> {
    const server = group === undefined ? undefined : this.#servers.get(group);
    const port = server?.ports.get(monitor.port);
    if (server === undefined || port === undefined) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timeout = monitor.timeoutInSeconds * 1000;
    const sent = request({ host: server.address, port, path: monitor.path, agent: false, timeout }, (answer) => {
      answer.resume();
      resolve(monitor.protocol.toUpperCase() === 'TCP' || answer.statusCode === 200);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.end();
    return promise;
  }
}
