/**
 * Where a group is reached. Name servers of the config are asked where there are any; where those publish a service record
 * for the name, its port is used.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

const DNS_TIMEOUT_MS = 2000;

/** An address, or a name that the system resolves. */
export interface Reached {
  readonly host: string;
  readonly port: number;
}

export class TargetResolver {
  readonly #resolver: Resolver | undefined;

  constructor(nameServers: readonly string[]) {
    if (nameServers.length === 0) return;
    this.#resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
    this.#resolver.setServers([...nameServers]);
  }

  /** Rejects where the name servers do not know the name, or do not answer. */
  async resolve(target: string, port: number): Promise<Reached> {
    if (this.#resolver === undefined || isIP(target) !== 0) return { host: target, port };
    const [addresses, services] = await Promise.all([
      this.#resolver.resolve4(target),
      this.#resolver.resolveSrv(`_http._tcp.${target}`).catch(() => []),
    ]);
    return { host: addresses[0] ?? target, port: services[0]?.port ?? port };
  }
}
