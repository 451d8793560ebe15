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
  let crashPoints = 0;
  for (const [index, { name }] of SCENARIOS.entries()) {
    const undisturbed = await run({ seed: SEED, scenario: name });
    const jobs = pointsOf(undisturbed.writes, { every, first: 1 + (index % every) }).map((killAt) => {
      return { seed: SEED, scenario: name, killAt };
    });
    onScenario?.(name, jobs.length);
    crashPoints += jobs.length;
    const problem = problemOf(undisturbed, undisturbed);
    if (problem !== undefined) diverged.push({ scenario: name, killAt: { write: 0, when: 'before' }, what: problem });
    const results = inOrder(jobs, atOnce, async (job) => ({ job, result: await run(job) }));
    for await (const { job, result } of results) {
      const what = result.hasKilled ? problemOf(result, undisturbed) : 'the daemon was not killed';
      if (what !== undefined) diverged.push({ scenario: name, killAt: job.killAt, what });
    }
  }
  return { crashPoints, diverged };
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
