/**
 * A client's stub resolver with a cache that honours the TTL, as a careful HTTP client in front of Traffic Manager has.
 * It keeps an answer for the smallest TTL of its chain. Where the local Azure has one loopback address only, groups are
 * told apart by port, which it publishes as SRV records.
 */
import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import type { Answer, RecordType } from 'dns-packet';

export interface ResolvedHost {
  readonly address: string;
  readonly port: number;
  /** Monotonic milliseconds until which the answer may be used. */
  readonly expiresAt: number;
}

const ANSWER_TIMEOUT_MS = 2000;

export class CachingResolver {
  readonly #server: { readonly host: string; readonly port: number };
  readonly #cache = new Map<string, Promise<ResolvedHost>>();

  constructor(server: { readonly host: string; readonly port: number }) {
    this.#server = server;
  }

  /** The host's address and port, from the cache while the TTL lasts. Throws where the name does not resolve. */
  async resolve(name: string, port: number): Promise<ResolvedHost> {
    const key = `${name}:${port}`;
    const cached = await this.#cache.get(key);
    if (cached !== undefined && cached.expiresAt > performance.now()) return cached;
    const fresh = this.#lookUp(name, port);
    this.#cache.set(key, fresh);
    fresh.catch(() => this.#cache.delete(key));
    return fresh;
  }

  async #lookUp(name: string, port: number): Promise<ResolvedHost> {
    const askedAt = performance.now();
    const answers = await this.#ask(name, 'A');
    const address = answers.find((answer) => answer.type === 'A');
    if (address?.type !== 'A') throw new Error(`${name} has no address: ${answers.length} answers`);
    const ttlSeconds = Math.min(...answers.map((answer) => ('ttl' in answer ? (answer.ttl ?? 0) : 0)));
    const expiresAt = askedAt + ttlSeconds * 1000;
    if (address.data !== '127.0.0.1') return { address: address.data, port, expiresAt };
    const services = await this.#ask(`_http._tcp.${address.name}`, 'SRV');
    const service = services.find((answer) => answer.type === 'SRV');
    return { address: address.data, port: service?.type === 'SRV' ? service.data.port : port, expiresAt };
  }

  #ask(name: string, type: RecordType): Promise<Answer[]> {
    const id = Math.floor(Math.random() * 65_536);
    const { promise, resolve, reject } = Promise.withResolvers<Answer[]>();
    const socket = createSocket('udp4');
    const timer = setTimeout(() => reject(new Error(`no DNS answer for ${name}`)), ANSWER_TIMEOUT_MS);
    socket.on('error', reject);
    socket.on('message', (message) => {
      const answer = decode(message);
      if (answer.id === id) resolve(answer.answers ?? []);
    });
    socket.send(encode({ type: 'query', id, questions: [{ type, name }] }), this.#server.port, this.#server.host);
    return promise.finally(() => {
      clearTimeout(timer);
      socket.close();
    });
  }
}
