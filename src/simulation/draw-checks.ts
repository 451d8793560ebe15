/**
 * Checks that ask somebody: a Prometheus, the groups themselves, a webhook; releases that run well and do badly by them;
 * and the trouble that those who are asked have. Drawn from a stream of its own, so that a seed without them is as it was.
 */
import type { AskedCheck, AskedSource, Check } from '../model/check.ts';
import type { Condition } from '../model/condition.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';
import { jobCheck } from './draw-strategy.ts';
import type { AppOptions, Options, Push } from './options.ts';
import { RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';

/** For some minutes nothing can be measured of an app, or what is measured says neither good nor bad. */
export interface Spell {
  readonly at: number;
  readonly forMs: number;
  readonly app: string;
  readonly kind: 'fails' | 'blurs';
}

export interface CheckTroubles {
  /** Of the chance that the answers are drawn with. */
  readonly seed: number;
  /** Probabilities, each per measurement. */
  readonly fails: number;
  readonly blurs: number;
  readonly spells: readonly Spell[];
  /** How often somebody looks after rollouts that wait for a person, also before all heals; nobody does where absent. */
  readonly attendMs?: number;
}

/** What the log of a release has that answers well and does badly. */
export const ERRORS = 'ERROR 500';
/** Ratios of errors: less than the one is good, from the other on bad. */
const GOOD: Condition = { op: '<', value: 0.01 };
const BAD: Condition = { op: '>=', value: 0.05 };

export function drawChecks(chance: Chance, drawn: Options): Options {
  if (chance.happens(0.5)) return drawn;
  const { faultMs } = drawn;
  const apps = drawn.apps.map((app) => drawApp(chance, app));
  const pushes = drawn.pushes.map((push) => drawPush(chance, push, faultMs));
  const spells = Array.from({ length: chance.whole(0, 4) }, () => drawSpell(chance, apps, faultMs));
  const [fails, blurs] = [chance.next() * chance.next() * 0.4, chance.next() * chance.next() * 0.4];
  const attendMs = chance.pick([undefined, 30 * SECOND, 2 * MINUTE]);
  const seed = chance.whole(0, 2 ** 31 - 1);
  return {
    ...drawn,
    apps,
    pushes,
    checks: { seed, fails, blurs, spells, ...(attendMs === undefined ? {} : { attendMs }) },
  };
}

function drawSpell(chance: Chance, apps: readonly AppOptions[], faultMs: number): Spell {
  return {
    at: Math.floor(chance.next() * faultMs),
    forMs: chance.whole(10, 400) * SECOND,
    app: apps[Math.floor(chance.next() * apps.length)]?.name ?? 'app1',
    kind: chance.pick(['fails', 'blurs']),
  };
}

/** The first one and the last one are good. */
function drawPush(chance: Chance, push: Push, faultMs: number): Push {
  const errs = chance.happens(0.3);
  const isFirst = push.at === 0 && push.tag === '1.0.0';
  if (!errs || isFirst || push.at === faultMs) return push;
  return { ...push, program: { ...push.program, log: ERRORS } };
}

function drawApp(chance: Chance, app: AppOptions): AppOptions {
  const before = drawList(chance, ['ratio', 'page', 'hook']);
  const after = drawList(chance, ['ratio after', 'page after', 'hook after']);
  const { rollout } = app;
  if (rollout === undefined) return app;
  const checks = {
    before: [...(rollout.checks?.before ?? []), ...before],
    after: [...(rollout.checks?.after ?? []), ...after],
  };
  return { ...app, rollout: { ...rollout, checks } };
}

function drawList(chance: Chance, names: readonly [string, string, string]): readonly Check[] {
  return Array.from({ length: chance.pick([0, 1, 1, 2]) }, () => chance.pick(names))
    .filter((name, index, all) => all.indexOf(name) === index)
    .map((name) => drawCheck(chance, name));
}

function drawCheck(chance: Chance, name: string): AskedCheck {
  const count = chance.whole(1, 4);
  const source = drawSource(chance, name);
  const asked = {
    ...jobCheck(name),
    source,
    intervalMs: chance.whole(1, 15) * SECOND,
    count,
    failureLimit: Math.min(count - 1, chance.pick([0, 0, 1])),
    errorLimit: chance.whole(0, 4),
    inconclusiveLimit: Math.min(count - 1, chance.pick([0, 0, 1, 2])),
    isDryRun: chance.happens(0.1),
  };
  const isAlsoBack = chance.happens(0.15);
  const judged = chance.pick<Pick<Partial<Check>, 'successWhen' | 'failureWhen'>>([
    { successWhen: GOOD, failureWhen: BAD },
    { successWhen: GOOD },
    { failureWhen: BAD },
  ]);
  return {
    ...asked,
    ...(hasNumbers(source) ? judged : {}),
    ...(isAlsoBack ? { on: ['newRelease', 'rollback'] } : {}),
  };
}

function hasNumbers(source: AskedSource): boolean {
  return source.kind === 'http' ? source.json !== undefined : source.kind !== 'webhook' && source.kind !== 'tcp';
}

function drawSource(chance: Chance, name: string): AskedSource {
  const [isOther, isThird] = [chance.happens(0.5), chance.happens(0.3)];
  const waitMs = chance.whole(2, 10) * MINUTE;
  switch (name.split(' ')[0]) {
    case 'ratio':
      if (isThird) return isOther ? LOGS : METRICS;
      return prometheus(isOther ? `scalar(max(${RATIO}))` : RATIO);
    case 'page': {
      const source = { kind: 'http', url: 'http://{target}/stats', host: undefined, bodyIncludes: undefined } as const;
      return { ...source, statuses: [{ from: 200, to: 299 }], ...(isThird ? {} : { json: 'errors.ratio' }) };
    }
    default: {
      const source = { kind: 'webhook', url: 'https://gate.simulation/', secret: undefined, headers: {} } as const;
      const answers = { on4xx: 'failure', on5xx: isOther ? 'inconclusive' : 'error' } as const;
      return { ...source, ...answers, laterMs: 10 * MINUTE, ...(isThird ? { waitMs } : {}) };
    }
  }
}

const RATIO = 'error_ratio{app="{app}", rollout="{rollout}", group=~"{groups}"}';

const MONITOR = { audience: 'https://monitor.simulation', windowMs: 5 * MINUTE } as const;

const METRICS: AskedSource = {
  ...MONITOR,
  kind: 'azureMetrics',
  resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.ContainerInstance/containerGroups/{group}`,
  namespace: 'Microsoft.ContainerInstance/containerGroups',
  metrics: ['ErrorRatio'],
  aggregation: 'average',
  endpoint: 'https://metrics.simulation',
};

const LOGS: AskedSource = {
  ...MONITOR,
  kind: 'azureLogs',
  workspaceId: SUBSCRIPTION,
  query: 'Requests | where ContainerGroup matches regex "{groups}" | summarize Ratio=avg(failed) by ContainerGroup',
  endpoint: 'https://logs.simulation/v1',
};

function prometheus(query: string): AskedSource {
  const url = 'https://prometheus.simulation';
  return { kind: 'prometheus', url, query, secret: undefined, audience: undefined, headers: {} };
}

/** Asked of every group again and again, by ratios of errors that may say neither good nor bad. */
export function ratioCheck(count: number): AskedCheck {
  const conditions = { successWhen: GOOD, failureWhen: BAD };
  return { ...jobCheck('ratio'), ...conditions, source: prometheus(RATIO), count, inconclusiveLimit: count - 1 };
}

/** Checks whose sources tell a release that answers well and does badly: they decide, and are answered by asking. */
export function tellingChecks({ rollout }: AppOptions, phase?: string): readonly AskedCheck[] {
  const { before = [], after = [] } = rollout?.checks ?? {};
  const asked = [...(phase === 'after' ? [] : before), ...(phase === 'before' ? [] : after)];
  return asked.flatMap((check) => {
    const { source } = check;
    const isBlind = source.kind === 'job' || source.kind === 'tcp' || (source.kind === 'http' && !hasNumbers(source));
    return isBlind || check.isDryRun ? [] : [{ ...check, source }];
  });
}
