/** How bad the world is: the trouble that each request and each save meets, until everything heals. */
import type { HttpRequest } from '../simulator/http.ts';
import type { Chance } from './chance.ts';
import { NO_FAULTS } from './options.ts';
import type { Rates } from './options.ts';
import type { Trouble } from './transport.ts';

type Failure = Exclude<Trouble['failure'], undefined>;

export class Troubles {
  #rates: Rates;
  readonly #chance: Chance;

  constructor(rates: Rates, chance: Chance) {
    this.#rates = rates;
    this.#chance = chance;
  }

  heal(): void {
    this.#rates = NO_FAULTS;
  }

  readonly ofRequest = (request: HttpRequest): Trouble => {
    const isRegistry = request.path.startsWith('/acr/') || request.path.startsWith('/oauth2/');
    return isRegistry ? this.#ofRegistry() : this.#ofArm(request);
  };

  readonly ofStore = (): { delayMs: number; fails: boolean } => ({
    delayMs: this.#chance.whole(1, 20),
    fails: this.#chance.happens(this.#rates.storeFails),
  });

  #latencyMs(): number {
    const isSlow = this.#chance.happens(this.#rates.armIsSlow);
    return isSlow ? this.#chance.whole(1000, 60_000) : this.#chance.whole(2, 60);
  }

  #ofRegistry(): Trouble {
    const latencyMs = this.#chance.whole(2, 100);
    if (!this.#chance.happens(this.#rates.registryFails)) return { latencyMs };
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
    const isRead = request.method === 'GET';
    if (chance.happens(this.#rates.armFailsBefore)) return { latencyMs, failure: this.#armFailure() };
    if (isRead) {
      const isList = /containergroups$/i.test(request.path);
      const isStale = isList && chance.happens(this.#rates.armIsStale);
      return isStale ? { latencyMs, staleMs: chance.whole(1000, 60_000) } : { latencyMs };
    }
    if (!chance.happens(this.#rates.armFailsAfter)) return { latencyMs };
    return { latencyMs, failure: this.#armFailure(), afterEffect: true };
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
