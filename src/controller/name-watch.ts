/**
 * Asks Traffic Manager's own name servers while endpoints drain: once in a turn, both to confirm a removal
 * (src/rollout/confirmation.ts) and to notice an endpoint that somebody enables again, so that the profile need not be read
 * for that. They are asked so often that one that is handed out for ten seconds is missed with a chance of one in a thousand
 * at most; where that cannot be, they do not count for the second.
 */
import type { Azure } from '../azure/azure.ts';
import { MOST_ASKS_EACH } from '../model/confirmed-gone.ts';
import type { NameAnswers } from '../model/confirmed-gone.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Clock, Instant } from '../model/time.ts';
import type { ObservedProfile, Seen } from '../rollout/observation.ts';
import { drainWaitMs } from '../rollout/drained.ts';
import type { Rollout } from '../rollout/state.ts';
import { answersWanted, drainingTargets } from './name-odds.ts';

/** One second less than the ten: a turn may come late. */
const WINDOW_MS = 9 * SECOND;
/** To ask more often than that would be a burden to them. */
const SHORTEST_INTERVAL_MS = 2 * SECOND;
/** Within the window it is asked twice at least. */
const LEAST_ASKS = 2;
const PATIENCE_MS = 5 * SECOND;
/** Where they cannot be asked, or cannot be asked often enough. */
const PAUSE_MS = MINUTE;
/** How many there are is not known before the first answer. */
const USUAL_SERVERS = 4;
/** What drains for less is over before the profile is looked at in between. */
const WATCHED_DRAIN_MS = 10 * SECOND;

export interface NameTurn {
  readonly rollout: Rollout;
  readonly profile: ObservedProfile;
  /** Of each server, for the removal to be confirmed; 0: nothing is open. */
  readonly confirmAsks: number;
  /** Whether an endpoint that somebody enables is to be noticed by them, too. */
  readonly isWatched: boolean;
}

export class NameWatch {
  readonly #given: { readonly azure: Pick<Azure, 'nameAnswers'>; readonly clock: Clock };
  #servers = USUAL_SERVERS;
  #intervalMs = 0;
  /** The longest between two questions that leaves no window open. */
  #longestMs = 0;
  #askedAt: Instant | undefined;
  #notBefore: Instant = 0;
  /** When one was answered, or when the question came too late. */
  #doubtAt: Instant | undefined;
  /** Tells one drain from the next. */
  #key = '';

  constructor(given: { readonly azure: Pick<Azure, 'nameAnswers'>; readonly clock: Clock }) {
    this.#given = given;
  }

  /** When to ask again, while they are of use. */
  get nextAt(): Instant | undefined {
    return this.#askedAt === undefined ? undefined : this.#askedAt + this.#intervalMs;
  }

  /** True where they are asked often enough, and no target that drains was answered since the profile was looked at. */
  isQuietSince(lookedAt: Instant): boolean {
    return this.#askedAt !== undefined && (this.#doubtAt === undefined || this.#doubtAt <= lookedAt);
  }

  /** Undefined where they were not asked: nothing is open, and no question is due. */
  async ask(turn: NameTurn): Promise<Seen<NameAnswers> | undefined> {
    const now = this.#given.clock.now();
    const { id, cursor, enteredAt } = turn.rollout;
    const key = `${id} ${cursor} ${enteredAt}`;
    if (key !== this.#key) this.#stop();
    this.#key = key;
    const watchAsks = this.#watchAsks(turn, now);
    const isDue = watchAsks > 0 && (this.nextAt === undefined || now >= this.nextAt);
    if (turn.confirmAsks === 0 && !isDue) {
      if (watchAsks === 0) this.#stop();
      return undefined;
    }
    const seen = await this.#answers(turn.profile.fqdn, Math.max(turn.confirmAsks, watchAsks));
    if (watchAsks > 0) this.#judge(turn, seen, now);
    else this.#stop();
    // Where nothing is open, only what was answered is told.
    return turn.confirmAsks > 0 || seen.known ? seen : undefined;
  }

  /** Of each server at each question, so that two in the window do, or as many as may be; 0: not to be watched so. */
  #watchAsks({ rollout, profile, isWatched }: NameTurn, now: Instant): number {
    const isOf =
      isWatched && profile.routingMethod.toLowerCase() === 'weighted' && rollout.traffic?.confirmRemoval !== false;
    if (!isOf || now < this.#notBefore || drainWaitMs(rollout) <= WATCHED_DRAIN_MS) return 0;
    const each = answersWanted(rollout, profile) / this.#servers / LEAST_ASKS;
    return Math.min(MOST_ASKS_EACH, Math.max(1, Math.ceil(each)));
  }

  #judge(turn: NameTurn, seen: Seen<NameAnswers>, askedAt: Instant): void {
    if (!seen.known) return this.#giveUp(askedAt);
    const { rollout, profile } = turn;
    const { servers, answersEach, targets } = seen.value;
    this.#servers = Math.max(1, servers);
    // In any window there are so many whole intervals, each with a question at its end.
    const each = Math.min(answersEach, Math.max(1, this.#watchAsks(turn, askedAt)));
    const asks = Math.max(LEAST_ASKS, Math.ceil(answersWanted(rollout, profile) / (servers * each)));
    const intervalMs = WINDOW_MS / asks;
    if (servers === 0 || intervalMs < SHORTEST_INTERVAL_MS) return this.#giveUp(askedAt);
    const isLate = this.#askedAt !== undefined && askedAt > this.#askedAt + this.#longestMs + SECOND;
    this.#askedAt = askedAt;
    this.#longestMs = intervalMs;
    // A removal that is open is what the drain waits for.
    this.#intervalMs = turn.confirmAsks > 0 ? SHORTEST_INTERVAL_MS : intervalMs;
    const draining = drainingTargets(rollout);
    if (isLate || targets.some((target) => draining.has(target))) this.#doubtAt = askedAt;
  }

  #giveUp(now: Instant): void {
    this.#notBefore = now + PAUSE_MS;
    this.#stop();
  }

  #stop(): void {
    this.#askedAt = undefined;
    this.#doubtAt = undefined;
  }

  async #answers(fqdn: string, times: number): Promise<Seen<NameAnswers>> {
    const { azure, clock } = this.#given;
    const ended = new AbortController();
    const late = clock.wait(PATIENCE_MS, ended.signal).then((): Seen<NameAnswers> => ({
      known: false,
      at: clock.now(),
      reason: `the name servers of ${fqdn} have not answered within ${PATIENCE_MS / SECOND} s`,
    }));
    const seen = await Promise.race([azure.nameAnswers(fqdn, times), late]);
    ended.abort();
    return seen;
  }
}
