/** How long a drawn app is waited for, and what is done then; checks that only tell; TTLs of nothing. Drawn from a stream of its own. */
import type { Checks } from '../model/check.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import type { AppOptions } from './options.ts';

export function drawPatience(chance: Chance, app: AppOptions): AppOptions {
  const ttlSeconds = chance.happens(0.1) ? 0 : app.ttlSeconds;
  const totalMs = chance.whole(20, 60) * MINUTE;
  const graceMs = chance.pick([0, 30, 30, 90]) * SECOND;
  const [hasTotal, waits, isDryRun] = [chance.happens(0.3), chance.happens(0.2), chance.happens(0.2)];
  const { rollout } = app;
  const checks = rollout?.checks;
  return {
    ...app,
    ttlSeconds,
    graceMs,
    ...(hasTotal ? { totalMs } : {}),
    ...(waits ? { onDeadline: 'wait' as const } : {}),
    ...(isDryRun && rollout !== undefined && checks !== undefined
      ? { rollout: { ...rollout, checks: onlyTelling(checks) } }
      : {}),
  };
}

function onlyTelling({ before, after }: Checks): Checks {
  const dry = (checks: Checks['before']) => checks.map((check) => ({ ...check, isDryRun: true }));
  return { before: dry(before), after: dry(after) };
}
