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

/** What is to be polled, and how. */
export interface Subscription {
  /** `host/repository`. */
  readonly key: string;
  readonly schedule: string;
  readonly jitterMs: number;
  /** Another text where `open` would open it otherwise. */
  readonly access: string;
  readonly open: () => PolledRepository;
}

interface Polled {
  readonly subscription: Subscription;
  readonly repository: PolledRepository;
  readonly jitterMs: number;
  readonly unschedule: () => void;
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
  /** Of repositories that are polled no more, what was under way. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(given: PollerGiven) {
    this.#given = given;
  }

  /** `key` is `host/repository`; adding one twice is the same as once. */
  add(key: string, repository: PolledRepository, options: { schedule: string; jitterMs: number }): void {
    if (!this.#repositories.has(key)) this.#begin({ key, ...options, access: '', open: () => repository }, repository);
  }

  /** The first poll of each, without waiting for the schedule. */
  start(): void {
    for (const key of this.#repositories.keys()) void this.poll(key);
  }

  /**
   * Polls these from now on, and no others: new ones at once, and those that are opened otherwise now, whose lists count
   * until the next one is there. The others go on as they are.
   */
  follow(subscriptions: readonly Subscription[]): void {
    const wanted = new Map(subscriptions.map((one) => [one.key, one]));
    const before = new Map(this.#repositories);
    const changed = [...wanted.values()].filter((one) => !isSame(one, before.get(one.key)?.subscription));
    // Before anything is left: it may throw.
    const opened = changed.map((one) => ({ one, repository: opens(one, before.get(one.key)) }));
    for (const [key, polled] of before)
      if (!wanted.has(key) || changed.some((one) => one.key === key)) this.#leave(key, polled);
    for (const { one, repository } of opened) this.#begin(one, repository, before.get(one.key));
    for (const { key } of changed) {
      void this.poll(key);
      if (before.get(key)?.pushedAt !== undefined) this.push(key);
    }
  }

  #begin(subscription: Subscription, repository: PolledRepository, before?: Polled): void {
    const { key, schedule, jitterMs } = subscription;
    this.#repositories.set(key, {
      subscription,
      repository,
      jitterMs,
      unschedule: this.#given.schedule(schedule, () => void this.poll(key)),
      latest: before?.latest,
      lookedAt: before?.lookedAt,
      failures: 0,
      notBefore: 0,
      running: undefined,
      delay: undefined,
      pushedAt: undefined,
      lastPushedPollAt: before?.lastPushedPollAt ?? -Infinity,
      answering: undefined,
    });
  }

  #leave(key: string, polled: Polled): void {
    this.#repositories.delete(key);
    polled.unschedule();
    polled.delay?.abort();
    for (const underWay of [polled.running, polled.answering]) {
      if (underWay === undefined) continue;
      this.#leaving.add(underWay);
      void underWay.finally(() => this.#leaving.delete(underWay));
    }
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
    const all = [...this.#repositories.values()];
    for (const { unschedule, delay } of all) {
      unschedule();
      delay?.abort();
    }
    const underWay = all.flatMap(({ running, answering }) => [running ?? [], answering ?? []].flat());
    await Promise.all([...underWay, ...this.#leaving]);
  }

  #pollUnlessPaused(key: string, polled: Polled, jitterMs: number): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    if (polled.running !== undefined) return polled.running;
    if (this.#given.clock.now() < polled.notBefore) return Promise.resolve();
    return this.#run(key, polled, jitterMs);
  }

  #run(key: string, polled: Polled, jitterMs: number): Promise<void> {
    const running = this.#poll(key, polled, jitterMs).finally(() => {
      polled.running = undefined;
    });
    polled.running = running;
    return running;
  }

  /** Until no push waits any more: also the ones that come meanwhile. */
  async #answer(key: string, polled: Polled): Promise<void> {
    const { clock } = this.#given;
    while (polled.pushedAt !== undefined && !this.#isOver(key, polled)) {
      const dueAt = Math.max(polled.pushedAt + GATHER_MS, polled.lastPushedPollAt + PUSH_PAUSE_MS, polled.notBefore);
      const waitMs = dueAt - clock.now();
      if (waitMs > 0) {
        await clock.wait(waitMs, this.#stop.signal);
      } else {
        polled.delay?.abort();
        await (polled.running ?? this.#run(key, polled, 0));
      }
    }
    polled.answering = undefined;
  }

  async #poll(key: string, polled: Polled, jitterMs: number): Promise<void> {
    const { clock, onChange } = this.#given;
    if (jitterMs > 0) await this.#delay(polled, jitterMs);
    if (this.#isOver(key, polled)) return;
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
      if (answersPush && !this.#isOver(key, polled)) this.push(key);
    } else {
      polled.lookedAt = begunAt;
      polled.failures = 0;
      polled.notBefore = 0;
    }
    if (!this.#isOver(key, polled) && isOther) onChange(key, list, before);
  }

  /** It is polled no more, or opened otherwise by now. */
  #isOver(key: string, polled: Polled): boolean {
    return this.#stop.signal.aborted || this.#repositories.get(key) !== polled;
  }

  async #delay(polled: Polled, jitterMs: number): Promise<void> {
    const delay = new AbortController();
    polled.delay = delay;
    await this.#given.clock.wait(this.#given.random() * jitterMs, delay.signal);
    polled.delay = undefined;
  }
}

function opens({ access, open }: Subscription, before: Polled | undefined): PolledRepository {
  return before?.subscription.access === access ? before.repository : open();
}

function isSame(one: Subscription, other: Subscription | undefined): boolean {
  return one.schedule === other?.schedule && one.jitterMs === other.jitterMs && one.access === other.access;
}

function isNews(before: TagList | undefined, list: TagList): boolean {
  if (before === undefined || before.kind !== list.kind) return true;
  if (before.kind === 'known' && list.kind === 'known') return !sameTags(before.tags, list.tags);
  return before.kind === 'unknown' && list.kind === 'unknown' && before.reason !== list.reason;
}
