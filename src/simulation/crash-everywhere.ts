/**
 * Kills the daemon at every point where it matters: just before and just after each effect and each save of a scenario,
 * one run per point, and compares how it ends with the run that nobody disturbed.
 */
import { MINUTE, SECOND } from '../model/time.ts';
import { NO_FAULTS } from './options.ts';
import type { Event, Options, Push } from './options.ts';
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
const APP = 'app1';
/** When the version of interest is pushed. */
const FROM_MS = 5 * MINUTE;
/** Long enough for one attempt to go back (Traffic Manager is waited for longest), too short for the next. */
const ONE_ATTEMPT_MS = 9.5 * MINUTE;

type Middle = Omit<Push, 'at' | 'app'> & { readonly afterMs?: number };

export const SCENARIOS: readonly Scenario[] = [
  scenario('a first deployment and an upgrade', { forMs: 0 }),
  scenario('provision fails: the version crashes', { pushes: [{ tag: '1.1.0', program: { crash: true } }] }),
  scenario('provision fails: its groups stay in creation', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'stickCreates' }],
    forMs: 12 * MINUTE,
  }),
  scenario('verify fails: the version answers 503', { pushes: [{ tag: '1.1.0', program: { healthy: false } }] }),
  scenario('superseded in verify', {
    pushes: [
      { tag: '1.1.0', program: { startMs: 25_000 } },
      { tag: '1.2.0', program: {}, afterMs: 15 * SECOND },
    ],
  }),
  scenario('register fails: ARM refuses the endpoints', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseRegister' }],
  }),
  scenario('online fails: Traffic Manager finds it Degraded', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'degradeNewest' }],
  }),
  scenario('deregister fails: ARM refuses to disable', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseDeregister' }],
  }),
  scenario('drain fails: what was taken out is enabled again for good', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [
      { at: FROM_MS, kind: 'refuseDeregister', afterStep: 'deregister' },
      { at: FROM_MS, kind: 'enableRemoved', afterStep: 'deregister' },
    ],
  }),
  scenario('retire fails: ARM refuses to delete the groups', {
    pushes: [{ tag: '1.1.0', program: {} }],
    events: [{ at: FROM_MS, kind: 'refuseDelete' }],
    forMs: 12.5 * MINUTE,
  }),
  scenario('repair: a live group is deleted', { events: [{ at: FROM_MS, kind: 'vanishGroup' }] }),
];

function scenario(
  name: string,
  given: {
    readonly pushes?: readonly Middle[];
    readonly events?: readonly Omit<Event, 'app' | 'which'>[];
    /** From the push of interest until everything heals and another version comes. */
    readonly forMs?: number;
  },
): Scenario {
  const { pushes = [], events = [], forMs = ONE_ATTEMPT_MS } = given;
  const faultMs = FROM_MS + forMs;
  const middle = pushes.map(({ afterMs = 0, ...push }) => ({ ...push, at: FROM_MS + afterMs, app: APP }));
  return {
    name,
    options: {
      apps: [
        {
          name: APP,
          replicas: 2,
          locations: ['westeurope'],
          ttlSeconds: 20,
          marginMs: 5000,
          drainMs: 5000,
          observeMs: 2000,
        },
      ],
      faultMs,
      createMs: 5000,
      restartMs: 2000,
      monitorMs: 10_000,
      rates: NO_FAULTS,
      pushes: [
        { at: 0, app: APP, tag: '1.0.0', program: {} },
        ...middle,
        { at: faultMs, app: APP, tag: '2.0.0', program: {} },
      ],
      events: events.map((event) => ({ ...event, app: APP, which: 0 })),
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
