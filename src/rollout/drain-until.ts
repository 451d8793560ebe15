/**
 * The end of a drain that is measured: after the TTL the old groups are kept until a measurement has said so many times in a
 * row that no traffic is left. What fails to be measured says nothing: only the longest time ends that.
 */
import type { AskedCheck, Measurement } from '../model/check.ts';
import type { Instant } from '../model/time.ts';
import { drainedAt } from './drained.ts';
import { groupsIn, tallyKey } from './state.ts';
import type { Rollout, Step } from './state.ts';

export interface Emptying {
  readonly key: string;
  readonly check: AskedCheck;
  /** From then on, the end of the TTL, measurements count. */
  readonly from: Instant;
  /** At the latest. */
  readonly until: Instant;
  /** So many of the last ones said that no traffic is left. */
  readonly inRow: number;
  readonly last: Measurement | undefined;
  readonly groups: readonly string[];
}

/** Undefined where nothing is to be measured, or a removal has not been seen. */
export function emptyingOf(rollout: Rollout, step: Step): Emptying | undefined {
  const { drainUntil, drainMs } = rollout.settings;
  if (drainUntil === undefined || step.kind !== 'drain') return undefined;
  const exposed = groupsIn(rollout, step).filter(({ name }) => rollout.exposed.includes(name));
  const drained = drainedAt(rollout, exposed);
  if (exposed.length === 0 || drained === undefined) return undefined;
  const from = drained - drainMs;
  const { check, maxMs } = drainUntil;
  const key = tallyKey(rollout, check.name);
  const recent = (rollout.tallies[key]?.recent ?? []).filter(({ at }) => at >= from);
  const inRow = recent.length - 1 - recent.findLastIndex(({ kind }) => kind !== 'success');
  const groups = exposed.map(({ name }) => name);
  return { key, check, from, until: from + maxMs, inRow, last: recent.at(-1), groups };
}

/** When the next measurement is due. */
export function measuredNextAt({ from, last, check }: Emptying): Instant {
  return last === undefined ? from : last.at + check.intervalMs;
}
