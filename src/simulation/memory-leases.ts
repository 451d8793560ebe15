/** Leases as a storage service gives them: by its own clock, to one daemon at a time, and failing on request. */
import { attendantNow } from '../controller/attendance.ts';
import type { Attendance, Attendant } from '../controller/attendance.ts';
import type { Leases } from '../controller/ports.ts';
import { TransientError } from '../model/errors.ts';
import type { StoreTrouble } from './documents.ts';
import type { VirtualTime } from './virtual-time.ts';

const DURATION_MS = 45_000;

interface Lease {
  readonly id: string;
  readonly daemon: string;
  readonly until: number;
}

export class MemoryLeases {
  readonly #time: VirtualTime;
  readonly #trouble: () => StoreTrouble;
  readonly #leases = new Map<number, Lease>();
  readonly #attendants = new Map<string, Attendant>();
  #lives = 0;

  constructor(given: { time: VirtualTime; trouble: () => StoreTrouble }) {
    this.#time = given.time;
    this.#trouble = given.trouble;
  }

  /** Who may act on the partition now. */
  holder(partition: number): string | undefined {
    return this.#current(partition)?.daemon;
  }

  /** As one life of a daemon sees them. */
  of(daemon: string): Leases {
    const life = `${daemon}-${(this.#lives += 1)}`;
    const id = `lease of ${life}`;
    let [name, configs] = [life, 0];
    const lease = (partition: number) => {
      this.#leases.set(partition, { id, daemon, until: this.#time.now() + DURATION_MS });
    };
    return {
      durationMs: DURATION_MS,
      acquire: (partition) =>
        this.#asked(() => {
          // One that this life has already is given again.
          const current = this.#current(partition);
          if (current !== undefined && current.id !== id) return undefined;
          lease(partition);
          return id;
        }),
      renew: (partition) =>
        this.#asked(() => {
          // As the real one: also after its end, as long as nobody else has taken it.
          if (this.#leases.get(partition)?.id !== id) return false;
          lease(partition);
          return true;
        }),
      release: (partition) =>
        this.#asked(() => {
          if (this.#leases.get(partition)?.id === id) this.#leases.delete(partition);
        }),
      attend: (config) =>
        this.#asked(() => {
          // As the real one: a trace of its own for each config that it has run.
          const before = this.#attendants.get(name);
          if (before === undefined || before.config === config) return this.#attend(name, config);
          this.#attendants.set(name, { ...before, hasLeft: true });
          name = `${life}.${(configs += 1)}`;
          return this.#attend(name, config, before.rounds);
        }),
      leave: () =>
        this.#asked(() => {
          const own = this.#attendants.get(name);
          if (own !== undefined) this.#attendants.set(name, { ...own, hasLeft: true });
        }),
    };
  }

  #attend(name: string, config: string, roundsBefore = 0): Attendance {
    const now = this.#time.now();
    const others = [...this.#attendants.values()].filter((other) => other.name !== name);
    const rounds = (this.#attendants.get(name)?.rounds ?? roundsBefore) + 1;
    const own = attendantNow({ name, config, rounds }, [...this.#attendants.values()], now);
    this.#attendants.set(name, own);
    return { now, own, others };
  }

  #current(partition: number): Lease | undefined {
    const lease = this.#leases.get(partition);
    return lease !== undefined && this.#time.now() < lease.until ? lease : undefined;
  }

  /** The answer may be lost although the request took effect. */
  async #asked<Result>(answer: () => Result): Promise<Result> {
    const { delayMs, fails } = this.#trouble();
    const failed = () => new TransientError('the leases cannot be reached: a fault of the simulation');
    await this.#time.sleep(delayMs);
    if (fails === 'before') throw failed();
    const result = answer();
    await this.#time.sleep(delayMs);
    if (fails === 'after') throw failed();
    return result;
  }
}
