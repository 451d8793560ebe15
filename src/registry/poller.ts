/**
 * Polls repositories by their registry's schedule, one poll per repository however many apps share it, each after a
 * random delay so that they do not all come at once. Failures are followed by a pause that grows. A push is answered by a
 * poll without that delay: however many come, one poll runs and one comes after it.
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
  /** When the last look that gave a list began. */
  lookedAt: Instant | undefined;
  failures: number;
  notBefore: Instant;
  running: Promise<void> | undefined;
  /** Ends the delay of a poll that has not begun to list. */
  delay: AbortController | undefined;
  /** Since when a push waits for a list that begins after it. */
  pushedAt: Instant | undefined;
  lastPushedPollAt: Instant;
  answering: Promise<void> | undefined;
}

const LONGEST_PAUSE_MS = 10 * MINUTE;
const FIRST_PAUSE_MS = 1000;
/** Registries tell of each tag and each platform of an image by itself, and some twice. */
const GATHER_MS = 100;
const PUSH_PAUSE_MS = 1000;

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
      lookedAt: undefined,
      failures: 0,
      notBefore: 0,
      running: undefined,
      delay: undefined,
      pushedAt: undefined,
      lastPushedPollAt: -Infinity,
      answering: undefined,
    };
    this.#repositories.set(key, polled);
    this.#unschedule.push(this.#given.schedule(options.schedule, () => void this.poll(key)));
  }

  /** The first poll of each, without waiting for the schedule. */
  start(): void {
    for (const key of this.#repositories.keys()) void this.poll(key);
  }

  /** The very same list as long as no poll brings anything new. */
  latest(key: string): TagList | undefined {
    return this.#repositories.get(key)?.latest;
  }

  /** When the last look that gave a list began. */
  lookedAt(key: string): Instant | undefined {
    return this.#repositories.get(key)?.lookedAt;
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
    const polled = this.#repositories.get(key);
    const isNew = polled?.repository.want?.(tag) ?? false;
    if (polled !== undefined && isNew) void this.#pollUnlessPaused(key, polled, 0);
  }

  /**
   * Something was pushed, or so it is said: a list that begins from now on follows within 100 ms, or when the pause after
   * a failure or after the last pushed poll (1 s) is over, or the list under way has ended. False where none follows:
   * stopped, or not in the config.
   */
  push(key: string): boolean {
    const polled = this.#repositories.get(key);
    if (polled === undefined || this.#stop.signal.aborted) return false;
    polled.pushedAt ??= this.#given.clock.now();
    polled.answering ??= this.#answer(key, polled);
    return true;
  }

  /** Polls now (after the jitter), unless a poll is under way or a failure's pause is not over. */
  poll(key: string): Promise<void> {
    const polled = this.#repositories.get(key);
    if (polled === undefined) return Promise.resolve();
    return this.#pollUnlessPaused(key, polled, polled.jitterMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const unschedule of this.#unschedule) unschedule();
    const all = [...this.#repositories.values()];
    for (const { delay } of all) delay?.abort();
    await Promise.all(all.flatMap(({ running, answering }) => [running ?? [], answering ?? []].flat()));
  }

  #pollUnlessPaused(key: string, polled: Polled, jitterMs: number): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    if (polled.running !== undefined) return polled.running;
    if (this.#given.clock.now() < polled.notBefore) return Promise.resolve();
    return this.#begin(key, polled, jitterMs);
  }

  #begin(key: string, polled: Polled, jitterMs: number): Promise<void> {
    const running = this.#poll(key, polled, jitterMs).finally(() => {
      polled.running = undefined;
    });
    polled.running = running;
    return running;
  }

  /** Until no push waits any more: also the ones that come meanwhile. */
  async #answer(key: string, polled: Polled): Promise<void> {
    const { clock } = this.#given;
    while (polled.pushedAt !== undefined && !this.#stop.signal.aborted) {
      const dueAt = Math.max(polled.pushedAt + GATHER_MS, polled.lastPushedPollAt + PUSH_PAUSE_MS, polled.notBefore);
      const waitMs = dueAt - clock.now();
      if (waitMs > 0) {
        await clock.wait(waitMs, this.#stop.signal);
      } else {
        polled.delay?.abort();
        await (polled.running ?? this.#begin(key, polled, 0));
      }
    }
    polled.answering = undefined;
  }

  async #poll(key: string, polled: Polled, jitterMs: number): Promise<void> {
    const { clock, onChange } = this.#given;
    if (jitterMs > 0) await this.#delay(polled, jitterMs);
    if (this.#stop.signal.aborted) return;
    const answersPush = polled.pushedAt !== undefined;
    if (answersPush) polled.lastPushedPollAt = clock.now();
    polled.pushedAt = undefined;
    const begunAt = clock.now();
    const list = await polled.repository.listTags();
    const before = polled.latest;
    const isOther = isNews(before, list);
    if (isOther) polled.latest = list;
    if (list.kind === 'unknown') {
      polled.failures += 1;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(polled.failures, 20));
      polled.notBefore = clock.now() + Math.max(pauseMs, list.retryAfterMs ?? 0);
      if (answersPush) this.push(key);
    } else {
      polled.lookedAt = begunAt;
      polled.failures = 0;
      polled.notBefore = 0;
    }
    if (!this.#stop.signal.aborted && isOther) onChange(key, list, before);
  }

  async #delay(polled: Polled, jitterMs: number): Promise<void> {
    const delay = new AbortController();
    polled.delay = delay;
    await this.#given.clock.wait(this.#given.random() * jitterMs, delay.signal);
    polled.delay = undefined;
  }
}

function isNews(before: TagList | undefined, list: TagList): boolean {
  if (before === undefined || before.kind !== list.kind) return true;
  if (before.kind === 'known' && list.kind === 'known') return !sameTags(before.tags, list.tags);
  return before.kind === 'unknown' && list.kind === 'unknown' && before.reason !== list.reason;
}
