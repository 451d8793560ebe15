/**
 * `viridian simulate`: the whole daemon on the local Azure's model in virtual time, seed by seed, judged by the rules. Exit
 * status 1 where a rule was broken or an app has not converged; the last line says how it can be seen again.
 */
import { availableParallelism } from 'node:os';
import { crashEverywhere } from '../simulation/crash-everywhere.ts';
import { PLANTS, plantNamed } from '../simulation/plants.ts';
import type { Plant } from '../simulation/plant.ts';
import { runJob } from '../simulation/job.ts';
import type { Job, KillAt } from '../simulation/job.ts';
import type { SeedResult } from '../simulation/run.ts';
import { SCENARIOS } from '../simulation/scenarios.ts';
import { inOrder, Workers } from '../simulation/workers.ts';
import type { TextOutput } from './validate.ts';

export interface SimulateCommand {
  readonly seeds: number;
  readonly from: number;
  /** One seed, with what it has drawn. */
  readonly seed: number | undefined;
  /** Print every line that the daemon logs. */
  readonly trace: boolean;
  /** Changes of the config, and apps that were taken over, are drawn as well. */
  readonly edits: boolean;
  readonly crashEverywhere: boolean;
  /** Of its points, those of every n-th write. */
  readonly every: number;
  /** One of its points: `SCENARIO:WRITE:before|after`. */
  readonly crashAt: string | undefined;
  /** Name of a planted fault, or `list`. */
  readonly plant: string | undefined;
  /** Threads that run the seeds; one: this process itself. As many as there are cores where absent. */
  readonly workers: number | undefined;
  readonly json: boolean;
}

type SeedsCommand = Omit<SimulateCommand, 'crashAt'> & { readonly crashAt: CrashAt | undefined };

interface CrashAt {
  readonly scenario: string;
  readonly killAt: KillAt;
}

const HOUR_MS = 3_600_000;
const PROGRESS_EVERY = 100;
/** A thread takes as long as some seeds to start. */
const SEEDS_WORTH_A_WORKER = 4;
/** Of each worker: so far the others may get while one is busy with a long seed. */
const JOBS_AHEAD = 4;

export async function simulate(command: SimulateCommand, output: TextOutput): Promise<number> {
  if (command.plant === 'list') {
    for (const { name, rule, what } of PLANTS) output.out(`${name.padEnd(40)} ${rule.padEnd(8)} ${what}`);
    return 0;
  }
  const plant = command.plant === undefined ? undefined : plantNamed(command.plant);
  if (command.plant !== undefined && plant === undefined) {
    output.err(`no fault is called ${command.plant}; --plant list lists them`);
    return 1;
  }
  if (command.crashEverywhere) return killEverywhere(command, output);
  const crashAt = command.crashAt === undefined ? undefined : parseCrashAt(command.crashAt);
  if (command.crashAt !== undefined && crashAt === undefined) {
    const names = SCENARIOS.map(({ name }) => name).join(', ');
    output.err(
      `--crash-at ${command.crashAt}: expected SCENARIO:WRITE:before or SCENARIO:WRITE:after, with one of ${names}`,
    );
    return 1;
  }
  return runSeeds({ ...command, crashAt }, plant, output);
}

async function runSeeds(command: SeedsCommand, plant: Plant | undefined, output: TextOutput): Promise<number> {
  const startedAt = performance.now();
  const total = { seeds: 0, rollouts: 0, ruleViolations: 0, unconverged: 0, virtualHours: 0, wallSeconds: 0 };
  for await (const result of resultsOf(command, plant, output)) {
    if (command.seed !== undefined) output.out(`seed ${result.seed}: ${JSON.stringify(result.options)}`);
    total.seeds += 1;
    total.rollouts += result.rollouts;
    total.ruleViolations += result.violations.length;
    total.unconverged += result.unconverged.length === 0 ? 0 : 1;
    total.virtualHours += result.virtualMs / HOUR_MS;
    report(result, { plant, crashAt: command.crashAt, edits: command.edits }, output);
    if (command.crashAt !== undefined && !result.hasKilled) {
      output.err(`--crash-at ${nameOf(command.crashAt)}: there is no such write; the story has ${result.writes}`);
      return 1;
    }
    if (plant !== undefined && result.violations.length > 0) break;
    if (!command.json && total.seeds % PROGRESS_EVERY === 0)
      output.out(`${total.seeds} seeds, ${total.rollouts} rollouts`);
  }
  total.virtualHours = Math.round(total.virtualHours * 10) / 10;
  total.wallSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
  output.out(
    command.json
      ? JSON.stringify(total)
      : `${total.seeds} seeds, ${total.rollouts} rollouts in ${total.virtualHours} virtual hours and ${total.wallSeconds} s: ` +
          `${total.ruleViolations} rule violations, ${total.unconverged} unconverged`,
  );
  return total.ruleViolations + total.unconverged === 0 ? 0 : 1;
}

/** In the order of the seeds, whoever runs them. */
async function* resultsOf(
  command: SeedsCommand,
  plant: Plant | undefined,
  output: TextOutput,
): AsyncGenerator<SeedResult> {
  const count = workersFor(command);
  const jobs = jobsOf(command, plant);
  if (count === 1) {
    const onSaid = command.trace ? tracer(output) : undefined;
    for (const job of jobs) yield await runJob(job, onSaid);
    return;
  }
  const workers = new Workers(count);
  try {
    yield* inOrder(jobs, count * JOBS_AHEAD, (job) => workers.run(job));
  } finally {
    await workers.end();
  }
}

/** A trace is printed while its seed runs. */
function workersFor({ seed, seeds, trace, workers, crashAt }: SeedsCommand): number {
  if (seed !== undefined || crashAt !== undefined || trace) return 1;
  const wanted = workers ?? Math.min(availableParallelism(), Math.floor(seeds / SEEDS_WORTH_A_WORKER));
  return Math.max(1, Math.min(wanted, seeds));
}

function* jobsOf({ seed, seeds, from, edits, crashAt }: SeedsCommand, plant: Plant | undefined): Generator<Job> {
  const first = seed ?? from;
  const count = seed === undefined && crashAt === undefined ? seeds : 1;
  for (let next = first; next < first + count; next += 1) yield { seed: next, plant: plant?.name, edits, ...crashAt };
}

function tracer(output: TextOutput) {
  return (at: number, said: { event: string; message: string }) =>
    output.out(`${new Date(at).toISOString().slice(11, 23)} ${said.event.padEnd(20)} ${said.message}`);
}

/** The first violation of each rule, and how to see it again. */
function report(
  { seed, violations }: SeedResult,
  { plant, crashAt, edits }: { plant: Plant | undefined; crashAt: CrashAt | undefined; edits: boolean },
  output: TextOutput,
): void {
  const rules = new Set(violations.map(({ rule }) => rule));
  for (const rule of rules) {
    const found = violations.filter((violation) => violation.rule === rule);
    const [one] = found;
    if (one === undefined) continue;
    const at = new Date(one.at).toISOString().slice(11, 23);
    const more = found.length === 1 ? '' : ` (and ${found.length - 1} times more)`;
    output.err(`seed ${seed}: rule ${rule} is broken at ${at}: ${one.message}${more}`);
  }
  if (rules.size === 0) return;
  const planted = plant === undefined ? '' : ` --plant ${plant.name}`;
  const which = crashAt === undefined ? `--seed ${seed}` : `--crash-at ${nameOf(crashAt)}`;
  const more = edits ? ' --edits' : '';
  output.err(`see it again: npm run -s simulate -- ${which} --trace${planted}${more}`);
}

function nameOf({ scenario, killAt }: CrashAt): string {
  return `${scenario}:${killAt.write}:${killAt.when}`;
}

async function killEverywhere(command: SimulateCommand, output: TextOutput): Promise<number> {
  const { crashPoints, diverged } = await crashPointsOf(command, output);
  for (const { scenario, killAt, what } of diverged) {
    const { write, when } = killAt;
    output.err(`${scenario}: killed just ${when} write ${write}: ${what}`);
    output.err(`see it again: npm run -s simulate -- --crash-at ${nameOf({ scenario, killAt })} --trace`);
  }
  const total = { crashPoints, diverged: diverged.length };
  output.out(command.json ? JSON.stringify(total) : `${crashPoints} crash points, ${diverged.length} diverged`);
  return diverged.length === 0 ? 0 : 1;
}

async function crashPointsOf({ json, workers, every }: SimulateCommand, output: TextOutput) {
  const count = workers ?? availableParallelism();
  const onScenario = (name: string, points: number) => (json ? undefined : output.out(`${name}: ${points} points`));
  if (count === 1) return crashEverywhere({ every, onScenario });
  const threads = new Workers(count);
  try {
    return await crashEverywhere({ every, onScenario, run: (job) => threads.run(job), atOnce: count * JOBS_AHEAD });
  } finally {
    await threads.end();
  }
}

function parseCrashAt(text: string): CrashAt | undefined {
  const [, scenario = '', write = '', when] = /^([a-z0-9-]+):(\d{1,6}):(before|after)$/.exec(text) ?? [];
  const isKnown = SCENARIOS.some(({ name }) => name === scenario);
  if (!isKnown || (when !== 'before' && when !== 'after')) return undefined;
  return { scenario, killAt: { write: Number(write), when } };
}
