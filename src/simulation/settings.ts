/** The daemon's settings for the apps that a seed has drawn. */
import type { Settings } from '../config/settings.ts';
import type { App } from '../model/app.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import { windowsOf } from './draw-gating.ts';
import { parentNames } from './draw-parents.ts';
import { BESIDE, repositoryOf } from './draw-pushes.ts';
import { mappingsFor } from './draw-routing.ts';
import type { AppOptions } from './options.ts';
import { WEB } from './release-words.ts';
import { REGISTRY, RESOURCE_GROUP, SUBSCRIPTION } from './virtual-azure.ts';

export const OWNER = 'sim';
export const SUCCESSES = 2;
export const WEIGHT = 100;

export function settingsFor(apps: readonly AppOptions[], limits?: Settings['limits']): Settings {
  return {
    file: '/simulation/viridian.yaml',
    owner: OWNER,
    cloud: {
      subscriptionId: SUBSCRIPTION,
      resourceManager: 'https://management.simulation',
      audience: 'https://management.azure.com',
      authority: 'https://login.simulation',
      managedIdentityEndpoint: undefined,
      credential: { kind: 'environment' },
      caFile: undefined,
      nameServers: [],
    },
    registries: [
      {
        host: REGISTRY,
        endpoint: `https://${REGISTRY}`,
        kind: 'acr',
        credential: { kind: 'azure' },
        schedule: '*/30 * * * * *',
        jitterMs: 5000,
      },
    ],
    state: { kind: 'folder', folder: '/simulation/state' },
    onRemoval: 'keep',
    log: { level: 'info' },
    ...(limits === undefined ? {} : { limits }),
    apps: apps.map(toApp),
  };
}

function trafficOf(app: AppOptions): App['traffic'] {
  const { name, locations, routing, confirmsRemoval = true, hasTraffic } = app;
  if (hasTraffic === false) return undefined;
  const parents = parentNames(app).map((profile) => ({ resourceGroup: RESOURCE_GROUP, profile }));
  const mappings = mappingsFor(routing, locations);
  return {
    resourceGroup: RESOURCE_GROUP,
    profile: name,
    weight: WEIGHT,
    confirmRemoval: confirmsRemoval,
    ...(parents.length === 0 ? {} : { parents }),
    ...(routing?.switch === undefined ? {} : { switch: routing.switch }),
    ...(mappings === undefined ? {} : { mappings }),
  };
}

const PROBE: NonNullable<App['probe']> = {
  scheme: 'http',
  port: 80,
  path: '/',
  host: undefined,
  statuses: [{ from: 200, to: 299 }],
  intervalMs: 2 * SECOND,
  timeoutMs: 5 * SECOND,
  successes: SUCCESSES,
  failures: 5,
  graceMs: 30 * SECOND,
};

export function probeOf({ hasProbe, graceMs = PROBE.graceMs }: AppOptions): App['probe'] {
  return hasProbe === false ? undefined : { ...PROBE, graceMs };
}

/** A template is told by its hash; what it holds is another environment. */
export const TEMPLATE_HASH = 'simulation';

function toApp(options: AppOptions): App {
  const { name, replicas, locations, marginMs, drainMs, observeMs, onlineLooks, rollout } = options;
  const { templateHash = TEMPLATE_HASH } = options;
  const containers = options.set === undefined ? [WEB] : [WEB, BESIDE];
  const ipAddress = { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }] };
  return {
    name,
    images: containers.map((container) => ({
      container,
      registry: REGISTRY,
      repository: repositoryOf(name, container),
      policy: { kind: 'semver', range: '*', prerelease: false },
    })),
    template: {
      file: `/simulation/${name}.yaml`,
      document: {
        properties: { osType: 'Linux', containers: containers.map((one) => containerOf(options, one)), ipAddress },
      },
      hash: templateHash,
      containers,
    },
    resourceGroup: RESOURCE_GROUP,
    locations,
    replicas,
    traffic: trafficOf(options),
    probe: probeOf(options),
    settleMs: options.set?.settleMs ?? 0,
    repairAfterMs: 5 * MINUTE,
    ...gatingOf(options),
    rollout: {
      strategy: { kind: 'blueGreen' },
      ...rollout,
      propagationMarginMs: marginMs,
      drainMs,
      observeIntervalMs: observeMs,
      onlineLooks,
      deadlines: {
        provisionMs: 10 * MINUTE,
        verifyMs: 5 * MINUTE,
        registerMs: 5 * MINUTE,
        onlineMs: 8 * MINUTE,
        deregisterMs: 5 * MINUTE,
        retireMs: 10 * MINUTE,
        ...options.deadlines,
        ...(options.totalMs === undefined ? {} : { totalMs: options.totalMs }),
      },
      ...(options.onDeadline === undefined ? {} : { onDeadline: options.onDeadline }),
    },
  };
}

/** The first listens. */
function containerOf({ name: app, templateHash = TEMPLATE_HASH }: AppOptions, container: string) {
  const isEdited = templateHash !== TEMPLATE_HASH;
  return {
    name: container,
    properties: {
      image: `${REGISTRY}/${repositoryOf(app, container)}:latest`,
      ...(container === WEB ? { ports: [{ port: 80 }] } : {}),
      resources: { requests: { cpu: 1, memoryInGB: 1 } },
      ...(isEdited ? { environmentVariables: [{ name: 'TEMPLATE', value: templateHash }] } : {}),
    },
  };
}

function gatingOf({ windows, group, after, mode, afterRollback }: AppOptions): Partial<App> {
  return {
    ...(windows === undefined ? {} : { windows: windowsOf(windows) }),
    ...(group === undefined ? {} : { group }),
    ...(after === undefined ? {} : { after }),
    ...(mode === undefined ? {} : { mode }),
    ...(afterRollback === undefined ? {} : { afterRollback }),
  };
}
