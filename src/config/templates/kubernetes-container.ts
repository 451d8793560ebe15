/** One container of a pod, as Container Instances takes it: also those that run first. */
import type { JsonObject } from '../../model/app.ts';
import { present } from '../json.ts';
import { CONTAINER_SHAPE, INIT_CONTAINER_SHAPE, MOUNT_SHAPE } from './kubernetes-container-shape.ts';
import { expandCommand, readVariables, toEnvironment } from './kubernetes-env.ts';
import type { Variables } from './kubernetes-env.ts';
import type { Fields } from './kubernetes-fields.ts';
import type { Holders } from './kubernetes-holders.ts';
import { readPorts } from './kubernetes-ports.ts';
import type { DeclaredPort } from './kubernetes-ports.ts';
import { toProbe } from './kubernetes-probe.ts';
import { toResources } from './kubernetes-quantity.ts';
import { toSecurityContext } from './kubernetes-security.ts';

export interface ContainersGiven {
  readonly holders: Holders;
  /** The security context of the pod. */
  readonly security: Fields | undefined;
  readonly gpuSku: string | undefined;
  readonly volumes: ReadonlySet<string>;
}

const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

export interface Containers {
  readonly containers: readonly JsonObject[];
  readonly initContainers: readonly JsonObject[];
  readonly ports: readonly DeclaredPort[];
}

export function toContainers(pod: Fields, given: ContainersGiven): Containers {
  const names = new Set<string>();
  const initContainers = pod.objects('initContainers', INIT_CONTAINER_SHAPE).map((container) => {
    const variables = readVariables(container, given.holders);
    return { name: nameOf(container, names), properties: commonOf(container, variables, given) };
  });
  const fields = pod.objects('containers', CONTAINER_SHAPE);
  if (pod.list('containers').length === 0)
    pod.report.refuse(
      pod.placeOf('containers'),
      `${pod.pathOf('containers')}: expected a list of at least one container`,
    );
  const ports: DeclaredPort[] = [];
  const containers = fields.map((container) => {
    const own = readPorts(container);
    ports.push(...own);
    return { name: nameOf(container, names), properties: propertiesOf(container, own, given) };
  });
  return { containers, initContainers, ports };
}

function nameOf(container: Fields, names: Set<string>): string {
  const name = container.requiredText('name');
  if (name === undefined) return '';
  const path = container.pathOf('name');
  if (!NAME.test(name.value) || name.value.length > 63) {
    const rule = 'lower-case letters, digits and hyphens, at most 63 characters';
    container.report.refuse(
      name.at,
      `${path}: expected ${rule}, got "${name.value.slice(0, 80)}" (${name.value.length})`,
    );
  }
  if (names.has(name.value)) container.report.refuse(name.at, `${path}: two containers are called "${name.value}"`);
  names.add(name.value);
  return name.value;
}

function propertiesOf(container: Fields, ports: readonly DeclaredPort[], given: ContainersGiven): JsonObject {
  const variables = readVariables(container, given.holders);
  const probes = { ports, variables };
  return present({
    ...commonOf(container, variables, given),
    ports: ports.length === 0 ? undefined : ports.map(({ port, protocol }) => present({ port, protocol })),
    resources: toResources(container, given),
    livenessProbe: toProbe(container, 'livenessProbe', probes),
    readinessProbe: toProbe(container, 'readinessProbe', probes),
  });
}

function commonOf(container: Fields, variables: Variables, given: ContainersGiven): JsonObject {
  const environment = toEnvironment(variables, container);
  const command = commandOf(container, variables);
  const mounts = mountsOf(container, given.volumes);
  return present({
    image: container.requiredText('image')?.value,
    command: command.length === 0 ? undefined : command,
    environmentVariables: environment.length === 0 ? undefined : environment,
    volumeMounts: mounts.length === 0 ? undefined : mounts,
    securityContext: toSecurityContext(container, given.security),
  });
}

/** Container Instances knows no arguments apart from the command. */
function commandOf(container: Fields, variables: Variables): readonly string[] {
  const [command, args] = [container.texts('command'), container.texts('args')];
  const { report } = container;
  if (args.length > 0 && command.length === 0) {
    const message = `${container.pathOf('args')} is refused: Container Instances takes arguments only with a command`;
    report.refuse(container.keyPlaceOf('args'), message, 'write the entrypoint of the image as `command` as well');
  }
  return expandCommand([...command, ...args], variables, container);
}

function mountsOf(container: Fields, volumes: ReadonlySet<string>): readonly JsonObject[] {
  const paths = new Set<string>();
  return container.objects('volumeMounts', MOUNT_SHAPE).map((mount) => {
    const [name, mountPath] = [mount.requiredText('name'), mount.requiredText('mountPath')];
    const { report } = mount;
    if (name !== undefined && !volumes.has(name.value))
      report.refuse(name.at, `${mount.pathOf('name')}: the pod has no volume "${name.value.slice(0, 80)}"`);
    if (mountPath !== undefined && (mountPath.value.includes(':') || paths.has(mountPath.value))) {
      const why = mountPath.value.includes(':') ? 'a path must not contain ":"' : 'something is mounted there already';
      report.refuse(mountPath.at, `${mount.pathOf('mountPath')}: ${why}, got "${mountPath.value.slice(0, 80)}"`);
    }
    paths.add(mountPath?.value ?? '');
    return present({ name: name?.value, mountPath: mountPath?.value, readOnly: mount.boolean('readOnly') });
  });
}
