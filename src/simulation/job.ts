/** One run of the simulation as plain data, so that any thread can do it, and anybody again. */
import { plantNamed } from './plants.ts';
import { runSeed } from './run.ts';
import type { SeedGiven, SeedResult } from './run.ts';
import { scenarioNamed } from './scenarios.ts';

export type KillAt = NonNullable<SeedGiven['killAt']>;

export interface Job {
  readonly seed: number;
  /** Name of a planted fault. */
  readonly plant?: string | undefined;
  /** Name of a scenario, in place of what the seed draws. */
  readonly scenario?: string | undefined;
  readonly killAt?: KillAt | undefined;
  /** Changes of the config, and apps that were taken over, are drawn as well. */
  readonly edits?: boolean | undefined;
}

export function runJob(
  { seed, plant, scenario, killAt, edits }: Job,
  onSaid?: SeedGiven['onSaid'],
): Promise<SeedResult> {
  return runSeed(seed, {
    plant: plant === undefined ? undefined : plantNamed(plant),
    options: scenario === undefined ? undefined : scenarioNamed(scenario)?.options,
    killAt,
    edits,
    ...(onSaid === undefined ? {} : { onSaid }),
  });
}
