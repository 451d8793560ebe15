/** Each short story goes as it is meant to while nobody is killed, so that each kill comes at a point of what it is about. */
import { expect, test } from 'vitest';
import { MINUTE } from '../../src/model/time.ts';
import { runJob } from '../../src/simulation/job.ts';
import type { Said } from '../../src/simulation/journal.ts';
import { FROM_MS } from '../../src/simulation/scenario.ts';
import { SCENARIOS } from '../../src/simulation/scenarios.ts';

const START = Date.UTC(2026, 0, 1);
/** Long stories cost time at each of their points. */
const LONGEST_MS = 16 * MINUTE;

/** What is told from the push of interest until everything heals. */
const TOLD: Readonly<Record<string, string>> = {
  upgrade: '',
  'provision-crash': 'newRelease 1.1.0, back at provision, RolledBack',
  'provision-stuck': 'newRelease 1.1.0, back at provision, RolledBack, newRelease 1.1.0',
  'verify-503': 'newRelease 1.1.0, back at verify, RolledBack',
  superseded: 'newRelease 1.1.0, back at provision, Superseded, newRelease 1.2.0, Succeeded',
  'register-refused': 'newRelease 1.1.0, back at register, RolledBack, newRelease 1.1.0',
  'online-degraded': 'newRelease 1.1.0, back at online, RolledBack',
  'deregister-refused': 'newRelease 1.1.0, back at deregister',
  'drain-undone': 'newRelease 1.1.0, back at drain',
  'retire-refused': 'newRelease 1.1.0, overdue, Succeeded, cleanUp',
  'keep-failed': 'newRelease 1.1.0, back at verify, RolledBack, cleanUp, Succeeded',
  repair: 'repair 1.0.0, Succeeded',
  jobs: 'newRelease 1.1.0, Succeeded',
  'gate-expires': 'newRelease 1.1.0, back at gate, RolledBack',
  'check-before-fails': 'newRelease 1.1.0, back at check, RolledBack',
  'check-after-fails': 'newRelease 1.1.0, back at check, RolledBack',
  'check-undecided': 'newRelease 1.1.0, Succeeded',
  'bake-crash': 'newRelease 1.1.0, back at bake, RolledBack',
  'drain-aborted': 'newRelease 1.1.0, back at drain, Aborted',
  rolling: 'newRelease 1.1.0, Succeeded',
  canary: 'newRelease 1.1.0, Succeeded',
  waves: 'newRelease 1.1.0, Succeeded',
  recreate: 'newRelease 1.1.0, Succeeded',
  'recreate-back': 'newRelease 1.1.0, back at verify, RolledBack',
  'in-place': 'newRelease 1.1.0, Succeeded',
  'in-place-back': 'newRelease 1.1.0, back at swap, RolledBack, newRelease 1.1.0, Succeeded',
  'canary-crash': 'newRelease 1.1.0, back at bake, RolledBack',
  'weigh-refused': 'newRelease 1.1.0, back at weigh, RolledBack, newRelease 1.1.0',
  'share-refused': 'newRelease 1.1.0, back at weigh',
  'shown-and-tagged': '',
  'rollback-warm': 'newRelease 1.1.0, Succeeded, rollback 1.0.0, Succeeded',
  'kept-stopped': 'newRelease 1.1.0, Succeeded, rollback 1.0.0, Succeeded',
  'kept-no-room':
    'newRelease 1.1.0, Succeeded, rollback 1.0.0, back at provision, RolledBack, rollback 1.0.0, back at provision, RolledBack, rollback 1.0.0, Succeeded',
  'tag-refused':
    'newRelease 1.1.0, without tag, without tag, Succeeded, drift, without tag, Succeeded, cleanUp, Succeeded',
  'stop-refused': 'newRelease 1.1.0, without stop, Succeeded, cleanUp',
  'start-refused': 'newRelease 1.1.0, Succeeded, rollback 1.0.0, back at provision, RolledBack, rollback 1.0.0',
};

test.each(SCENARIOS)('$name', { timeout: 60_000 }, async ({ name, options }) => {
  const told: string[] = [];
  const { violations } = await runJob({ seed: 1, scenario: name }, (at, said) => {
    if (at >= START + FROM_MS && at < START + options.faultMs) told.push(...wordsOf(said));
  });
  expect(violations).toEqual([]);
  expect(told.join(', ')).toBe(TOLD[name]);
  expect(options.faultMs).toBeLessThanOrEqual(LONGEST_MS);
});

function wordsOf({ event, fields }: Said): readonly string[] {
  switch (event) {
    case 'rollout.started':
      return [`${String(fields['reason'])}${typeof fields['to'] === 'string' ? ` ${fields['to']}` : ''}`];
    case 'rollout.turned_back':
      return [`back at ${String(fields['failedStep'])}`];
    case 'rollout.step_left_out':
      return [`without ${String(fields['leftOut'])}`];
    case 'rollout.overdue':
      return ['overdue'];
    case 'rollout.finished':
      return [String(fields['outcome'])];
    default:
      return [];
  }
}
