/** What becomes of every key of a container. docs/templates-kubernetes.md says the same. */
import { leftOut, noted, refused, used } from './kubernetes-fields.ts';
import type { Shape } from './kubernetes-fields.ts';

const NO_TERMINAL = 'nobody is at the terminal of a container in a group';

export const CONTAINER_SHAPE: Shape = {
  name: used,
  image: used,
  command: used,
  args: used,
  env: used,
  envFrom: used,
  ports: used,
  resources: used,
  volumeMounts: used,
  livenessProbe: used,
  readinessProbe: used,
  securityContext: used,
  // Images are deployed by digest, so each one is pulled when it is new.
  imagePullPolicy: refused('an image of a group is always pulled', 'Always', 'IfNotPresent'),
  resizePolicy: leftOut,
  terminationMessagePath: noted('a group has no termination messages', '/dev/termination-log'),
  terminationMessagePolicy: noted('a group has no termination messages', 'File'),
  startupProbe: refused('Container Instances has none; give the liveness probe an initialDelaySeconds'),
  lifecycle: refused('Container Instances runs no hooks'),
  restartPolicy: refused('a group has one restart policy for all of its containers'),
  restartPolicyRules: refused('a group has one restart policy for all of its containers'),
  workingDir: refused("a container starts in its image's directory; begin the command with `cd`"),
  stdin: refused(NO_TERMINAL, false),
  stdinOnce: refused(NO_TERMINAL, false),
  tty: refused(NO_TERMINAL, false),
  volumeDevices: refused('a group has no block devices'),
};

const NOT_OF_INIT = 'a container that runs first has none in Container Instances';

export const INIT_CONTAINER_SHAPE: Shape = {
  ...CONTAINER_SHAPE,
  ports: refused(NOT_OF_INIT),
  resources: refused(NOT_OF_INIT),
  livenessProbe: refused(NOT_OF_INIT),
  readinessProbe: refused(NOT_OF_INIT),
  restartPolicy: refused('a container that runs first cannot stay beside the others; make it one of `containers`'),
};

export const PORT_SHAPE: Shape = {
  name: used,
  containerPort: used,
  protocol: used,
  hostPort: refused('a group has no host'),
  hostIP: refused('a group has no host'),
};

export const ENV_SHAPE: Shape = { name: used, value: used, valueFrom: used };
export const ENV_SOURCE_SHAPE: Shape = {
  configMapKeyRef: used,
  secretKeyRef: used,
  fieldRef: refused('what a pod knows of itself is not there in a group; write the value'),
  resourceFieldRef: refused('a container of a group is not told its resources; write the value'),
  fileKeyRef: refused('a group reads no variables from files'),
};
export const KEY_REFERENCE_SHAPE: Shape = { name: used, key: used, optional: used };
export const ENV_FROM_SHAPE: Shape = { prefix: used, configMapRef: used, secretRef: used };
export const SOURCE_REFERENCE_SHAPE: Shape = { name: used, optional: used };

export const PROBE_SHAPE: Shape = {
  httpGet: used,
  exec: used,
  initialDelaySeconds: used,
  periodSeconds: used,
  timeoutSeconds: used,
  successThreshold: used,
  failureThreshold: used,
  tcpSocket: refused('Container Instances probes by httpGet and exec only'),
  grpc: refused('Container Instances probes by httpGet and exec only'),
  terminationGracePeriodSeconds: refused('Container Instances decides how long a container may take to stop'),
};
export const EXEC_SHAPE: Shape = { command: used };
export const HTTP_GET_SHAPE: Shape = {
  path: used,
  port: used,
  scheme: used,
  httpHeaders: used,
  host: refused('a probe goes to the container itself; write a Host header', 'localhost', '127.0.0.1'),
};
export const HEADER_SHAPE: Shape = { name: used, value: used };

export const MOUNT_SHAPE: Shape = {
  name: used,
  mountPath: used,
  readOnly: used,
  subPath: refused('a group mounts whole volumes; choose files by the `items` of the volume', ''),
  subPathExpr: refused('a group mounts whole volumes; choose files by the `items` of the volume', ''),
  mountPropagation: refused('a group shares no mounts with a host', 'None'),
  recursiveReadOnly: refused('mounts of a group have nothing mounted in them', 'Disabled'),
};

export const RESOURCES_SHAPE: Shape = {
  requests: used,
  limits: used,
  claims: refused('a group has no devices but GPUs'),
};

export const SECURITY_SHAPE: Shape = {
  privileged: used,
  allowPrivilegeEscalation: used,
  capabilities: used,
  runAsUser: used,
  runAsGroup: used,
  runAsNonRoot: used,
  seccompProfile: used,
  readOnlyRootFilesystem: refused('the root of a container in a group can be written to', false),
  procMount: refused('a group has one way to mount /proc', 'Default'),
  appArmorProfile: refused('a group has no AppArmor profiles'),
  seLinuxOptions: refused('a group has no SELinux'),
  windowsOptions: refused('a group takes no options of Windows'),
};
export const CAPABILITIES_SHAPE: Shape = { add: used, drop: used };
export const SECCOMP_SHAPE: Shape = { type: used, localhostProfile: refused('profiles of a node are not there') };

export const POD_SECURITY_SHAPE: Shape = {
  runAsUser: used,
  runAsGroup: used,
  runAsNonRoot: used,
  seccompProfile: used,
  fsGroup: refused('volumes of a group belong to root; an image that runs as another user has to cope with that'),
  fsGroupChangePolicy: leftOut,
  supplementalGroups: refused('a container of a group has one user and one group'),
  supplementalGroupsPolicy: leftOut,
  sysctls: refused('the kernel of a group cannot be set'),
  appArmorProfile: refused('a group has no AppArmor profiles'),
  seLinuxOptions: refused('a group has no SELinux'),
  seLinuxChangePolicy: leftOut,
  windowsOptions: refused('a group takes no options of Windows'),
};
