/**
 * Polls repositories by their registry's schedule, one poll per repository however many apps share it, each after a
 * random delay so that they do not all come at once. Failures are followed by a pause that grows.
 */
import type { TagList } from '../model/tag.ts';
import { MINUTE } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { CandidateAsked, CandidateCheck } from './candidate.ts';
import { sameTags } from './tag-index.ts';

export interface PolledRepository {
  listTags(): Promise<TagList>;
  checkCandidate(asked: CandidateAsked): Promise<CandidateCheck>;
  /** From the next look on, lists have the digest of this tag. True where that is new; absent where they have all. */
  want?(tag: string): boolean;
}

export interface PollerGiven {
  readonly clock: Clock;
  readonly random: () => number;
  /** Calls `tick` by a cron expression until the function given back is called. */
  readonly schedule: (expression: string, tick: () => void) => () => void;
  /** Called after each poll that brought something new: other tags, a failure, or its end. */
  readonly onChange: (repository: string, list: TagList, before: TagList | undefined) => void;
}

interface Polled {
  readonly repository: PolledRepository;
  readonly jitterMs: number;
  latest: TagList | undefined;
  failures: number;
  notBefore: Instant;
  running: Promise<void> | undefined;
}

const LONGEST_PAUSE_MS = 10 * MINUTE;
const FIRST_PAUSE_MS = 1000;

export class Poller {
  readonly #given: PollerGiven;
  readonly #repositories = new Map<string, Polled>();
  readonly #stop = new AbortController();
  readonly #unschedule: (() => void)[] = [];

  constructor(given: PollerGiven) {
    this.#given = given;
  }

  /** `key` is `host/repository`; adding one twice is the same as once. */
  add(key: string, repository: PolledRepository, options: { schedule: string; jitterMs: number }): void {
    if (this.#repositories.has(key)) return;
    const polled: Polled = {
      repository,
      jitterMs: options.jitterMs,
      latest: undefined,
      failures: 0,
      notBefore: 0,
      running: undefined,
    };
    this.#repositories.set(key, polled);
    this.#unschedule.push(this.#given.schedule(options.schedule, () => void this.poll(key)));
  }

  /** The first poll of each, without waiting for the schedule. */
  start(): void {
    for (const key of this.#repositories.keys()) void this.poll(key);
  }

  latest(key: string): TagList | undefined {
    return this.#repositories.get(key)?.latest;
  }

  /** Never throws. */
  async check(key: string, asked: CandidateAsked): Promise<CandidateCheck> {
    const polled = this.#repositories.get(key);
    if (polled !== undefined) return polled.repository.checkCandidate(asked);
    const reason = `${key} is not among the repositories of the config`;
    return { kind: 'unknown', reason, stalled: true, retryAfterMs: undefined };
  }

  /** Asks for the digest of a listed tag: the lists have it from the next poll on, which follows at once. */
  want(key: string, tag: string): void {
    const isNew = this.#repositories.get(key)?.repository.want?.(tag) ?? false;
    if (isNew) void this.poll(key);
  }

  /** Polls now (after the jitter), unless a poll is under way or a failure's pause is not over. */
  poll(key: string): Promise<void> {
    const polled = this.#repositories.get(key);
    if (polled === undefined || this.#stop.signal.aborted) return Promise.resolve();
    if (polled.running !== undefined) return polled.running;
    if (this.#given.clock.now() < polled.notBefore) return Promise.resolve();
    const running = this.#poll(key, polled).finally(() => {
      polled.running = undefined;
    });
    polled.running = running;
    return running;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const unschedule of this.#unschedule) unschedule();
    await Promise.all([...this.#repositories.values()].flatMap(({ running }) => running ?? []));
  }

  async #poll(key: string, polled: Polled): Promise<void> {
    const { clock, random, onChange } = this.#given;
    await clock.wait(random() * polled.jitterMs, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const list = await polled.repository.listTags();
    const before = polled.latest;
    polled.latest = list;
    if (list.kind === 'unknown') {
      polled.failures += 1;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(polled.failures, 20));
      polled.notBefore = clock.now() + Math.max(pauseMs, list.retryAfterMs ?? 0);
    } else {
      polled.failures = 0;
      polled.notBefore = 0;
    }
    if (!this.#stop.signal.aborted && isNews(before, list)) onChange(key, list, before);
  }
}

function isNews(before: TagList | undefined, list: TagList): boolean {
  if (before === undefined || before.kind !== list.kind) return true;
  if (before.kind === 'known' && list.kind === 'known') return !sameTags(before.tags, list.tags);
  return before.kind === 'unknown' && list.kind === 'unknown' && before.reason !== list.reason;
}
