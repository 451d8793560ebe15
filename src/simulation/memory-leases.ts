/** Leases as a storage service gives them: by its own clock, to one daemon at a time, and failing on request. */
import type { Leases } from '../controller/ports.ts';
import { TransientError } from '../model/errors.ts';
import type { StoreTrouble } from './documents.ts';
import type { VirtualTime } from './virtual-time.ts';

const DURATION_MS = 45_000;
/** A daemon that has not been heard of for so long is taken for dead. */
const ALIVE_MS = 30_000;

interface Lease {
  readonly id: string;
  readonly daemon: string;
  readonly until: number;
}

export class MemoryLeases {
  readonly #time: VirtualTime;
  readonly #trouble: () => StoreTrouble;
  readonly #leases = new Map<number, Lease>();
  readonly #heardAt = new Map<string, number>();
  #given = 0;

  constructor(given: { time: VirtualTime; trouble: () => StoreTrouble }) {
    this.#time = given.time;
    this.#trouble = given.trouble;
  }

  /** Who may act on the partition now. */
  holder(partition: number): string | undefined {
    return this.#current(partition)?.daemon;
  }

  /** As one daemon sees them. */
  of(daemon: string): Leases {
    return {
      durationMs: DURATION_MS,
      acquire: (partition) =>
        this.#asked(() => {
          if (this.#current(partition) !== undefined) return undefined;
          const id = `lease ${(this.#given += 1)}`;
          this.#leases.set(partition, { id, daemon, until: this.#time.now() + DURATION_MS });
          return id;
        }),
      renew: (partition, id) =>
        this.#asked(() => {
          // As the real one: also after its end, as long as nobody else has taken it.
          if (this.#leases.get(partition)?.id !== id) return false;
          this.#leases.set(partition, { id, daemon, until: this.#time.now() + DURATION_MS });
          return true;
        }),
      release: (partition, id) =>
        this.#asked(() => {
          if (this.#leases.get(partition)?.id === id) this.#leases.delete(partition);
        }),
      attend: () =>
        this.#asked(() => {
          this.#heardAt.set(daemon, this.#time.now());
          return [...this.#heardAt.values()].filter((at) => at > this.#time.now() - ALIVE_MS).length;
        }),
      leave: () => this.#asked(() => void this.#heardAt.delete(daemon)),
    };
  }

  #current(partition: number): Lease | undefined {
    const lease = this.#leases.get(partition);
    return lease !== undefined && this.#time.now() < lease.until ? lease : undefined;
  }

  /** The answer may be lost although the request took effect. */
  async #asked<Result>(answer: () => Result): Promise<Result> {
    const { delayMs, fails } = this.#trouble();
    const failed = new TransientError('the leases cannot be reached: a fault of the simulation');
    await this.#time.sleep(delayMs);
    if (fails === 'before') throw failed;
    const result = answer();
    await this.#time.sleep(delayMs);
    if (fails === 'after') throw failed;
    return result;
  }
}
