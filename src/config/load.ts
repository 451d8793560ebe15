/**
 * Reads the config file, its templates and what they refer to: the settings that the daemon is started with, or every
 * problem at once. Nothing else of the file is looked at afterwards.
 */
import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { validate as isCron } from 'node-cron';
import type { z } from 'zod';
import type { CloudSettings } from '../azure/cloud.ts';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { App, ProbeSettings } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import { apiWarnings, checkApi, toApi } from './api.ts';
import { CLOUDS } from './clouds.ts';
import { checkAcross } from './cross-checks.ts';
import { toStatuses } from './fields.ts';
import { checkGates } from './gates-checks.ts';
import { toAppGates, toLimits, windowWarnings } from './gates.ts';
import { toPolicy } from './policy.ts';
import { inOrder, toProblems } from './problems.ts';
import { pushWarnings, toPush } from './push.ts';
import { toRegistries } from './registries.ts';
import { toRolloutSettings } from './rollout.ts';
import { appSchema, configJsonSchema, configSchema, registrySchema } from './schema.ts';
import type { AppConfig, Config } from './schema.ts';
import type { NotifySettings, Settings, StateSettings } from './settings.ts';
import { splitImage } from './split-image.ts';
import { readTemplate } from './template.ts';
import { toTraffic } from './traffic.ts';
import type { ReadTemplate } from './template.ts';
import { readTrusted, toVerification } from './trusted-files.ts';
import type { TrustedFiles } from './trusted-files.ts';
import { YamlFile } from './yaml-file.ts';

export interface Loaded {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/**
 * `file` as the operator gave it: messages show it so; `now` is for warnings alone. Throws ConfigError with every problem,
 * in order of place.
 */
export function loadSettings(file: string, now: Instant = Date.now()): Loaded {
  const yaml = YamlFile.read(resolve(file), file);
  const parsed = configSchema.safeParse(yaml.content);
  const problems: ConfigProblem[] = parsed.success ? [] : toProblems(parsed.error.issues, yaml, configJsonSchema());
  const templates = readTemplates(yaml, problems);
  const parts = { registries: goodOnes(yaml, 'registries', registrySchema), apps: goodOnes(yaml, 'apps', appSchema) };
  const trusted = readTrusted(parts.apps, yaml);
  problems.push(
    ...checkAcross(parts, { yaml, templates, isCron }),
    ...checkFiles(yaml),
    ...checkApi(yaml),
    ...checkGates(yaml, parts.apps),
    ...trusted.problems,
  );
  if (problems.length > 0 || !parsed.success) throw new ConfigError(inOrder(problems));
  const settings = toSettings(parsed.data, resolve(file), { templates, trusted });
  const ofTemplates = [...templates.values()].flatMap(({ warnings }) => warnings);
  const ofWindows = windowWarnings(parsed.data, settings.apps, now);
  const warnings = [
    ...pushWarnings(parsed.data),
    ...apiWarnings(parsed.data),
    ...ofTemplates,
    ...trusted.warnings,
    ...ofWindows,
  ];
  return { settings, warnings: [...new Set(warnings)] };
}

/** The items of a list that are good by themselves, each with its index. */
function goodOnes<Schema extends z.ZodType>(yaml: YamlFile, key: string, schema: Schema): [number, z.output<Schema>][] {
  const list: unknown = yaml.has([key]) ? yaml.valueAt([key]) : [];
  const items: unknown[] = Array.isArray(list) ? list : [];
  return items.flatMap((item, index) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [[index, parsed.data]] : [];
  });
}

/** By the name that the config gives; also when other parts of the config are wrong, so that all is told at once. */
function readTemplates(yaml: YamlFile, problems: ConfigProblem[]): ReadonlyMap<string, ReadTemplate> {
  const found = new Map<string, ReadTemplate>();
  const apps: unknown = yaml.valueAt(['apps']);
  for (const index of Array.isArray(apps) ? apps.keys() : []) {
    const path = ['apps', index, 'template'];
    const name = yaml.has(path) ? yaml.valueAt(path) : undefined;
    if (typeof name !== 'string' || name === '' || found.has(name)) continue;
    const shown = name.startsWith('/') ? name : `${dirname(yaml.file)}/${name}`;
    try {
      found.set(name, readTemplate(resolve(dirname(resolve(yaml.file)), name), shown));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const isUnreadable = error.problems.some(({ message }) => message.startsWith('the file cannot be read'));
      if (isUnreadable) problems.push(yaml.problem(path, `template ${error.problems[0]?.message ?? ''}`));
      else problems.push(...error.problems);
    }
  }
  return found;
}

const PEM_FILES = [
  ['azure', 'caFile'],
  ['push', 'tls', 'cert'],
  ['push', 'tls', 'key'],
  ['api', 'tls', 'cert'],
  ['api', 'tls', 'key'],
];

function checkFiles(yaml: YamlFile): ConfigProblem[] {
  return PEM_FILES.flatMap((path) => {
    const file = yaml.has(path) ? yaml.valueAt(path) : undefined;
    if (typeof file !== 'string') return [];
    try {
      accessSync(resolve(dirname(resolve(yaml.file)), file), constants.R_OK);
      return [];
    } catch {
      const message = `${path.join('.')}: ${file} cannot be read; expected a PEM file beside the config`;
      return [yaml.problem(path, message)];
    }
  });
}

interface ReadFiles {
  readonly templates: ReadonlyMap<string, ReadTemplate>;
  readonly trusted: TrustedFiles;
}

function toSettings(config: Config, file: string, { templates, trusted }: ReadFiles): Settings {
  const folder = dirname(file);
  return {
    file,
    owner: config.owner,
    onRemoval: config.onRemoval,
    cloud: toCloud(config.azure, folder),
    registries: toRegistries(config),
    state: toState(config.state, folder),
    ...(config.push === undefined ? {} : { push: toPush(config.push, folder) }),
    ...(config.api === undefined ? {} : { api: toApi(config.api, folder) }),
    ...(config.notify === undefined ? {} : { notify: config.notify.map(toNotify) }),
    log: config.log,
    limits: toLimits(config),
    apps: config.apps.flatMap((app) => {
      const template = templates.get(app.template)?.template;
      return template === undefined
        ? []
        : [
            {
              ...toApp(app, template, { trusted, cloud: config.azure.cloud }),
              ...toAppGates(app, config),
              ...(config.prices === undefined ? {} : { prices: config.prices }),
            },
          ];
    }),
  };
}

function toNotify({ url, secret, events }: NonNullable<Config['notify']>[number]): NotifySettings {
  return { url, secret, events };
}

function toState(state: Config['state'], folder: string): StateSettings {
  if (state?.blob !== undefined) return { kind: 'blob', url: state.blob.url };
  return { kind: 'folder', folder: state?.folder === undefined ? resolve('state') : resolve(folder, state.folder) };
}

function toCloud(azure: Config['azure'], folder: string): CloudSettings {
  const defaults = CLOUDS[azure.cloud];
  const resourceManager = trimSlash(azure.resourceManager ?? defaults.resourceManager);
  return {
    subscriptionId: azure.subscription,
    resourceManager,
    audience: trimSlash(azure.audience ?? defaults.audience),
    authority: trimSlash(azure.authority ?? defaults.authority),
    managedIdentityEndpoint: azure.managedIdentityEndpoint,
    credential: toCredential(azure.credential),
    caFile: azure.caFile === undefined ? undefined : resolve(folder, azure.caFile),
    nameServers: azure.nameServers,
    trafficManagerNameServers: azure.trafficManagerNameServers,
  };
}

function toCredential(given: Config['azure']['credential']): CloudSettings['credential'] {
  if (given === 'environment') return { kind: 'environment' };
  if (given === 'managedIdentity') return { kind: 'managedIdentity', clientId: undefined };
  if ('managedIdentity' in given) return { kind: 'managedIdentity', clientId: given.managedIdentity.clientId };
  const { tenant, clientId, clientSecret } = given.servicePrincipal;
  return { kind: 'servicePrincipal', tenantId: tenant, clientId, clientSecret };
}

function toApp(
  app: AppConfig,
  template: App['template'],
  { trusted, cloud }: { trusted: TrustedFiles; cloud: keyof typeof CLOUDS },
): App {
  return {
    name: app.name,
    images: app.images.map(({ container, image, policy, verify }) => ({
      container,
      ...splitImage(image),
      policy: toPolicy(policy),
      ...(verify === undefined ? {} : { verify: toVerification(verify, trusted) }),
    })),
    template,
    resourceGroup: app.resourceGroup,
    locations: app.locations,
    replicas: app.replicas,
    traffic: app.traffic === undefined ? undefined : toTraffic(app.traffic, app.resourceGroup),
    probe: app.probe === undefined ? undefined : toProbe(app.probe),
    settleMs: app.images.filter(({ policy }) => policy.pin === undefined).length > 1 ? app.settle : 0,
    repairAfterMs: app.repairAfter,
    afterRollback: app.rollout.afterRollback,
    rollout: toRolloutSettings(app.rollout, cloud),
  };
}

function toProbe(probe: NonNullable<AppConfig['probe']>): ProbeSettings {
  return {
    scheme: probe.scheme,
    port: probe.port,
    path: probe.path,
    host: probe.host,
    statuses: toStatuses(probe.status),
    intervalMs: probe.interval,
    timeoutMs: probe.timeout,
    successes: probe.successes,
    failures: probe.failures,
    graceMs: probe.grace,
  };
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
