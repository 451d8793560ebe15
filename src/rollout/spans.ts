/**
 * From when until when each group of a rollout was there and not stopped, and what of that is overlap: groups beyond those that one stack
 * has, while both stacks are there. Between two looks the moment counts at which a creation was asked for, or an absence seen.
 */
import type { Instant } from '../model/time.ts';
import { isStopped } from './health.ts';
import type { Observation } from './observation.ts';
import { groupsOf } from './state.ts';
import type { Rollout, Span } from './state.ts';

export function noteSpans(rollout: Rollout, { groups }: Observation): Rollout {
  const news: Record<string, Span> = {};
  for (const { name } of [...groupsOf(rollout, 'live'), ...groupsOf(rollout, 'candidate')]) {
    const seen = groups.get(name);
    const span = rollout.spans[name];
    if (seen?.known !== true) continue;
    // What is stopped is not billed.
    if (seen.value === undefined || isStopped(seen.value)) {
      if (span !== undefined && span.until === undefined) news[name] = { ...span, until: seen.at };
    } else if (span === undefined) {
      news[name] = { from: begunAt(rollout, name) ?? seen.at };
    } else if (span.until !== undefined) {
      // It was gone for a while: what it cost before is kept by having it begin later.
      const at = rollout.attempts[`startGroup ${name}`]?.lastAt ?? seen.at;
      news[name] = { from: span.from + (Math.max(at, span.until) - span.until) };
    }
  }
  return Object.keys(news).length === 0 ? rollout : { ...rollout, spans: { ...rollout.spans, ...news } };
}

function begunAt({ attempts }: Rollout, name: string): Instant | undefined {
  return (attempts[`startGroup ${name}`] ?? attempts[`createGroup ${name}`])?.lastAt;
}

/** Seconds of groups beyond one stack's number, up to `end`; 0 where there are not two stacks. */
export function overlapSeconds(rollout: Rollout, end: Instant): number {
  const { live, candidate, spans } = rollout;
  if (live === undefined || candidate === undefined) return 0;
  const most = Math.max(live.groups.length, candidate.groups.length);
  const moves = Object.values(spans).flatMap(({ from, until = end }): [Instant, number][] =>
    until <= from
      ? []
      : [
          [from, 1],
          [until, -1],
        ],
  );
  let [count, since, overMs] = [0, rollout.startedAt, 0];
  for (const [at, change] of moves.toSorted(([a], [b]) => a - b)) {
    overMs += Math.max(0, count - most) * (at - since);
    [count, since] = [count + change, at];
  }
  return overMs / 1000;
}
