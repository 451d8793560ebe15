/**
 * Clients that send requests at a steady rate, each with its own DNS cache that honours the TTL and its own connections
 * kept alive: what a rollout must not make fail. A request fails when it gets no answer or another status than 200.
 */
import { Agent, request } from 'node:http';
import { CachingResolver } from './load-dns.ts';

export interface LoadTarget {
  readonly app: string;
  /** Host name that clients know: the profile's. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

export interface LoadCount {
  requests: number;
  failed: number;
  /** Requests by the version that answered. */
  readonly versions: Map<string, number>;
  /** The first few failures, for people. */
  readonly failures: string[];
}

const REQUEST_TIMEOUT_MS = 5000;
const MOST_FAILURES_KEPT = 20;

export class Load {
  readonly counts = new Map<string, LoadCount>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #agents: Agent[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #isCounting = true;

  /** `perSecond` requests to each target, spread over `clients` clients. */
  start(targets: readonly LoadTarget[], options: { dnsPort: number; clients: number; perSecond: number }): void {
    const intervalMs = (options.clients * 1000) / options.perSecond;
    for (const target of targets) {
      this.counts.set(target.app, { requests: 0, failed: 0, versions: new Map(), failures: [] });
      for (let client = 0; client < options.clients; client += 1) {
        const resolver = new CachingResolver({ host: '127.0.0.1', port: options.dnsPort });
        const agent = new Agent({ keepAlive: true, maxSockets: 4 });
        this.#agents.push(agent);
        this.#timers.push(setInterval(() => this.#fire(target, resolver, agent), intervalMs));
      }
    }
  }

  total(): { requests: number; failed: number } {
    const counts = [...this.counts.values()];
    return {
      requests: counts.reduce((sum, count) => sum + count.requests, 0),
      failed: counts.reduce((sum, count) => sum + count.failed, 0),
    };
  }

  /** Stops sending, waits for what is in flight (which still counts). */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#inFlight);
    this.#isCounting = false;
    for (const agent of this.#agents) agent.destroy();
  }

  #fire(target: LoadTarget, resolver: CachingResolver, agent: Agent): void {
    const count = this.counts.get(target.app);
    if (count === undefined || !this.#isCounting) return;
    count.requests += 1;
    const sent = send(target, resolver, agent).then(
      (version) => {
        count.versions.set(version, (count.versions.get(version) ?? 0) + 1);
      },
      (error: unknown) => {
        count.failed += 1;
        const reason = error instanceof Error ? error.message : String(error);
        if (count.failures.length < MOST_FAILURES_KEPT)
          count.failures.push(`${new Date().toISOString()} ${target.app}: ${reason}`);
      },
    );
    this.#inFlight.add(sent);
    void sent.finally(() => this.#inFlight.delete(sent));
  }
}

async function send(target: LoadTarget, resolver: CachingResolver, agent: Agent): Promise<string> {
  const { address, port } = await resolver.resolve(target.host, target.port);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const where = `${address}:${port}`;
  const sent = request(
    { host: address, port, path: target.path, agent, headers: { host: target.host }, timeout: REQUEST_TIMEOUT_MS },
    (answer) => {
      answer.resume();
      answer.on('error', (error) => reject(new Error(`${where}: answer cut off: ${error.message}`)));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(String(answer.headers['x-version'] ?? 'unknown'));
        else reject(new Error(`${where}: status ${answer.statusCode}, expected 200`));
      });
    },
  );
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`)));
  sent.on('error', (error) => reject(new Error(`${where}: ${error.message}`)));
  sent.end();
  return promise;
}
