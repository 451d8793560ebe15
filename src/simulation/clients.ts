/**
 * Clients that know only a profile's name, the topmost of its chain, and ask any of its name servers: each keeps an answer for the TTL, some for
 * longer, and some go on using an open connection; both end within the drain time. What a rollout must not make fail.
 */
import type { Instant } from '../model/time.ts';
import { askedName } from './draw-parents.ts';
import type { AppOptions } from './options.ts';
import type { VirtualAzure } from './virtual-azure.ts';

export interface Failure {
  readonly app: string;
  /** Undefined: the name led nowhere. */
  readonly target: string | undefined;
  readonly detail: string;
}

export interface ClientsGiven {
  readonly azure: VirtualAzure;
  readonly now: () => Instant;
  readonly after: (ms: number, callback: () => void) => void;
  readonly random: () => number;
  readonly onFailure: (failure: Failure) => void;
}

const PAUSE_MS = 2000;
const KINDS = ['exact', 'late', 'open', 'lateAndOpen'] as const;
/** Where each kind asks from: three places that the local Azure knows, and one that it does not. */
const ADDRESSES = { exact: '192.0.2.7', late: '198.51.100.7', open: '203.0.113.7', lateAndOpen: '10.9.8.7' } as const;

interface Client {
  readonly address: string;
  /** That it holds an answer for after its TTL. */
  readonly longerMs: number;
}

export class Clients {
  requests = 0;
  readonly #given: ClientsGiven;

  constructor(given: ClientsGiven) {
    this.#given = given;
  }

  start(app: AppOptions): void {
    for (const kind of KINDS) {
      // Late to ask again, and late to let go of a connection: together no longer than old groups are kept after the TTL.
      const lateMs = kind.startsWith('late') ? Math.floor(this.#given.random() * app.drainMs) : 0;
      const openMs = kind.toLowerCase().endsWith('open') ? app.drainMs - lateMs : 0;
      this.#run(app, { address: ADDRESSES[kind], longerMs: lateMs + openMs });
    }
  }

  #run(app: AppOptions, client: Client): void {
    const { now, after, random } = this.#given;
    let known: { target: string; until: Instant } | undefined;
    const request = () => {
      if (known === undefined || now() >= known.until) known = this.#resolve(app, client);
      if (known !== undefined) this.#send(app, known.target);
      after(PAUSE_MS / 2 + random() * PAUSE_MS, request);
    };
    // The first answer is fetched at a random time of its TTL.
    after(random() * app.ttlSeconds * 1000, request);
  }

  #resolve(app: AppOptions, { address, longerMs }: Client): { target: string; until: Instant } | undefined {
    const { azure, now, onFailure, random } = this.#given;
    const { count, delayMs } = azure.profiles.nameServers;
    const server = delayMs === 0 ? 0 : Math.floor(random() * count);
    const answer = azure.profiles.answer(`${askedName(app)}.trafficmanager.net`, { address, server });
    if (answer?.endpoint === undefined) {
      this.requests += 1;
      onFailure({ app: app.name, target: undefined, detail: 'the name leads nowhere' });
      return undefined;
    }
    return { target: answer.endpoint.target, until: now() + answer.ttlSeconds * 1000 + longerMs };
  }

  #send(app: AppOptions, target: string): void {
    const { azure, onFailure } = this.#given;
    this.requests += 1;
    const group = azure.groupBehind(target);
    if (azure.serves(group)) return;
    const detail = group === undefined ? 'the group is gone' : `${group.provisioning}, ${group.state}`;
    onFailure({ app: app.name, target, detail });
  }
}
