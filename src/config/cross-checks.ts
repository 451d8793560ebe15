/**
 * Rules across fields: what each value alone cannot show to be wrong. Apps and registries come with their place in the
 * file, and only those that are good by themselves, so that a mistake in one does not hide the mistakes of the others.
 */
import type { ConfigProblem } from '../model/errors.ts';
import { fitsGroupName } from '../model/ownership.ts';
import { nearMatch } from './near-match.ts';
import { checkPolicy } from './policy-checks.ts';
import { wrongCredential } from './registries.ts';
import { checkRoleTags } from './role-tags.ts';
import { checkRollout, toStrategy } from './rollout.ts';
import { MOST_REPLICAS } from './schema.ts';
import type { AppConfig, RegistryConfig } from './schema.ts';
import { checkFights } from './override-fights.ts';
import type { ReadTemplate } from './templates/read.ts';
import { checkTraffic } from './traffic.ts';
import type { Path, YamlFile } from './yaml-file.ts';

interface Given {
  readonly yaml: YamlFile;
  /** By the index of the app. */
  readonly templates: ReadonlyMap<number, ReadTemplate>;
  readonly isCron: (text: string) => boolean;
}

/** Parts of a config, each with its index in the file. */
export interface Parts {
  readonly registries: readonly (readonly [number, RegistryConfig])[];
  readonly apps: readonly (readonly [number, AppConfig])[];
}

export function checkAcross(parts: Parts, given: Given): ConfigProblem[] {
  const { yaml } = given;
  const polls = parts.registries.flatMap(([index, registry]) => {
    if (given.isCron(registry.poll)) return [];
    const message = `poll: expected a cron expression such as "*/30 * * * * *", got "${registry.poll}"`;
    return [yaml.problem(['registries', index, 'poll'], message)];
  });
  const credentials = parts.registries.flatMap(([index, registry]) => {
    const message = wrongCredential(registry);
    return message === undefined ? [] : [yaml.problem(['registries', index, 'credential'], message)];
  });
  return [
    ...polls,
    ...credentials,
    ...checkUnique(parts, yaml),
    ...parts.apps.flatMap(([index, app]) => checkApp(app, index, given)),
  ];
}

function checkUnique({ registries, apps }: Parts, yaml: YamlFile): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const names = new Set<string>();
  const profiles = new Map<string, string>();
  const hosts = new Set<string>();
  for (const [index, registry] of registries) {
    const host = registry.host.toLowerCase();
    if (hosts.has(host)) problems.push(yaml.problem(['registries', index, 'host'], `registry ${host} is listed twice`));
    hosts.add(host);
  }
  for (const [index, app] of apps) {
    if (names.has(app.name)) problems.push(yaml.problem(['apps', index, 'name'], `two apps are called "${app.name}"`));
    names.add(app.name);
    if (app.traffic === undefined) continue;
    const profile = `${app.traffic.resourceGroup ?? app.resourceGroup}/${app.traffic.profile}`.toLowerCase();
    const other = profiles.get(profile);
    if (other !== undefined) {
      const message = `apps ${other} and ${app.name} share profile ${app.traffic.profile}; each needs its own`;
      problems.push(yaml.problem(['apps', index, 'traffic', 'profile'], message));
    }
    profiles.set(profile, app.name);
  }
  return problems;
}

const NEEDS_SERVICE =
  'add a Service of type: LoadBalancer to the manifest, or make the ClusterIP one that selects the pod so';

function checkApp(app: AppConfig, index: number, given: Given): ConfigProblem[] {
  const { yaml } = given;
  const at = (...path: (string | number)[]) => ['apps', index, ...path];
  const template = given.templates.get(index);
  const problems: ConfigProblem[] = [];
  // The schema has told of a number of the config's own.
  if (app.replicas > MOST_REPLICAS) {
    const message = `replicas: the template says ${app.replicas}, and an app has at most ${MOST_REPLICAS} groups in each location`;
    problems.push(yaml.problem(at('template'), message, { hint: 'give the app replicas of its own' }));
  }
  for (const location of app.locations) {
    if (!fitsGroupName(app.name, location, app.replicas)) {
      problems.push(
        yaml.problem(
          at('name'),
          `name: group names {name}-{8 digits}-${location}-{replica} would be longer than 63 characters`,
        ),
      );
    }
  }
  if (new Set(app.locations).size < app.locations.length)
    problems.push(yaml.problem(at('locations'), 'locations: each may be named once'));
  for (const [number, image] of app.images.entries())
    problems.push(...checkImage(image, { template, yaml, path: at('images', number) }));
  const containers = app.images.map(({ container }) => container);
  if (new Set(containers).size < containers.length)
    problems.push(yaml.problem(at('images'), 'images: each container may follow one repository'));
  problems.push(...checkFights(app, yaml, at('overrides')));
  problems.push(...checkRollout(app, yaml, at('rollout')));
  problems.push(...checkRoleTags(app.rollout, template?.template, { yaml, path: at('rollout', 'tags') }));
  problems.push(...checkParents(app, yaml, at('traffic', 'parents')));
  const { kind: strategy } = toStrategy(app.rollout.strategy);
  for (const { path, message } of app.traffic === undefined
    ? []
    : checkTraffic(app.traffic, { strategy, replicas: app.replicas }))
    problems.push(yaml.problem(at('traffic', ...path), message));
  for (const location of Object.keys(app.traffic?.mappings ?? {})) {
    if (app.locations.includes(location)) continue;
    const message = `traffic.mappings: the app has no location "${location}", only ${app.locations.join(', ')}`;
    problems.push(yaml.problem(at('traffic', 'mappings', location), message));
  }
  problems.push(...checkProbe(app, yaml, at('probe')));
  if (template === undefined) return problems;
  if (app.traffic !== undefined && (!template.isPublic || template.ports.length === 0)) {
    problems.push(
      yaml.problem(
        at('traffic'),
        `traffic: template ${app.template.file} has no public ipAddress with ports, so Traffic Manager cannot reach it`,
        template.format === 'kubernetes' ? { hint: NEEDS_SERVICE } : {},
      ),
    );
  }
  if (app.probe !== undefined && template.ports.length > 0 && !template.ports.includes(app.probe.port)) {
    problems.push(
      yaml.problem(
        at('probe', 'port'),
        `probe.port: ${app.probe.port} is not among the template's ports (${template.ports.join(', ')})`,
      ),
    );
  }
  return problems;
}

/** By what is written, since each of them has a default. */
function checkProbe({ probe }: AppConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  if (probe?.scheme !== 'tcp') return [];
  const given = ['path', 'host', 'status'].filter((key) => yaml.has([...path, key]));
  return given.map((key) => {
    const message = `probe.${key}: with scheme tcp only a connection is made, and nothing is asked for; remove it, or set scheme: http or https`;
    return yaml.problem([...path, key], message);
  });
}

function checkParents({ traffic, resourceGroup }: AppConfig, yaml: YamlFile, path: Path): ConfigProblem[] {
  const own = `${traffic?.resourceGroup ?? resourceGroup}/${traffic?.profile}`.toLowerCase();
  return (traffic?.parents ?? []).flatMap((parent, index) => {
    const isOwn = (parent.includes('/') ? parent : `${own.split('/')[0]}/${parent}`).toLowerCase() === own;
    const message = `traffic.parents: profile ${parent} cannot be nested in itself; expected the profiles above it`;
    return isOwn ? [yaml.problem([...path, index], message)] : [];
  });
}

function checkImage(
  image: AppConfig['images'][number],
  given: { template: ReadTemplate | undefined; yaml: YamlFile; path: (string | number)[] },
): ConfigProblem[] {
  const { template, yaml, path } = given;
  const problems: ConfigProblem[] = [];
  const known = template?.template.containers ?? [image.container];
  if (!known.includes(image.container)) {
    const near = nearMatch(image.container, known);
    const hint = near === undefined ? `containers of the template: ${known.join(', ')}` : `did you mean "${near}"?`;
    problems.push(
      yaml.problem([...path, 'container'], `container: the template has no container "${image.container}"`, { hint }),
    );
  }
  problems.push(...checkPolicy(image.policy, yaml, [...path, 'policy']));
  return problems;
}
