/**
 * Whether answers of Traffic Manager's name servers show that an endpoint is out of them. No number of answers proves it
 * where one of several is answered at random: what is asked for is that each server, if it still knew the old profile, would
 * have shown it by now but for one chance in a thousand.
 *
 * An answer of a server that lags names the old target with the probability `share`: its part of the weight (1/n of n equal
 * endpoints; at most maxReturn/n under MultiValue; 1 under Priority, where it is the first). It fails to show up in k answers
 * of that server with the probability (1 - share)^k, so k = ln(0.001 / servers) / ln(1 - share) answers of each are asked
 * for: with 4 servers 12 for one of two, 29 for one of four, 79 for one of ten.
 *
 * Where answers go by the asker's address (Performance, Geographic, Subnet), an asker elsewhere is never shown the old
 * target: there, it counts only if the same asker was shown it before, and the share is 1 then.
 */

/** What the servers answered at one look, all of them, each so many times. */
export interface NameAnswers {
  readonly servers: number;
  /** Answers of each server. */
  readonly answersEach: number;
  /** Names and addresses that were answered, in lower case, each once. Without any: the name leads nowhere. */
  readonly targets: readonly string[];
  /** The longest TTL that was answered with a record; 0 where there was none. */
  readonly ttlSeconds: number;
}

/** Of each server at one look, at most. */
export const MOST_ASKS_EACH = 10;
/** The chance that a server still answers the old way and was not found out. */
const MISSED = 0.001;
/** So small a part is not worth waiting for: the margin of time is shorter. */
const LEAST_SHARE = 0.001;

/** Answers of each server without the old target after which it counts as gone. */
export function answersNeeded(share: number, servers: number): number {
  if (share >= 1) return 1;
  return Math.ceil(Math.log(MISSED / Math.max(1, servers)) / Math.log(1 - Math.max(share, LEAST_SHARE)));
}

/**
 * `history`: looks since the removal, oldest first; those up to the last that showed the target do not count. `share`: 0 to
 * 1, of the target before its removal; 0 or less is never confirmed.
 */
export function isConfirmedGone(
  history: readonly NameAnswers[],
  target: string,
  { share }: { share: number },
): boolean {
  const old = target.toLowerCase();
  const since = history.slice(history.findLastIndex(({ targets }) => targets.includes(old)) + 1);
  if (since.length === 0 || !(share > 0)) return false;
  const servers = Math.max(...since.map((look) => look.servers));
  const answers = since.reduce((sum, look) => sum + look.answersEach, 0);
  return answers >= answersNeeded(share, servers);
}
