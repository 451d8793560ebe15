/**
 * Asks the name servers that Traffic Manager itself runs what they answer for a profile's name, past all caches. They are
 * those of the config, or found by the NS records of the profile's zone. Their addresses are anycast: what is seen is what
 * the nearest machines behind each of them know.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { MOST_ASKS_EACH } from '../model/confirmed-gone.ts';
import type { NameAnswers } from '../model/confirmed-gone.ts';
import type { Clock } from '../model/time.ts';
import type { Seen } from '../rollout/observation.ts';
import { askServer } from './dns-question.ts';
import type { ServerAddress } from './dns-question.ts';

export interface NameServersGiven {
  /** Traffic Manager's own (`ip` or `ip:port`); empty: those of the zone. */
  readonly servers: readonly string[];
  /** That the zone's are found by; empty: the system's own. */
  readonly resolvers: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
  /** Of those that are found; 53 where absent. */
  readonly port?: number;
}

/** Of each server at each look, where nothing is said: the caller keeps looking. */
const ASKS_EACH = 3;
const MOST_SERVERS = 8;
const RESOLVER_TIMEOUT_MS = 2000;
const SHORTEST_CACHE_MS = 60_000;
const LONGEST_CACHE_MS = 3_600_000;
/** Zones that are remembered: one for each cloud, and mistakes. */
const MOST_ZONES = 10;

export class AuthoritativeDns {
  readonly #given: NameServersGiven;
  readonly #resolver: Resolver;
  readonly #zones = new Map<string, { readonly servers: readonly ServerAddress[]; readonly until: number }>();

  constructor(given: NameServersGiven) {
    this.#given = given;
    this.#resolver = new Resolver({ timeout: RESOLVER_TIMEOUT_MS, tries: 2 });
    if (given.resolvers.length > 0) this.#resolver.setServers([...given.resolvers]);
  }

  /** Unknown where any of the servers gave no answer of its own: one that lags may be that one. Ends within 30 s. */
  async answers(fqdn: string, asksEach = ASKS_EACH): Promise<Seen<NameAnswers>> {
    const answersEach = Math.min(MOST_ASKS_EACH, Math.max(1, asksEach));
    const { clock } = this.#given;
    const askedAt = clock.now();
    try {
      const servers = await this.#serversOf(fqdn);
      const looks = await Promise.all(servers.map((server) => lookAt(server, fqdn, answersEach)));
      const targets = [...new Set(looks.flatMap((look) => look.targets))].sort();
      const ttlSeconds = Math.max(0, ...looks.map((look) => look.ttlSeconds));
      const value = { servers: servers.length, answersEach, targets, ttlSeconds };
      return { known: true, at: clock.now(), askedAt, value };
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      return { known: false, at: clock.now(), reason: `name servers of ${fqdn} cannot be asked: ${what}` };
    }
  }

  async #serversOf(fqdn: string): Promise<readonly ServerAddress[]> {
    const { servers, clock } = this.#given;
    if (servers.length > 0) return servers.slice(0, MOST_SERVERS).map(parseServer);
    const zone = fqdn.split('.').slice(1).join('.');
    const known = this.#zones.get(zone);
    if (known !== undefined && clock.now() < known.until) return known.servers;
    const found = await this.#find(zone);
    const [oldest] = this.#zones.keys();
    if (oldest !== undefined && this.#zones.size >= MOST_ZONES) this.#zones.delete(oldest);
    const cacheMs = Math.min(LONGEST_CACHE_MS, Math.max(SHORTEST_CACHE_MS, found.ttlSeconds * 1000));
    this.#zones.set(zone, { servers: found.servers, until: clock.now() + cacheMs });
    return found.servers;
  }

  /** Of each name server one address; all must have one. */
  async #find(zone: string): Promise<{ servers: readonly ServerAddress[]; ttlSeconds: number }> {
    const names = (await this.#resolver.resolveNs(zone)).slice(0, MOST_SERVERS);
    const found = await Promise.all(names.map((name) => this.#resolver.resolve4(name, { ttl: true })));
    const records = found.flatMap(([first]) => (first === undefined ? [] : [first]));
    if (records.length === 0) throw new Error(`zone ${zone} has no name server with an address`);
    const port = this.#given.port ?? 53;
    return {
      servers: records.map(({ address }) => ({ host: address, port })),
      ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
    };
  }
}

/** `127.0.0.1`, `127.0.0.1:5300`, `[::1]:5300`. */
function parseServer(text: string): ServerAddress {
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  if (isIP(host) === 0) throw new Error(`"${text}" is no address of a name server`);
  return { host, port: Number(port) };
}

type Look = Pick<NameAnswers, 'targets' | 'ttlSeconds'>;

async function lookAt(server: ServerAddress, fqdn: string, times: number): Promise<Look> {
  try {
    const looks = await Promise.all(Array.from({ length: times }, () => askOnce(server, fqdn)));
    return {
      targets: looks.flatMap(({ targets }) => targets),
      ttlSeconds: Math.max(...looks.map(({ ttlSeconds }) => ttlSeconds)),
    };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`name server ${server.host}:${server.port}: ${what}`, { cause: error });
  }
}

/** A question for an address is answered with the alias, too; only where there is none can there be addresses of both kinds. */
async function askOnce(server: ServerAddress, fqdn: string): Promise<Look> {
  const targets: string[] = [];
  let ttlSeconds = 0;
  for (const type of ['A', 'AAAA'] as const) {
    const { answers, exists } = await askServer(server, { name: fqdn, type });
    let isAlias = false;
    for (const answer of answers) {
      if (answer.name.toLowerCase() !== fqdn.toLowerCase()) continue;
      if (answer.type !== 'CNAME' && answer.type !== 'A' && answer.type !== 'AAAA') continue;
      isAlias ||= answer.type === 'CNAME';
      targets.push(answer.data.toLowerCase().replace(/\.$/, ''));
      ttlSeconds = Math.max(ttlSeconds, answer.ttl ?? 0);
    }
    if (isAlias || !exists) break;
  }
  return { targets, ttlSeconds };
}
