/** The end of the demo: what every rollout came to against what was expected, and the same as one JSON object. */
import type { LogLine } from './demo-log.ts';

export interface ExpectedRollout {
  readonly app: string;
  readonly to: string;
  readonly outcome: string;
  /** What the world alone takes: create, verify, Online, TTL, margin, drain, delete. Undefined where it is not compared. */
  readonly lowerBoundSeconds: number | undefined;
}

export interface FinishedRollout {
  readonly app: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly outcome: string;
  readonly seconds: number;
}

export interface Summary {
  readonly requests: number;
  readonly failed: number;
  readonly rollouts: readonly FinishedRollout[];
}

export function toFinished(line: LogLine): FinishedRollout {
  return {
    app: line.app ?? '',
    // oxlint-disable-next-line unicorn/no-null -- JSON for others: the key is always there
    from: line.from ?? null,
    // oxlint-disable-next-line unicorn/no-null
    to: line.to ?? null,
    outcome: line.outcome ?? '',
    seconds: Math.round((line.seconds ?? 0) * 100) / 100,
  };
}

/** What is not as expected, in words; empty when all is well. */
export function judge(summary: Summary, expected: readonly ExpectedRollout[]): readonly string[] {
  const faults: string[] = [];
  if (summary.failed > 0) faults.push(`${summary.failed} of ${summary.requests} requests failed, expected none`);
  for (const wanted of expected) {
    const found = summary.rollouts.filter((rollout) => rollout.app === wanted.app && rollout.to === wanted.to);
    const outcomes = found.map(({ outcome }) => outcome).join(', ') || 'no rollout';
    if (outcomes !== wanted.outcome)
      faults.push(`${wanted.app} to ${wanted.to}: ${outcomes}, expected ${wanted.outcome}`);
  }
  const extra = summary.rollouts.length - expected.length;
  if (extra > 0) faults.push(`${extra} rollouts more than expected`);
  return faults;
}

export function summaryText(summary: Summary, expected: readonly ExpectedRollout[]): string {
  const rows = summary.rollouts.map((rollout) => {
    const wanted = expected.find(({ app, to }) => app === rollout.app && to === rollout.to);
    const bound = wanted?.lowerBoundSeconds;
    const over =
      bound === undefined ? '' : `${bound.toFixed(1)} s at least, ${(rollout.seconds - bound).toFixed(1)} s over`;
    return [
      rollout.app.padEnd(6),
      `${rollout.from ?? '(new)'} → ${rollout.to ?? '(gone)'}`.padEnd(16),
      rollout.outcome.padEnd(11),
      `${rollout.seconds.toFixed(1)} s`.padStart(7),
      over,
    ]
      .join('  ')
      .trimEnd();
  });
  return rows.map((row) => `  ${row}`).join('\n');
}
