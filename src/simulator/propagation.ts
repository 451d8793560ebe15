/**
 * What each of Traffic Manager's name servers knows by now: for a while after a change they answer as before, the first of
 * n for a share of 1/n of the delay, the last for all of it. The real ones need seconds; up to a minute is documented.
 */
import type { Profile } from './profile.ts';

export type ProfilesByKey = ReadonlyMap<string, Profile>;

interface Version {
  readonly at: number;
  readonly profiles: ProfilesByKey;
}

/** Changes within one delay; older ones are forgotten, so that what lags furthest learns a little earlier. */
const MOST_VERSIONS = 1000;

export class Propagation {
  readonly #now: () => number;
  readonly #servers: number;
  #delayMs = 0;
  #versions: Version[] = [];

  constructor(given: { now: () => number; servers: number }) {
    this.#now = given.now;
    this.#servers = given.servers;
  }

  get servers(): number {
    return this.#servers;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  /** From the next change on; 0: every server knows at once. */
  setDelay(delayMs: number, live: ProfilesByKey): void {
    this.#delayMs = delayMs;
    this.#versions = [{ at: Number.NEGATIVE_INFINITY, profiles: copyOf(live) }];
  }

  /** To be called after each change of anything that answers depend on. */
  record(live: ProfilesByKey): void {
    if (this.#delayMs === 0) return;
    const now = this.#now();
    const needed = this.#versions.findLastIndex(({ at }) => at <= now - this.#delayMs);
    const kept = this.#versions.slice(Math.max(0, needed, this.#versions.length - MOST_VERSIONS));
    this.#versions = [...kept, { at: now, profiles: copyOf(live) }];
  }

  /** `server`: from 0. */
  seenBy(server: number, live: ProfilesByKey): ProfilesByKey {
    if (this.#delayMs === 0) return live;
    const lagMs = (this.#delayMs * (Math.min(server, this.#servers - 1) + 1)) / this.#servers;
    const known = this.#versions.findLast(({ at }) => at <= this.#now() - lagMs);
    return (known ?? this.#versions[0])?.profiles ?? live;
  }
}

function copyOf(live: ProfilesByKey): ProfilesByKey {
  return new Map(
    [...live].map(([key, profile]) => {
      const endpoints = new Map([...profile.endpoints].map(([name, endpoint]) => [name, { ...endpoint }]));
      return [key, { ...profile, endpoints }];
    }),
  );
}
