/**
 * Kills the daemon at every point where it matters: just before and just after each effect and each save of a scenario,
 * one run per point, and compares how it ends with the run that nobody disturbed.
 */
import { MINUTE, SECOND } from '../model/time.ts';
import { NO_FAULTS } from './options.ts';
import type { Options, Push } from './options.ts';
import { runSeed } from './run.ts';
import type { SeedGiven, SeedResult } from './run.ts';

export interface Scenario {
  readonly name: string;
  readonly options: Options;
}

export interface Divergence {
  readonly scenario: string;
  readonly killAt: NonNullable<SeedGiven['killAt']>;
  readonly what: string;
}

const SEED = 1;

export const SCENARIOS: readonly Scenario[] = [
  scenario('a first deployment and an upgrade', []),
  scenario('a version that answers 503', [{ tag: '1.1.0', program: { healthy: false } }]),
  scenario('a version that crashes', [{ tag: '1.1.0', program: { crash: true } }]),
  scenario('a version that is superseded', [
    { tag: '1.1.0', program: { startMs: 25_000 } },
    { tag: '1.2.0', program: {}, afterMs: 15 * SECOND },
  ]),
  scenario('a version that Traffic Manager finds Degraded', [{ tag: '1.1.0', program: {} }], true),
];

function scenario(
  name: string,
  middle: readonly { tag: string; program: Push['program']; afterMs?: number }[],
  isDegraded = false,
): Scenario {
  const app = 'app1';
  const from = 5 * MINUTE;
  const pushes = middle.map(({ tag, program, afterMs = 0 }) => ({ at: from + afterMs, app, tag, program }));
  // Long enough for one attempt to go back (Traffic Manager is waited for longest), too short for the next.
  const faultMs = middle.length === 0 ? from : 14.5 * MINUTE;
  const degraded = { at: from, kind: 'degradeNewest' as const, app, which: 0 };
  return {
    name,
    options: {
      apps: [{ name: app, replicas: 2, ttlSeconds: 20, marginMs: 5000, drainMs: 5000, observeMs: 2000 }],
      faultMs,
      createMs: 5000,
      restartMs: 2000,
      monitorMs: 10_000,
      rates: NO_FAULTS,
      pushes: [{ at: 0, app, tag: '1.0.0', program: {} }, ...pushes, { at: faultMs, app, tag: '2.0.0', program: {} }],
      events: isDegraded ? [degraded] : [],
      hasForeigners: true,
    },
  };
}

export async function crashEverywhere(
  onScenario: (scenario: Scenario, points: number) => void = () => undefined,
): Promise<{ crashPoints: number; diverged: readonly Divergence[] }> {
  const diverged: Divergence[] = [];
  let crashPoints = 0;
  for (const one of SCENARIOS) {
    const undisturbed = await runSeed(SEED, { options: one.options });
    onScenario(one, undisturbed.writes * 2);
    const problems = problemsOf(undisturbed, undisturbed);
    if (problems !== undefined)
      diverged.push({ scenario: one.name, killAt: { write: 0, when: 'before' }, what: problems });
    for (let write = 1; write <= undisturbed.writes; write += 1) {
      for (const when of ['before', 'after'] as const) {
        crashPoints += 1;
        const result = await runSeed(SEED, { options: one.options, killAt: { write, when } });
        const what = problemsOf(result, undisturbed);
        if (what !== undefined) diverged.push({ scenario: one.name, killAt: { write, when }, what });
      }
    }
  }
  return { crashPoints, diverged };
}

function problemsOf(result: SeedResult, undisturbed: SeedResult): string | undefined {
  const [violation] = result.violations;
  if (violation !== undefined) return `${violation.rule}: ${violation.message}`;
  const [end, wanted] = [JSON.stringify(result.ends), JSON.stringify(undisturbed.ends)];
  return end === wanted ? undefined : `ends as ${end}, undisturbed as ${wanted}`;
}
