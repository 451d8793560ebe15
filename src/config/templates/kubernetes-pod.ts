/** The spec of a pod, as the properties of a container group. */
import type { JsonObject } from '../../model/app.ts';
import { present } from '../json.ts';
import { POD_SECURITY_SHAPE } from './kubernetes-container-shape.ts';
import { toContainers } from './kubernetes-container.ts';
import type { Fields, Report } from './kubernetes-fields.ts';
import { Holders } from './kubernetes-holders.ts';
import type { ManifestObject } from './kubernetes-objects.ts';
import * as shapes from './kubernetes-pod-shape.ts';
import { refusePortsTwice, toAddress } from './kubernetes-ports.ts';
import { toCredentials } from './kubernetes-pull-secrets.ts';
import { toVolumes } from './kubernetes-volumes.ts';
import type { Value } from './kubernetes-yaml.ts';

export interface PodGiven {
  readonly spec: Fields;
  /** Of the pods, as a Service selects them. */
  readonly labels: ReadonlyMap<string, string>;
  /** Of the pods, as the connector reads them. */
  readonly annotations: Fields | undefined;
  readonly namespace: string;
  /** Restart policies that may stand there. */
  readonly policies: readonly string[];
  readonly objects: readonly ManifestObject[];
  readonly report: Report;
}

export function toProperties(given: PodGiven): JsonObject {
  const { spec, report, annotations } = given;
  const holders = new Holders(given.objects, given.namespace, report);
  const isWindows = readSystem(spec) === 'windows';
  const volumes = toVolumes(spec, { holders, isWindows });
  const { containers, initContainers, ports } = toContainers(spec, {
    holders,
    security: spec.object('securityContext', POD_SECURITY_SHAPE),
    gpuSku: annotations?.text('virtual-kubelet.io/gpu-type')?.value,
    volumes: new Set(spec.list('volumes').flatMap(({ value }) => nameIn(value) ?? [])),
  });
  refusePortsTwice(ports, report);
  readAffinity(spec);
  const credentials = toCredentials(spec, holders);
  holders.warnOfOpenSecrets();
  return present({
    osType: isWindows ? 'Windows' : 'Linux',
    restartPolicy: spec.choice('restartPolicy', given.policies) ?? 'Always',
    containers,
    initContainers: initContainers.length === 0 ? undefined : initContainers,
    imageRegistryCredentials: credentials.length === 0 ? undefined : credentials,
    volumes: volumes.length === 0 ? undefined : volumes,
    ipAddress: toAddress(given.objects, { ...given, ports, at: spec.at }, report),
    dnsConfig: toDnsConfig(spec),
    ...toConfidential(annotations),
  });
}

function nameIn(value: Value): string | undefined {
  const name = value.kind === 'map' ? value.entries.get('name')?.value : undefined;
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}

/** What the charts of the connector put there to reach its node. */
const CONNECTOR_NODES = new Set(['type', 'kubernetes.io/role', 'kubernetes.io/hostname']);
const SYSTEM_KEYS = new Set(['kubernetes.io/os', 'beta.kubernetes.io/os']);

function readSystem(spec: Fields): 'linux' | 'windows' {
  const named = spec.object('os', shapes.OS_SHAPE)?.choice('name', ['linux', 'windows']);
  const selector = spec.object('nodeSelector', undefined);
  let selected: string | undefined;
  for (const key of selector?.keys ?? []) {
    if (selector === undefined) break;
    const isSystem = SYSTEM_KEYS.has(key);
    if (isSystem) selected = selector.choice(key, ['linux', 'windows']) ?? selected;
    const isAmd = key.endsWith('kubernetes.io/arch') && selector.text(key)?.value === 'amd64';
    if (!isSystem && !isAmd && !CONNECTOR_NODES.has(key))
      selector.report.refuse(
        selector.keyPlaceOf(key),
        `${selector.pathOf(key)} is refused: there are no nodes to choose from`,
      );
  }
  if (named !== undefined && selected !== undefined && named !== selected)
    spec.report.refuse(spec.placeOf('os'), `${spec.pathOf('os')}: ${named}, while the nodeSelector says ${selected}`);
  return (named ?? selected) === 'windows' ? 'windows' : 'linux';
}

/** Reading it by its shapes says all there is to say. */
function readAffinity(spec: Fields): void {
  const affinity = spec.object('affinity', shapes.AFFINITY_SHAPE);
  affinity?.object('nodeAffinity', shapes.AFFINITY_TERMS_SHAPE);
  affinity?.object('podAffinity', shapes.AFFINITY_TERMS_SHAPE);
}

function toDnsConfig(spec: Fields): JsonObject | undefined {
  const policy = spec.choice('dnsPolicy', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']);
  const config = spec.object('dnsConfig', shapes.DNS_SHAPE);
  const nameServers = config?.texts('nameservers').map(({ value }) => value) ?? [];
  if (config === undefined || nameServers.length === 0) {
    if (policy === 'None' || (config !== undefined && config.keys.length > 0))
      spec.report.refuse(
        spec.placeOf('dnsPolicy'),
        `${spec.path}: names are looked up by Azure, unless dnsConfig has nameservers`,
      );
    return undefined;
  }
  spec.report.warn(
    config.at,
    `${config.path}: Container Instances takes it in a subnet only; name one in the overrides (subnetIds)`,
  );
  const searches = config.texts('searches').map(({ value }) => value);
  const options = config.objects('options', shapes.DNS_OPTION_SHAPE).map((option) => {
    const value = option.text('value')?.value ?? '';
    return `${option.requiredText('name')?.value ?? ''}${value === '' ? '' : `:${value}`}`;
  });
  return present({
    nameServers,
    searchDomains: searches.length === 0 ? undefined : searches.join(' '),
    options: options.length === 0 ? undefined : options.join(' '),
  });
}

/** Two annotations of the connector. */
function toConfidential(annotations: Fields | undefined): JsonObject {
  const ccePolicy = annotations?.text('virtual-kubelet.io/confidential-compute-cce-policy')?.value ?? '';
  const sku = annotations?.text('virtual-kubelet.io/container-sku');
  const label = 'virtualkubelet.io/dnsnamelabel';
  if (annotations?.has(label) === true)
    annotations.report.warn(
      annotations.keyPlaceOf(label),
      `${label} is left out: each group gets a DNS label of its own`,
    );
  if (ccePolicy !== '') return { sku: 'Confidential', confidentialComputeProperties: { ccePolicy } };
  if (sku === undefined) return {};
  if (sku.value.toLowerCase() === 'confidential') return { sku: 'Confidential' };
  annotations?.report.refuse(
    sku.at,
    `virtual-kubelet.io/container-sku: expected confidential, got "${sku.value.slice(0, 60)}"`,
  );
  return {};
}
