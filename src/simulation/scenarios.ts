/** All short stories that are told again and again with the daemon killed at another point: what goes well, and a failure of each step. */
import { scenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { OF_KEPT } from './scenarios-of-kept.ts';
import { OF_PROOF } from './scenarios-of-proof.ts';
import { OF_STEPS } from './scenarios-of-steps.ts';
import { OF_STRATEGIES } from './scenarios-of-strategies.ts';

export const SCENARIOS: readonly Scenario[] = [
  // A first deployment and an upgrade.
  scenario('upgrade', { forMs: 0 }),
  ...OF_STEPS,
  ...OF_PROOF,
  ...OF_STRATEGIES,
  ...OF_KEPT,
];

export function scenarioNamed(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
