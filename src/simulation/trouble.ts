/** How bad the world is: the trouble that each request and each save meets, until everything heals. */
import type { HttpRequest } from '../simulator/http.ts';
import type { Chance } from './chance.ts';
import type { StoreTrouble } from './documents.ts';
import { NO_FAULTS } from './options.ts';
import type { Rates } from './options.ts';
import type { Trouble } from './transport.ts';

type Failure = Exclude<Trouble['failure'], undefined>;

const GROUP = /\/containergroups\/[^/]+$/i;
const ACTION = /\/containergroups\/[^/]+\/(stop|start)$/i;
const GROUPS = /\/containergroups$/i;
const ENDPOINT = /\/externalendpoints\/[^/]+$/i;

/** What has been lost answers no more, and a caller gives up by itself after a while. */
const UNANSWERED_MS = 5000;

/** Changes that ARM refuses, all of them, while they are in the set. */
export type Refused = 'register' | 'deregister' | 'delete' | 'tag' | 'stop' | 'start';

/** What does not answer at all, while it is in the set. */
export type Lost = 'registry' | 'arm' | 'store';

export class Troubles {
  readonly refused = new Set<Refused>();
  readonly lost = new Set<Lost>();
  #rates: Rates;
  readonly #chance: Chance;

  constructor(rates: Rates, chance: Chance) {
    this.#rates = rates;
    this.#chance = chance;
  }

  heal(): void {
    this.#rates = NO_FAULTS;
    this.refused.clear();
    this.lost.clear();
  }

  readonly ofRequest = (request: HttpRequest): Trouble => {
    const isRegistry = request.path.startsWith('/acr/') || request.path.startsWith('/oauth2/');
    if (this.lost.has(isRegistry ? 'registry' : 'arm')) return { latencyMs: UNANSWERED_MS, failure: 'cut' };
    return isRegistry ? this.#ofRegistry() : this.#ofArm(request);
  };

  readonly ofStore = (): StoreTrouble => {
    const { storeIsSlow = 0 } = this.#rates;
    const isSlow = storeIsSlow > 0 && this.#chance.happens(storeIsSlow);
    const delayMs = isSlow ? this.#chance.whole(1000, 30_000) : this.#chance.whole(1, 20);
    if (this.lost.has('store')) return { delayMs, fails: 'before' };
    if (this.#chance.happens(this.#rates.storeFailsBefore)) return { delayMs, fails: 'before' };
    return { delayMs, fails: this.#chance.happens(this.#rates.storeFailsAfter) ? 'after' : undefined };
  };

  readonly ofNames = (): boolean => this.#chance.happens(this.#rates.namesFail);

  #latencyMs(): number {
    const isSlow = this.#chance.happens(this.#rates.armIsSlow);
    return isSlow ? this.#chance.whole(1000, 60_000) : this.#chance.whole(2, 60);
  }

  #ofRegistry(): Trouble {
    const latencyMs = this.#chance.whole(2, 100);
    if (!this.#chance.happens(this.#rates.registryFails)) {
      return this.#chance.happens(this.#rates.registryIsPartial)
        ? { latencyMs, lacks: this.#chance.next() }
        : { latencyMs };
    }
    const failures: readonly [Failure, ...Failure[]] = [
      { status: 401, code: 'UNAUTHORIZED' },
      { status: 404, code: 'NAME_UNKNOWN' },
      { status: 429, code: 'TOOMANYREQUESTS', retryAfterSeconds: this.#chance.whole(1, 60) },
      { status: 503, code: 'UNAVAILABLE' },
      'cut',
    ];
    return { latencyMs, failure: this.#chance.pick(failures) };
  }

  #ofArm(request: HttpRequest): Trouble {
    const chance = this.#chance;
    const latencyMs = this.#latencyMs();
    if (this.#isRefused(request)) return { latencyMs, failure: { status: 409, code: 'Conflict' } };
    if (chance.happens(this.#rates.armFailsBefore)) return { latencyMs, failure: this.#armFailure() };
    if (request.method === 'GET') return { latencyMs, ...this.#ofLook(request) };
    if (!chance.happens(this.#rates.armFailsAfter)) return { latencyMs };
    return { latencyMs, failure: this.#armFailure(), afterEffect: true };
  }

  /** Lists may be old or lack one; what was just made may not be found yet. */
  #ofLook({ path }: HttpRequest): Pick<Trouble, 'staleMs' | 'lacks' | 'forgetsMs'> {
    const chance = this.#chance;
    const { armIsStale, armIsPartial, armForgetsNew } = this.#rates;
    if (GROUP.test(path) && chance.happens(armForgetsNew)) return { forgetsMs: chance.whole(1000, 20_000) };
    if (!GROUPS.test(path)) return {};
    if (chance.happens(armIsStale)) return { staleMs: chance.whole(1000, 60_000) };
    return chance.happens(armIsPartial) ? { lacks: chance.next() } : {};
  }

  #isRefused({ method, path }: HttpRequest): boolean {
    const { refused } = this;
    if (GROUP.test(path))
      return (method === 'DELETE' && refused.has('delete')) || (method === 'PATCH' && refused.has('tag'));
    const action = ACTION.exec(path)?.[1]?.toLowerCase();
    if (action === 'stop' || action === 'start') return refused.has(action);
    if (!ENDPOINT.test(path)) return false;
    return (method === 'PUT' && refused.has('register')) || (method === 'PATCH' && refused.has('deregister'));
  }

  #armFailure(): Failure {
    const failures: readonly [Failure, ...Failure[]] = [
      { status: 408, code: 'RequestTimeout' },
      { status: 409, code: 'Conflict' },
      { status: 429, code: 'TooManyRequests', retryAfterSeconds: this.#chance.whole(1, 30) },
      { status: 500, code: 'InternalServerError' },
      { status: 503, code: 'ServiceUnavailable' },
      'cut',
    ];
    return this.#chance.pick(failures);
  }
}
