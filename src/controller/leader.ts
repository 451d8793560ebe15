/**
 * Holds the leases of this daemon's partitions: takes what is free up to its fair share, renews what it has, lets go of
 * what is too much. How long a lease lasts is counted from before the request, by the clock that has moved furthest, so
 * that neither a slow answer, nor a step of the wall clock, nor a pause of the whole process makes it seem longer.
 */
import type { Clock, Instant } from '../model/time.ts';
import type { Events } from './events.ts';
import { partitionOf } from './leadership.ts';
import type { Leadership } from './leadership.ts';
import type { Leases } from './ports.ts';

export interface LeaderGiven {
  readonly leases: Leases;
  readonly clock: Clock;
  /** The wall clock: it may step, and goes on where a machine is suspended. */
  readonly wall: () => Instant;
  readonly apps: readonly string[];
  readonly events: Pick<Events, 'partitionTaken' | 'partitionLost' | 'leasesFailed'>;
  /** The apps concerned may be driven from now on, or not any more. */
  readonly onChange: () => void;
}

interface Held {
  readonly leaseId: string;
  readonly term: number;
  /** When its last renewal was asked for. */
  readonly since: { readonly clock: Instant; readonly wall: Instant };
  /** Not renewed any more, so that another daemon can take it. */
  readonly isLetGo: boolean;
}

const ROUND_MS = 10_000;
const RETRY_MS = 2000;
/** The longest that a change may be under way, and as long again as clocks may differ in their pace. */
export const EFFECT_MS = 31_000;

export class Leader implements Leadership {
  readonly #given: LeaderGiven;
  readonly #partitions = new Map<number, string[]>();
  readonly #held = new Map<number, Held>();
  #terms = 0;
  #daemons = 1;
  #lastFailure = '';

  constructor(given: LeaderGiven) {
    this.#given = given;
    for (const app of given.apps) this.add(app);
  }

  add(app: string): void {
    const partition = partitionOf(app);
    this.#partitions.set(partition, [...(this.#partitions.get(partition) ?? []), app]);
  }

  term(app: string): number | undefined {
    const held = this.#held.get(partitionOf(app));
    return held !== undefined && this.#mayAct(held) ? held.term : undefined;
  }

  /** Runs until the signal aborts; then call `leave`, once nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await this.#round(signal);
      if (failure !== this.#lastFailure && failure !== '') this.#given.events.leasesFailed(failure);
      this.#lastFailure = failure;
      await this.#given.clock.wait(failure === '' ? ROUND_MS : RETRY_MS, signal);
    }
  }

  /** Gives everything back, so that the others need not wait until it runs out. */
  async leave(): Promise<void> {
    const { leases } = this.#given;
    const held = [...this.#held];
    this.#held.clear();
    await Promise.allSettled([
      ...held.map(([partition, { leaseId }]) => leases.release(partition, leaseId)),
      leases.leave(),
    ]);
  }

  /** What failed, or nothing. */
  async #round(signal: AbortSignal): Promise<string> {
    const failures: string[] = [];
    const attempt = async (act: () => Promise<void>) => {
      try {
        if (!signal.aborted) await act();
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    };
    // What is held comes first: everything else can wait.
    await Promise.all([...this.#held].map(([partition, held]) => attempt(() => this.#renew(partition, held))));
    await attempt(async () => {
      this.#daemons = Math.max(1, await this.#given.leases.attend());
    });
    const share = Math.ceil(this.#partitions.size / this.#daemons);
    this.#letGo(share);
    for (const partition of this.#partitions.keys()) {
      if (this.#held.size < share && !this.#held.has(partition)) await attempt(() => this.#acquire(partition));
    }
    return failures[0] ?? '';
  }

  async #acquire(partition: number): Promise<void> {
    const since = this.#now();
    const leaseId = await this.#given.leases.acquire(partition);
    if (leaseId === undefined) return;
    this.#terms += 1;
    this.#held.set(partition, { leaseId, term: this.#terms, since, isLetGo: false });
    this.#given.events.partitionTaken(partition, this.#appsOf(partition));
    this.#given.onChange();
  }

  async #renew(partition: number, held: Held): Promise<void> {
    if (held.isLetGo) {
      if (this.#leftMs(held) <= 0) this.#held.delete(partition);
      return;
    }
    const since = this.#now();
    const isRenewed = await this.#given.leases.renew(partition, held.leaseId);
    if (isRenewed) {
      // Between its end and now another daemon may have had it and left.
      const term = this.#leftMs(held) > 0 ? held.term : (this.#terms += 1);
      const isNews = term !== held.term || !this.#mayAct(held);
      this.#held.set(partition, { ...held, since, term });
      if (isNews) this.#given.onChange();
    } else {
      this.#held.delete(partition);
      this.#given.events.partitionLost(partition, this.#appsOf(partition));
      this.#given.onChange();
    }
  }

  #letGo(share: number): void {
    const kept = [...this.#held].filter(([, { isLetGo }]) => !isLetGo);
    for (const [partition, held] of kept.slice(share)) {
      this.#held.set(partition, { ...held, isLetGo: true });
      this.#given.events.partitionLost(partition, this.#appsOf(partition));
    }
  }

  #mayAct(held: Held): boolean {
    return !held.isLetGo && this.#leftMs(held) > EFFECT_MS;
  }

  #leftMs({ since }: Held): number {
    const now = this.#now();
    const elapsedMs = Math.max(now.clock - since.clock, now.wall - since.wall);
    return this.#given.leases.durationMs - elapsedMs;
  }

  #now(): Held['since'] {
    return { clock: this.#given.clock.now(), wall: this.#given.wall() };
  }

  #appsOf(partition: number): readonly string[] {
    return this.#partitions.get(partition) ?? [];
  }
}
