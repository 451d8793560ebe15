/**
 * Holds the leases of this daemon's partitions. Three rhythms that do not wait for each other: what is held is renewed;
 * who attends is looked at, and what is too much let go; what is free is taken, up to a fair share of all partitions,
 * whatever apps this daemon knows.
 */
import { SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import { countSharing, disagreementOf } from './attendance.ts';
import type { Attendance, Disagreement } from './attendance.ts';
import type { Events } from './events.ts';
import { Holdings } from './holdings.ts';
import type { Held, Moment } from './holdings.ts';
import { PARTITIONS, partitionOf } from './leadership.ts';
import type { Leadership } from './leadership.ts';
import type { Leases } from './ports.ts';
import { Rhythm, settled } from './rhythm.ts';

export interface LeaderGiven {
  readonly leases: Leases;
  readonly clock: Clock;
  /** The wall clock: it may step, and goes on where a machine is suspended. */
  readonly wall: () => Instant;
  readonly apps: readonly string[];
  /** Told how many daemons share the work, at each look. */
  readonly onDaemons?: (count: number) => void;
  /** Hash of the config that this daemon runs. */
  readonly config: string;
  readonly events: Pick<Events, 'partitionTaken' | 'partitionLost' | 'leasesFailed' | 'configsDiffer' | 'configsAgree'>;
  /** These apps may be driven from now on, or not any more. */
  readonly onChange: (apps: readonly string[]) => void;
}

const RENEW_EVERY_MS = 5 * SECOND;
const ATTEND_EVERY_MS = 10 * SECOND;
const ACQUIRE_EVERY_MS = 8 * SECOND;
/** Rounds in a row that must have shown too much before anything is let go. */
const LET_GO_ROUNDS = 3;
/** So long it counts who attended when that was last looked at. */
const ATTENDANCE_MS = 40 * SECOND;

export class Leader implements Leadership {
  readonly #given: LeaderGiven;
  readonly #apps = new Map<number, Set<string>>();
  #config: string;
  /** The other configs that the log was last told of. */
  #told: string | undefined;
  readonly #holdings: Holdings;
  /** Of the last rounds, the newest last. */
  #shares: readonly number[] = [];
  #attended: { readonly at: Moment; readonly disagreement: Disagreement | undefined } | undefined;
  readonly #rhythm: Rhythm;

  constructor(given: LeaderGiven) {
    this.#given = given;
    this.#config = given.config;
    this.#rhythm = new Rhythm(given.clock, (reason) => given.events.leasesFailed(reason));
    this.#holdings = new Holdings({ ...given, durationMs: given.leases.durationMs });
    for (const app of given.apps) this.add(app);
  }

  add(app: string): void {
    const partition = partitionOf(app);
    this.#apps.set(partition, (this.#apps.get(partition) ?? new Set()).add(app));
  }

  /** Another config: its leases it keeps; whether the others have that config too is known at the next look. */
  follow({ apps, config }: Pick<LeaderGiven, 'apps' | 'config'>): void {
    if (config !== this.#config) this.#attended = undefined;
    this.#config = config;
    this.#apps.clear();
    for (const app of apps) this.add(app);
  }

  term(app: string): number | undefined {
    const held = this.#holdings.get(partitionOf(app));
    return held !== undefined && this.#holdings.mayAct(held) ? held.term : undefined;
  }

  /** True where all daemons run the config of this one, as far as was seen a moment ago. */
  isAgreed(): boolean {
    const attended = this.#attended;
    if (attended === undefined || this.#holdings.elapsedMs(attended.at) > ATTENDANCE_MS) return false;
    return attended.disagreement === undefined;
  }

  /** Runs until the signal aborts; then call `leave`, once nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const renewing = this.#rhythm.every(RENEW_EVERY_MS, { signal, what: 'renew', act: () => this.#renewAll() });
    await Promise.all([renewing, this.#share(signal)]);
  }

  /** Gives everything back, so that the others need not wait until it runs out. */
  async leave(): Promise<void> {
    const { leases } = this.#given;
    const held = this.#holdings.all();
    for (const [partition] of held) this.#holdings.drop(partition);
    await Promise.allSettled([
      ...held.map(([partition, { leaseId }]) => leases.release(partition, leaseId)),
      leases.leave(),
    ]);
  }

  /** How much is this daemon's is known only once it has attended. */
  async #share(signal: AbortSignal): Promise<void> {
    const attend = { signal, what: 'attend', act: () => this.#attend() };
    const acquire = { signal, what: 'acquire', act: () => this.#acquireAll() };
    await this.#rhythm.once(attend);
    const acquiring = this.#rhythm.every(ACQUIRE_EVERY_MS, acquire);
    await this.#given.clock.wait(ATTEND_EVERY_MS, signal);
    await Promise.all([acquiring, this.#rhythm.every(ATTEND_EVERY_MS, attend)]);
  }

  async #attend(): Promise<void> {
    const at = this.#holdings.now();
    const config = this.#config;
    const attendance = await this.#given.leases.attend(config);
    // What was found of the config before says nothing of this one.
    if (config === this.#config) this.#noteConfigs(attendance, at);
    const daemons = countSharing(attendance);
    this.#given.onDaemons?.(daemons);
    const share = Math.ceil(PARTITIONS / daemons);
    this.#shares = [...this.#shares, share].slice(-LET_GO_ROUNDS);
    if (this.#shares.length === LET_GO_ROUNDS) this.#letGo(Math.max(...this.#shares));
  }

  #noteConfigs(attendance: Attendance, at: Moment): void {
    const { events } = this.#given;
    const disagreement = disagreementOf(attendance);
    this.#attended = { at, disagreement };
    const others = disagreement?.configs.join(' ');
    if (others === this.#told) return;
    this.#told = others;
    if (disagreement === undefined) events.configsAgree(this.#config);
    else events.configsDiffer(this.#config, disagreement);
  }

  async #acquireAll(): Promise<void> {
    const share = this.#shares.at(-1) ?? 0;
    const every = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const free = every.filter((partition) => this.#holdings.get(partition) === undefined);
    for (;;) {
      const missing = share - this.#holdings.kept().length;
      if (missing <= 0 || free.length === 0) return;
      await settled(free.splice(0, missing).map((partition) => this.#acquire(partition)));
    }
  }

  async #acquire(partition: number): Promise<void> {
    const since = this.#holdings.now();
    const leaseId = await this.#given.leases.acquire(partition);
    if (leaseId === undefined) return;
    this.#holdings.take(partition, leaseId, since);
    this.#say(partition);
  }

  async #renewAll(): Promise<void> {
    for (const [partition, held] of this.#holdings.all()) {
      if (held.isLetGo && this.#holdings.leftMs(held) <= 0) this.#holdings.drop(partition);
      else this.#say(partition);
    }
    const kept = this.#holdings.all().filter(([, { isLetGo }]) => !isLetGo);
    await settled(kept.map(([partition, held]) => this.#renew(partition, held)));
  }

  async #renew(partition: number, held: Held): Promise<void> {
    const since = this.#holdings.now();
    if (await this.#given.leases.renew(partition, held.leaseId)) {
      this.#holdings.renewed(partition, since);
      this.#say(partition, held.term);
      return;
    }
    this.#sayLost(partition);
    this.#holdings.drop(partition);
  }

  #letGo(share: number): void {
    const rank = (partition: number) => (this.#apps.has(partition) ? 0 : 1);
    // Those with apps first, then evenly: so they are shared as all are.
    const kept = this.#holdings.kept().toSorted((a, b) => rank(a) - rank(b) || a - b);
    const place = (index: number) => Math.ceil((index * share) / kept.length);
    for (const [index, partition] of kept.entries()) {
      if (kept.length <= share || place(index + 1) > place(index)) continue;
      this.#holdings.letGo(partition);
      this.#sayLost(partition);
    }
  }

  /** Tells the log and the apps whether this daemon drives the partition, where that is news; `before`: its term. */
  #say(partition: number, before?: number): void {
    const held = this.#holdings.get(partition);
    if (held === undefined) return;
    if (!this.#holdings.mayAct(held)) return this.#sayLost(partition);
    const apps = this.#appsOf(partition);
    if (!held.isSaid) {
      this.#holdings.said(partition, true);
      if (apps.length > 0) this.#given.events.partitionTaken(partition, apps);
    }
    if (!held.isSaid || (before !== undefined && before !== held.term)) this.#given.onChange(apps);
  }

  #sayLost(partition: number): void {
    if (this.#holdings.get(partition)?.isSaid !== true) return;
    this.#holdings.said(partition, false);
    const apps = this.#appsOf(partition);
    if (apps.length > 0) this.#given.events.partitionLost(partition, apps);
    this.#given.onChange(apps);
  }

  #appsOf(partition: number): readonly string[] {
    return [...(this.#apps.get(partition) ?? [])];
  }
}
