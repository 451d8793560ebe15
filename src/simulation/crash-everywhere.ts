/**
 * Kills the daemon at every point where it matters: just before and just after each effect and each save of a scenario,
 * one run per point, and compares how it ends with the run that nobody disturbed.
 */
import { runJob } from './job.ts';
import type { Job, KillAt } from './job.ts';
import type { SeedResult } from './run.ts';
import { SCENARIOS } from './scenarios.ts';
import { inOrder } from './workers.ts';

export interface Divergence {
  readonly scenario: string;
  readonly killAt: KillAt;
  readonly what: string;
}

export interface CrashGiven {
  /** In this process where absent. */
  readonly run?: (job: Job) => Promise<SeedResult>;
  /** Jobs that may run at a time. */
  readonly atOnce?: number;
  /** Only every n-th write is a point, a different one in each scenario. */
  readonly every?: number;
  readonly onScenario?: (name: string, points: number) => void;
}

const SEED = 1;

export async function crashEverywhere(given: CrashGiven = {}): Promise<{
  crashPoints: number;
  diverged: readonly Divergence[];
}> {
  const { run = runJob, atOnce = 1, every = 1, onScenario } = given;
  const diverged: Divergence[] = [];
  const points: Point[] = [];
  const names = SCENARIOS.map(({ name }, index) => ({ name, first: 1 + (index % every) }));
  const told = inOrder(names, atOnce, async (one) => ({
    ...one,
    wanted: await run({ seed: SEED, scenario: one.name }),
  }));
  for await (const { name, first, wanted } of told) {
    const killed = pointsOf(wanted.writes, { every, first });
    points.push(...killed.map((killAt) => ({ scenario: name, killAt, wanted })));
    onScenario?.(name, killed.length);
    const what = problemOf(wanted, wanted);
    if (what !== undefined) diverged.push({ scenario: name, killAt: { write: 0, when: 'before' }, what });
  }
  // All in one row, so that no thread waits for the end of a story.
  const results = inOrder(points, atOnce, async ({ wanted, ...at }) => ({
    ...at,
    wanted,
    result: await run({ seed: SEED, ...at }),
  }));
  for await (const { scenario, killAt, wanted, result } of results) {
    const what = result.hasKilled ? problemOf(result, wanted) : 'the daemon was not killed';
    if (what !== undefined) diverged.push({ scenario, killAt, what });
  }
  return { crashPoints: points.length, diverged };
}

interface Point {
  readonly scenario: string;
  readonly killAt: KillAt;
  /** The same story with nobody killed. */
  readonly wanted: SeedResult;
}

function pointsOf(writes: number, { every, first }: { every: number; first: number }): KillAt[] {
  const points: KillAt[] = [];
  for (let write = first; write <= writes; write += every)
    points.push({ write, when: 'before' }, { write, when: 'after' });
  return points;
}

function problemOf(result: SeedResult, undisturbed: SeedResult): string | undefined {
  const [violation] = result.violations;
  if (violation !== undefined) return `${violation.rule}: ${violation.message}`;
  const [end, wanted] = [JSON.stringify(result.ends), JSON.stringify(undisturbed.ends)];
  return end === wanted ? undefined : `ends as ${end}, undisturbed as ${wanted}`;
}
