/** How the rollouts of a drawn app go: each strategy about as often, with bakes and gates that open by themselves. */
import { MINUTE, SECOND } from '../model/time.ts';
import type { DrainUntil, Gate, RoleTags, RolloutSettings, Strategy } from '../model/app.ts';
import type { Check, JobSource } from '../model/check.ts';
import type { Chance } from './chance.ts';

export type Drawn = Pick<
  RolloutSettings,
  'strategy' | 'bakeMs' | 'promotion' | 'preview' | 'tags' | 'checks' | 'retain' | 'keepFailedMs' | 'drainUntil'
>;

/** `stage` is a candidate's only, so it has to go at the switch. */
export const ROLE_TAGS: RoleTags = { candidate: { role: 'green', stage: 'new' }, live: { role: 'blue' } };

export function drawStrategy(chance: Chance, app: { locations: readonly string[]; groups: number }): Drawn {
  const kind = chance.pick(['blueGreen', 'blueGreen', 'rolling', 'canary', 'waves'] as const);
  return {
    strategy: strategyOf(kind, chance, app),
    bakeMs: chance.happens(0.3) ? drawBakeMs(chance) : 0,
    promotion: chance.happens(0.2) ? drawGate(chance) : undefined,
    checks: chance.happens(0.3)
      ? { before: [drawCheck(chance, 'smoke')], after: chance.happens(0.5) ? [drawCheck(chance, 'rate')] : [] }
      : undefined,
    retain:
      kind !== 'rolling' && chance.happens(0.3)
        ? { forMs: chance.whole(1, 15) * MINUTE, count: chance.whole(1, 2) }
        : undefined,
    keepFailedMs: chance.happens(0.2) ? chance.whole(1, 15) * MINUTE : undefined,
    drainUntil: chance.happens(0.2) ? drawDrainUntil(chance) : undefined,
  };
}

/** Whether what is kept is stopped, or gone; more is kept stopped, for longer: drawn last, so that all else stays as it was. */
export function drawKept(chance: Chance, rollout: Drawn | undefined): Pick<Drawn, 'retain'> {
  const as = chance.pick([undefined, 'stopped', 'gone'] as const);
  const isMore = chance.happens(0.4);
  const more = { forMs: chance.whole(5, 30) * MINUTE, count: chance.whole(1, 2), as: 'stopped' } as const;
  if (isMore && rollout !== undefined && rollout.strategy.kind !== 'rolling') return { retain: more };
  const retain = rollout?.retain;
  return retain === undefined || as === undefined ? {} : { retain: { ...retain, as } };
}

/** What is shown first, and by which tags groups are told apart: drawn after all else, which stays as it was. */
export function drawShown(
  chance: Chance,
  { rollout, replicas }: { rollout?: Drawn; replicas: number },
): Pick<Drawn, 'preview' | 'tags'> {
  const kind = rollout?.strategy.kind;
  const mayShow = replicas > 1 && (kind === 'blueGreen' || kind === 'canary');
  const isShown = chance.happens(0.4);
  const first = chance.whole(1, Math.max(1, replicas - 1));
  return {
    ...(mayShow && isShown ? { preview: { replicas: first } } : {}),
    ...(chance.happens(0.3) ? { tags: ROLE_TAGS } : {}),
  };
}

function strategyOf(
  kind: 'blueGreen' | 'rolling' | 'canary' | 'waves',
  chance: Chance,
  { locations, groups }: { locations: readonly string[]; groups: number },
): Strategy {
  switch (kind) {
    case 'blueGreen':
      return { kind };
    case 'rolling': {
      const maxUnavailable = chance.whole(0, Math.min(2, groups - 1));
      return { kind, maxSurge: chance.whole(maxUnavailable === 0 ? 1 : 0, 2), maxUnavailable };
    }
    case 'canary': {
      const first = chance.whole(1, 50);
      const steps = [first, chance.whole(first + 1, 99)].slice(0, chance.whole(1, 2));
      return { kind, steps: steps.map((share) => ({ share, bakeMs: drawBakeMs(chance) })) };
    }
    case 'waves':
      return { kind, waves: locations.map((location) => ({ locations: [location], bakeMs: drawBakeMs(chance) })) };
  }
}

function drawBakeMs(chance: Chance): number {
  return chance.whole(0, 120) * SECOND;
}

export function drawGate(chance: Chance): Gate {
  const autoAfterMs = chance.whole(0, 60) * SECOND;
  return { approvals: 1, autoAfterMs, timeoutMs: 10 * MINUTE, onTimeout: 'rollBack' };
}

/** Answered by who is healthy, as a group without traffic would be. */
function drawDrainUntil(chance: Chance): DrainUntil {
  const source = { kind: 'tcp', port: 80 } as const;
  const check = { ...jobCheck('drained'), source, count: chance.whole(1, 5) };
  return { check, maxMs: chance.whole(30, 300) * SECOND };
}

function drawCheck(chance: Chance, name: string): Check {
  return {
    ...jobCheck(name),
    source: chance.happens(0.4) ? { ...JOB, deadlineMs: chance.whole(1, 10) * MINUTE } : { kind: 'tcp', port: 80 },
    intervalMs: chance.whole(1, 20) * SECOND,
    count: chance.whole(1, 3),
    errorLimit: chance.whole(0, 3),
  };
}

/** Of the release itself, so it is as good or bad as that. */
const JOB: JobSource = {
  kind: 'job',
  image: 'candidate',
  container: 'check',
  command: undefined,
  cpu: 1,
  memoryGb: 1,
  deadlineMs: 5 * MINUTE,
};

/** One run of the release as a job. */
export function jobCheck(name: string): Check {
  return {
    name,
    source: JOB,
    successWhen: undefined,
    failureWhen: undefined,
    intervalMs: 5 * SECOND,
    count: 1,
    timeoutMs: 5 * SECOND,
    failureLimit: 0,
    errorLimit: 3,
    inconclusiveLimit: 0,
    isDryRun: false,
  };
}
