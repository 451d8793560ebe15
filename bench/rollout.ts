/**
 * What the daemon adds to the time that the world takes: rollouts on the local Azure against their lower bound (create,
 * verify, Online, TTL, margin, drain; deleting is answered at once there).
 */
import { Local } from '../test/support/local.ts';
import type { Figure } from './bench.ts';

const CREATE_MS = 1000;
const MONITOR_MS = 200;
/** Two successes 30 ms apart, a TTL of 1 s, margin and drain of 100 ms each: see test/support/local. */
const LOWER_BOUND_SECONDS = (CREATE_MS + 30 + MONITOR_MS + 1000 + 100 + 100) / 1000;
const ROLLOUTS = 5;

export async function benchRollout(): Promise<Figure[]> {
  const local = await Local.start({ createMs: CREATE_MS, probeIntervalMs: MONITOR_MS });
  local.push('1.0.0');
  const journal = await local.run();
  await journal.next('rollout.finished');
  const seconds: number[] = [];
  for (let number = 1; number <= ROLLOUTS; number += 1) {
    local.push(`1.${number}.0`);
    const { fields } = await journal.next('rollout.finished');
    if (fields['outcome'] !== 'Succeeded') throw new Error(`a rollout ended as ${String(fields['outcome'])}`);
    seconds.push(Number(fields['seconds']));
  }
  await local.close();
  const mean = seconds.reduce((sum, one) => sum + one, 0) / ROLLOUTS;
  return [
    { name: `lower bound of an upgrade of 2 groups`, value: LOWER_BOUND_SECONDS, unit: 's' },
    { name: `mean of ${ROLLOUTS} upgrades`, value: mean, unit: 's' },
    { name: 'slowest over the lower bound', value: Math.max(...seconds) - LOWER_BOUND_SECONDS, unit: 's' },
  ];
}
