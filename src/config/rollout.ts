/** The `rollout` block as the daemon knows it, and what its fields say against each other. */
import type { Gate, RolloutSettings, Strategy } from '../model/app.ts';
import type { ConfigProblem } from '../model/errors.ts';
import { missedShare } from '../rollout/weights.ts';
import { toChecks, toDrainCheck } from './checks.ts';
import type { CLOUDS } from './clouds.ts';
import type { PromotionConfig, RolloutConfig } from './rollout-schema.ts';
import type { AppConfig } from './schema.ts';
import type { Path, YamlFile } from './yaml-file.ts';

export function toRolloutSettings(rollout: RolloutConfig, cloud: keyof typeof CLOUDS): RolloutSettings {
  const { deadlines, retain, checks, drainUntil } = rollout;
  return {
    strategy: toStrategy(rollout.strategy),
    bakeMs: rollout.bake,
    promotion: toGate(rollout.promotion),
    ...(rollout.preview === undefined ? {} : { preview: rollout.preview }),
    ...toRoleTags(rollout.tags),
    retain: toRetain(retain),
    ...(rollout.keepFailed === 0 ? {} : { keepFailedMs: rollout.keepFailed }),
    propagationMarginMs: rollout.propagationMargin,
    drainMs: rollout.drain,
    ...(drainUntil === undefined
      ? {}
      : { drainUntil: { check: toDrainCheck(drainUntil, cloud), maxMs: drainUntil.max } }),
    observeIntervalMs: rollout.observeInterval,
    onlineLooks: rollout.onlineLooks,
    deadlines: {
      provisionMs: deadlines.provision,
      verifyMs: deadlines.verify,
      registerMs: deadlines.register,
      onlineMs: deadlines.online,
      deregisterMs: deadlines.deregister,
      retireMs: deadlines.retire,
      ...(deadlines.total === undefined ? {} : { totalMs: deadlines.total }),
    },
    ...(rollout.onDeadline === 'wait' ? { onDeadline: 'wait' as const } : {}),
    ...(checks === undefined ? {} : { checks: toChecks(checks, cloud) }),
  };
}

function toRetain(retain: RolloutConfig['retain']): RolloutSettings['retain'] {
  if (retain === undefined) return undefined;
  const { for: forMs, count = 1, as } = retain;
  return { ...(forMs === undefined ? {} : { forMs }), count, ...(as === 'warm' ? {} : { as }) };
}

/** Without any, nothing is ever tagged. */
function toRoleTags(tags: RolloutConfig['tags']): Pick<RolloutSettings, 'tags'> {
  if (tags === undefined || Object.keys({ ...tags.candidate, ...tags.live }).length === 0) return {};
  return { tags };
}

function toGate(promotion: PromotionConfig | undefined): Gate | undefined {
  if (promotion === undefined) return undefined;
  const { approvals, timeout, onTimeout, after } = promotion;
  return { approvals, timeoutMs: timeout, onTimeout, autoAfterMs: after };
}

export function toStrategy(strategy: RolloutConfig['strategy']): Strategy {
  if (strategy === 'blueGreen') return { kind: 'blueGreen' };
  if (strategy === 'rolling') return { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 };
  if (strategy === 'recreate') return { kind: 'recreate', order: 'newFirst' };
  if ('rolling' in strategy) return { kind: 'rolling', ...strategy.rolling };
  if ('recreate' in strategy) return { kind: 'recreate', ...strategy.recreate };
  if ('waves' in strategy) {
    const waves = strategy.waves.map(({ locations, bake, promotion }) => ({
      locations,
      bakeMs: bake,
      gate: toGate(promotion),
    }));
    return { kind: 'waves', waves };
  }
  const steps = strategy.canary.steps.map(({ share, bake, promotion }) => ({
    share,
    bakeMs: bake,
    gate: toGate(promotion),
  }));
  return { kind: 'canary', steps };
}

/** What would only show in the middle of a rollout. */
export function checkRollout(app: AppConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const at = [...path, 'strategy'];
  const strategy = toStrategy(app.rollout.strategy);
  const groups = app.locations.length * app.replicas;
  const problem = (message: string, place: Path = at) => [yaml.problem(place, message)];
  const kept =
    app.rollout.retain === undefined || app.rollout.retain.as === 'gone'
      ? []
      : checkRetain(strategy, (text) => problem(text, [...path, 'retain']));
  const failed =
    app.rollout.keepFailed > 0 && app.traffic === undefined
      ? problem(
          'keepFailed: an app without traffic cannot be taken out of rotation, so what failed would go on working; expected traffic, or no keepFailed',
          [...path, 'keepFailed'],
        )
      : [];
  return [
    ...kept,
    ...failed,
    ...checkPreview(app, strategy, (message) => problem(message, [...path, 'preview'])),
    ...checkDrainUntil(app, (text, ...to) => problem(text, [...path, ...to])),
    ...checkJobImages(app, yaml, path),
    ...checkPromotions(app.rollout, yaml, path),
    ...checkStrategy(strategy, { app, groups, at, problem }),
  ];
}

interface Asked {
  readonly app: AppConfig;
  readonly groups: number;
  readonly at: Path;
  readonly problem: (message: string, place?: Path) => ConfigProblem[];
}

function checkStrategy(strategy: Strategy, { app, groups, at, problem }: Asked): ConfigProblem[] {
  const hasTraffic = app.traffic !== undefined;
  switch (strategy.kind) {
    case 'blueGreen':
      return [];
    case 'recreate':
      return hasTraffic
        ? problem('strategy: recreate is for apps without traffic; with it, blueGreen or rolling keep the app served')
        : [];
    case 'rolling':
      return hasTraffic && strategy.maxSurge === 0 && strategy.maxUnavailable >= groups
        ? problem(
            `strategy: maxUnavailable ${strategy.maxUnavailable} of ${groups} groups leaves none that serves; expected less, or a maxSurge of at least 1`,
          )
        : [];
    case 'canary':
      return hasTraffic
        ? strategy.steps.flatMap(({ share }, index) =>
            checkShare(share, { before: strategy.steps[index - 1]?.share, groups }).flatMap((message) =>
              problem(message, [...at, 'canary', 'steps', index, 'share']),
            ),
          )
        : problem('strategy: canary shares out traffic, and the app has none; expected traffic, or another strategy');
    case 'waves':
      return checkWaves(
        strategy.waves.map(({ locations }) => locations),
        app.locations,
      ).flatMap((message) => problem(message, [...at, 'waves']));
  }
}

function checkShare(share: number, { before, groups }: { before: number | undefined; groups: number }): string[] {
  if (before !== undefined && share <= before)
    return [`share: expected more than the ${before} % of the step before, got ${share}`];
  const missed = missedShare(share, { live: groups, candidate: groups });
  if (missed === undefined) return [];
  return [`share: ${share} % cannot be met by weights from 1 to 1000, the nearest is ${missed.percent} %`];
}

function checkWaves(waves: readonly (readonly string[])[], locations: readonly string[]): string[] {
  const named = waves.flat();
  const unknown = named.filter((location) => !locations.includes(location));
  const missing = locations.filter((location) => !named.includes(location));
  const twice = named.filter((location, index) => named.indexOf(location) !== index);
  return [
    ...(unknown.length === 0 ? [] : [`waves: ${unknown.join(', ')} is not among the app's locations`]),
    ...(missing.length === 0 ? [] : [`waves: ${missing.join(', ')} is in no wave; expected each location in one`]),
    ...(twice.length === 0 ? [] : [`waves: ${twice.join(', ')} is in two waves; expected each location in one`]),
  ];
}

function checkDrainUntil(
  { rollout, traffic }: AppConfig,
  problem: (message: string, ...to: readonly string[]) => ConfigProblem[],
): ConfigProblem[] {
  const { drainUntil, drain } = rollout;
  if (drainUntil === undefined) return [];
  if (traffic === undefined)
    return problem(
      'drainUntil: an app without traffic drains nothing; expected traffic, or no drainUntil',
      'drainUntil',
    );
  if (drainUntil.max >= drain) return [];
  return problem('max: expected at least the drain time, which is waited for in any case', 'drainUntil', 'max');
}

/** What is deleted as the rollout goes cannot be kept. */
function checkRetain(strategy: Strategy, problem: (message: string) => ConfigProblem[]): ConfigProblem[] {
  if (strategy.kind !== 'rolling' && (strategy.kind !== 'recreate' || strategy.order === 'newFirst')) return [];
  return problem(
    `retain: strategy ${strategy.kind} deletes old groups as it goes; expected another one, retain as gone, or no retain`,
  );
}

/** A preview that could not be told from the whole, or that the strategy has no room for. */
function checkPreview(
  { replicas, rollout: { preview } }: AppConfig,
  { kind }: Strategy,
  problem: (message: string) => ConfigProblem[],
): ConfigProblem[] {
  if (preview === undefined) return [];
  if (kind !== 'blueGreen' && kind !== 'canary')
    return problem(
      `preview: strategy ${kind} does not bring all new groups up before the switch, so there is no rest to wait with; expected blueGreen or canary, or no preview`,
    );
  if (preview.replicas < replicas) return [];
  return problem(
    `preview: expected fewer replicas than the app's ${replicas} in each location, got ${preview.replicas}; with as many, all of it is shown, so leave preview out`,
  );
}

/** A gate that nobody can open, or that opens by itself only after its time is over. */
function checkPromotions(rollout: RolloutConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const { strategy } = rollout;
  const gates: (readonly [Path, PromotionConfig | undefined])[] = [[[...path, 'promotion'], rollout.promotion]];
  if (typeof strategy === 'object' && 'canary' in strategy)
    for (const [index, { promotion }] of strategy.canary.steps.entries())
      gates.push([[...path, 'strategy', 'canary', 'steps', index, 'promotion'], promotion]);
  if (typeof strategy === 'object' && 'waves' in strategy)
    for (const [index, { promotion }] of strategy.waves.entries())
      gates.push([[...path, 'strategy', 'waves', index, 'promotion'], promotion]);
  const people = countTokens(yaml);
  return gates.flatMap(([place, promotion]) => {
    if (promotion === undefined) return [];
    const { after, timeout, approvals, onTimeout } = promotion;
    if (after !== undefined && after > timeout)
      return [
        yaml.problem([...place, 'after'], 'after: expected at most the timeout, which would end the rollout first'),
      ];
    if (after !== undefined || onTimeout === 'promote' || approvals <= people) return [];
    const message = `promotion: nobody could open this gate: it wants ${times(approvals, 'person', 'people')}, and api.tokens has ${people === 0 ? 'none' : people}`;
    const hint = 'add tokens for those who promote, ask for fewer approvals, or let it open by itself (after)';
    return [yaml.problem(place, message, { hint })];
  });
}

/** Each is one person, who may promote. Also where other parts of the API are wrong. */
function countTokens(yaml: YamlFile): number {
  const tokens = yaml.has(['api', 'tokens']) ? yaml.valueAt(['api', 'tokens']) : [];
  return Array.isArray(tokens) ? tokens.length : 0;
}

function times(n: number, one: string, more: string): string {
  return `${n} ${n === 1 ? one : more}`;
}

/** A job may run the image of a container, if that is one of the release. */
function checkJobImages({ images, rollout }: AppConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const known = images.map(({ container }) => container);
  return Object.entries(rollout.checks ?? {}).flatMap(([phase, checks]) =>
    checks.flatMap(({ job }, index) => {
      if (job === undefined || job.image.includes('/') || ['candidate', ...known].includes(job.image)) return [];
      const message = `job.image: the app follows no container "${job.image}", only ${known.join(', ')}; expected one of them, candidate, or an image with its registry`;
      return [yaml.problem([...path, 'checks', phase, index, 'job', 'image'], message)];
    }),
  );
}
