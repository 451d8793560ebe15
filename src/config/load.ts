/**
 * Reads the config file, its templates and what they refer to: the settings that the daemon is started with, or every
 * problem at once. Nothing else of the file is looked at afterwards.
 */
import { accessSync, constants } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { validate as isCron } from 'node-cron';
import type { z } from 'zod';
import type { CloudSettings } from '../azure/cloud.ts';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import type { App, GroupTemplate, ProbeSettings } from '../model/app.ts';
import type { Instant } from '../model/time.ts';
import { readTemplates } from './app-templates.ts';
import type { AppTemplates } from './app-templates.ts';
import { apiWarnings, checkApi, toApi } from './api.ts';
import { CLOUDS } from './clouds.ts';
import { checkAcross } from './cross-checks.ts';
import { toStatuses } from './fields.ts';
import { registrySchema } from './azure-schema.ts';
import { checkGates } from './gates-checks.ts';
import { toAppGates, toLimits, windowWarnings } from './gates.ts';
import { toPolicy } from './policy.ts';
import { inOrder, toProblems } from './problems.ts';
import { pushWarnings, toPush } from './push.ts';
import { toRegistries } from './registries.ts';
import { toRolloutSettings } from './rollout.ts';
import { appSchema, configJsonSchema, configSchema } from './schema.ts';
import type { AppConfig, Config, RawAppConfig } from './schema.ts';
import type { NotifySettings, Settings, StateSettings } from './settings.ts';
import { splitImage } from './split-image.ts';
import { TextFiles } from './text-file.ts';
import { toTraffic } from './traffic.ts';
import { groupDocuments } from './templates/group-documents.ts';
import { groupWarnings } from './templates/group-warnings.ts';
import { literalSecrets } from './templates/read.ts';
import type { ReadTemplate } from './templates/read.ts';
import { checkVaults, toVaults } from './vaults.ts';
import { readTrusted, toVerification } from './trusted-files.ts';
import type { TrustedFiles } from './trusted-files.ts';
import { YamlFile } from './yaml-file.ts';
import type { Path } from './yaml-file.ts';

export interface Loaded {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  /** What is wrong at a place of the config file, beside what is checked here. */
  readonly problemAt: (path: Path, message: string) => ConfigProblem;
}

/**
 * `file` as the operator gave it: messages show it so; `now` is for warnings alone. Throws ConfigError with every problem,
 * in order of place. `files`: knows what was read, also then.
 */
export function loadSettings(file: string, now: Instant = Date.now(), files = new TextFiles()): Loaded {
  const yaml = YamlFile.read(resolve(file), file, files);
  const parsed = configSchema.safeParse(yaml.content);
  const problems: ConfigProblem[] = parsed.success ? [] : toProblems(parsed.error.issues, yaml, configJsonSchema());
  const { templates, problems: ofFiles } = readTemplates(yaml, files);
  problems.push(...ofFiles);
  const parts = {
    registries: goodOnes(yaml, 'registries', registrySchema),
    apps: completed(goodOnes(yaml, 'apps', appSchema), templates),
  };
  const trusted = readTrusted(parts.apps, yaml, files);
  problems.push(
    ...checkAcross(parts, { yaml, templates, isCron }),
    ...checkFiles(yaml),
    ...checkApi(yaml),
    ...checkGates(yaml, parts.apps),
    ...trusted.problems,
    ...checkVaults(yaml, templates, isCron),
  );
  if (problems.length > 0 || !parsed.success) throw new ConfigError(inOrder(problems));
  const settings = toSettings(parsed.data, resolve(file), { templates, trusted });
  const used = parts.apps.map(([, { template }]) => template.file);
  const isShared = (file: string) => used.filter((one) => one === file).length > 1;
  const ofTemplates = parts.apps.flatMap(([index, app]) =>
    templateWarnings(app, templates.get(index), isShared(app.template.file)),
  );
  const ofWindows = windowWarnings(parsed.data, settings.apps, now);
  const warnings = [
    ...pushWarnings(parsed.data),
    ...apiWarnings(parsed.data),
    ...ofTemplates,
    ...trusted.warnings,
    ...ofWindows,
  ];
  const problemAt = (path: Path, message: string) => yaml.problem(path, message, { atKey: true });
  return { settings, warnings: [...new Set(warnings)], problemAt };
}

function templateWarnings(
  { locations, replicas, images, traffic, probe, template: { file } }: AppConfig,
  template: ReadTemplate | undefined,
  isShared: boolean,
): readonly string[] {
  if (template === undefined) return [];
  const followed = new Map(images.map(({ container, image }) => [container, image]));
  const serves = traffic !== undefined || probe !== undefined;
  const own = groupDocuments({ ...template, locations, replicas }).flatMap(({ document }) => [
    ...groupWarnings(document, { locations, followed, isShared, serves }),
    ...(template.format === 'kubernetes' ? [] : literalSecrets(document)),
  ]);
  return [...template.warnings, ...own.map((warning) => `${file}: ${warning}`)];
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

/** With the replicas that their templates say. */
function completed(
  apps: readonly [number, RawAppConfig][],
  templates: AppTemplates['templates'],
): [number, AppConfig][] {
  return apps.map(([index, app]) => [index, complete(app, templates.get(index))]);
}

function complete(app: RawAppConfig, template: ReadTemplate | undefined): AppConfig {
  return { ...app, replicas: app.replicas ?? template?.replicas ?? 1 };
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
  readonly templates: ReadonlyMap<number, ReadTemplate>;
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
    apps: config.apps.flatMap((app, index) => {
      const read = templates.get(index);
      return read === undefined
        ? []
        : [
            {
              ...toApp(complete(app, read), withFolder(read.template, folder), { trusted, cloud: config.azure.cloud }),
              ...toAppGates(app, config),
              ...(config.prices === undefined ? {} : { prices: config.prices }),
            },
          ];
    }),
  };
}

/** It counts for as long as its document is kept, whatever the config says by then. */
function withFolder(template: GroupTemplate, folder: string): GroupTemplate {
  return { ...template, folder: relative(folder, dirname(template.file)) };
}

function toNotify({ url, secret, events }: NonNullable<Config['notify']>[number]): NotifySettings {
  return { url, secret, events };
}

function toState(state: Config['state'], folder: string): StateSettings {
  if (state?.blob !== undefined) return { kind: 'blob', url: state.blob.url };
  return { kind: 'folder', folder: state?.folder === undefined ? resolve('state') : resolve(folder, state.folder) };
}

/** `folder`: that paths in it are relative to. */
export function toCloud(azure: Config['azure'], folder: string): CloudSettings {
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
    keyVault: toVaults(azure.keyVault),
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
    ...(app.secretVersions === 'newRelease' ? { secretVersions: app.secretVersions } : {}),
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
  const { scheme, port, path, host } = probe;
  const pace = {
    port,
    intervalMs: probe.interval,
    timeoutMs: probe.timeout,
    successes: probe.successes,
    failures: probe.failures,
    graceMs: probe.grace,
  };
  return scheme === 'tcp' ? { scheme, ...pace } : { scheme, path, host, statuses: toStatuses(probe.status), ...pace };
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
