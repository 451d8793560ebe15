/**
 * Ports that containers declare, and which of them are public: those that a Service of type LoadBalancer leads to, and no
 * others. What was inside a cluster stays inside the group.
 */
import type { JsonObject } from '../../model/app.ts';
import { PORT_SHAPE } from './kubernetes-container-shape.ts';
import { described, Fields, leftOut, noted, refused, used } from './kubernetes-fields.ts';
import type { Report, Shape } from './kubernetes-fields.ts';
import type { ManifestObject } from './kubernetes-objects.ts';

export interface DeclaredPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | undefined;
  readonly at: number;
}

const NAME = /^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/;
const INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const FROM_EVERYWHERE = 'a public address of a group is open to everybody; filter in front of it or in the container';

const OBJECT_SHAPE: Shape = { apiVersion: used, kind: used, metadata: used, spec: used, status: leftOut };
const SERVICE_SHAPE: Shape = {
  type: used,
  selector: used,
  ports: used,
  clusterIP: leftOut,
  clusterIPs: leftOut,
  internalTrafficPolicy: leftOut,
  externalTrafficPolicy: leftOut,
  healthCheckNodePort: leftOut,
  allocateLoadBalancerNodePorts: leftOut,
  publishNotReadyAddresses: leftOut,
  trafficDistribution: leftOut,
  ipFamilies: leftOut,
  ipFamilyPolicy: leftOut,
  loadBalancerSourceRanges: refused(FROM_EVERYWHERE),
  loadBalancerIP: refused('the address of a group cannot be chosen'),
  loadBalancerClass: refused('a group has one way to its public address'),
  externalIPs: refused('the address of a group cannot be chosen'),
  externalName: leftOut,
  sessionAffinity: noted('Traffic Manager answers by name, whichever client asks', 'None'),
  sessionAffinityConfig: noted('Traffic Manager answers by name, whichever client asks'),
};
const SERVICE_PORT_SHAPE: Shape = {
  name: used,
  port: used,
  targetPort: used,
  protocol: used,
  nodePort: leftOut,
  appProtocol: leftOut,
};

export function readPorts(container: Fields): readonly DeclaredPort[] {
  return container.objects('ports', PORT_SHAPE).flatMap((fields) => {
    const name = fields.text('name');
    if (name !== undefined && (!NAME.test(name.value) || name.value.length > 15))
      fields.report.refuse(
        name.at,
        `${fields.pathOf('name')}: expected at most 15 of a-z, 0-9 and "-", got "${name.value.slice(0, 80)}"`,
      );
    if (!fields.has('containerPort')) fields.report.refuse(fields.at, `missing key "containerPort" in ${fields.path}`);
    const port = fields.integer('containerPort', 1, 65_535);
    const protocol = protocolOf(fields);
    return port === undefined ? [] : [{ name: name?.value, port, protocol, at: fields.placeOf('containerPort') }];
  });
}

function protocolOf(fields: Fields): 'TCP' | 'UDP' | undefined {
  const protocol = fields.choice('protocol', ['TCP', 'UDP', 'SCTP']);
  if (protocol === 'SCTP')
    fields.report.refuse(
      fields.placeOf('protocol'),
      `${fields.pathOf('protocol')} is refused: a group speaks TCP and UDP`,
    );
  return protocol === 'TCP' || protocol === 'UDP' ? protocol : undefined;
}

/** Containers of a group share one address, so that each port is one container's. */
export function refusePortsTwice(ports: readonly DeclaredPort[], report: Report): void {
  const seen = new Set<string>();
  for (const { port, protocol, at } of ports) {
    const key = `${port}/${protocol ?? 'TCP'}`;
    if (seen.has(key)) report.refuse(at, `port ${key} is declared twice in this pod`);
    seen.add(key);
  }
}

interface PodGiven {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly ports: readonly DeclaredPort[];
  /** For a warning where nothing is public. */
  readonly at: number;
}

/** Undefined where no Service leads to the pod from outside. */
export function toAddress(objects: readonly ManifestObject[], pod: PodGiven, report: Report): JsonObject | undefined {
  const services = objects.flatMap((object) => publicService(object, pod, report) ?? []);
  const found = new Map<string, JsonObject>();
  for (const spec of services) {
    for (const fields of spec.objects('ports', SERVICE_PORT_SHAPE)) {
      const port = publicPort(fields, pod.ports);
      if (port !== undefined) found.set(`${port.port}/${port.protocol}`, { ...port });
    }
  }
  if (services.length > 0) return { type: 'Public', ports: [...found.values()] };
  if (pod.ports.length > 0) {
    report.warn(
      pod.at,
      'the group gets no public address, so Traffic Manager cannot reach it: no Service of type LoadBalancer in this file ' +
        'selects this pod; add one whose port equals its targetPort',
    );
  }
  return undefined;
}

function publicService(object: ManifestObject, pod: PodGiven, report: Report): Fields | undefined {
  if (object.kind !== 'Service') return undefined;
  const spec = Fields.of(object.value, OBJECT_SHAPE, { path: '', report })?.object('spec', undefined);
  const type = spec?.choice('type', ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']) ?? 'ClusterIP';
  if (spec === undefined || type === 'ExternalName' || object.namespace !== pod.namespace) return undefined;
  const selector = spec.object('selector', undefined);
  const selected = (selector?.keys ?? []).map((key) => selector?.text(key)?.value === pod.labels.get(key));
  if (selected.length === 0 || selected.includes(false)) return undefined;
  if (type === 'NodePort') {
    report.warn(
      object.at,
      `Service "${object.name}" opens ports of nodes, which are not there: its ports stay inside the group`,
    );
    return undefined;
  }
  if (type === 'ClusterIP') return undefined;
  if (object.metadata.object('annotations', undefined)?.text(INTERNAL)?.value === 'true') {
    report.warn(
      object.at,
      `Service "${object.name}" is for an internal load balancer: its ports stay inside the group`,
    );
    return undefined;
  }
  return Fields.of(object.value, OBJECT_SHAPE, { path: '', report })?.object('spec', SERVICE_SHAPE);
}

function publicPort(fields: Fields, ports: readonly DeclaredPort[]): { port: number; protocol: string } | undefined {
  const { report } = fields;
  if (!fields.has('port')) report.refuse(fields.at, `missing key "port" in ${fields.path}`);
  const port = fields.integer('port', 1, 65_535);
  const protocol = protocolOf(fields) ?? 'TCP';
  const raw = fields.raw('targetPort');
  const isName = raw?.kind === 'scalar' && typeof raw.value === 'string';
  const number = raw === undefined ? port : isName ? undefined : fields.integer('targetPort', 1, 65_535);
  if (port === undefined || (number === undefined && !isName)) return undefined;
  const target = ports.find(
    (one) => (one.protocol ?? 'TCP') === protocol && (isName ? one.name === raw.value : one.port === number),
  );
  const key = raw === undefined ? 'port' : 'targetPort';
  const got = raw === undefined ? `the number ${port}` : described(raw);
  if (target === undefined) {
    report.refuse(
      fields.placeOf(key),
      `${fields.pathOf(key)}: no container of the pod declares this ${protocol} port, got ${got}`,
    );
  } else if (target.port !== port) {
    const both = `port ${port} leads to port ${target.port}, and a group cannot lead one port to another`;
    report.refuse(
      fields.placeOf('port'),
      `${fields.pathOf('port')}: ${both}`,
      `write port: ${target.port}, or have the container listen on ${port}`,
    );
  } else return { port, protocol };
  return undefined;
}
