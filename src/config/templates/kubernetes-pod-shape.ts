/** What becomes of every key of a Deployment and of the spec of its pods. docs/templates-kubernetes.md says the same. */
import { leftOut, noted, refused, used } from './kubernetes-fields.ts';
import type { Shape } from './kubernetes-fields.ts';

const OWN_ROLLOUT = "an upgrade goes by the app's own rollout settings";

export const OBJECT_SHAPE: Shape = { apiVersion: used, kind: used, metadata: used, spec: used, status: leftOut };

export const METADATA_SHAPE: Shape = {
  name: used,
  namespace: used,
  labels: used,
  annotations: used,
  generateName: leftOut,
  uid: leftOut,
  resourceVersion: leftOut,
  generation: leftOut,
  creationTimestamp: leftOut,
  deletionTimestamp: leftOut,
  deletionGracePeriodSeconds: leftOut,
  ownerReferences: leftOut,
  finalizers: leftOut,
  managedFields: leftOut,
  selfLink: leftOut,
};

export const DEPLOYMENT_SHAPE: Shape = {
  replicas: used,
  selector: used,
  template: used,
  strategy: noted(OWN_ROLLOUT),
  minReadySeconds: noted(OWN_ROLLOUT, 0),
  progressDeadlineSeconds: noted(OWN_ROLLOUT, 600),
  revisionHistoryLimit: leftOut,
  paused: refused('a paused Deployment changes nothing; `viridian pause` does that', false),
};

export const SELECTOR_SHAPE: Shape = { matchLabels: used, matchExpressions: leftOut };

export const POD_TEMPLATE_SHAPE: Shape = { metadata: used, spec: used };

export const POD_SHAPE: Shape = {
  containers: used,
  initContainers: used,
  volumes: used,
  imagePullSecrets: used,
  restartPolicy: used,
  dnsConfig: used,
  dnsPolicy: used,
  nodeSelector: used,
  os: used,
  securityContext: used,
  affinity: used,
  // A toleration only allows more nodes; there are none.
  tolerations: leftOut,
  enableServiceLinks: leftOut,
  preemptionPolicy: leftOut,
  nodeName: noted('there are no nodes'),
  priority: noted('groups have no priority by number', 0),
  priorityClassName: noted('groups have no priority classes'),
  topologySpreadConstraints: noted('each replica is a group by itself; spread them by locations and zones'),
  terminationGracePeriodSeconds: noted('Container Instances decides how long a container may take to stop', 30),
  serviceAccountName: noted('nothing in a group speaks to a cluster; give the group an identity instead', 'default'),
  serviceAccount: noted('nothing in a group speaks to a cluster; give the group an identity instead', 'default'),
  automountServiceAccountToken: noted('there is no service account whose token could be mounted', false),
  activeDeadlineSeconds: refused('a group has no time limit'),
  ephemeralContainers: refused('a group has none'),
  hostAliases: refused('the hosts file of a group cannot be added to'),
  hostIPC: refused('a group shares nothing with a host', false),
  hostNetwork: refused('a group shares nothing with a host', false),
  hostPID: refused('a group shares nothing with a host', false),
  hostUsers: refused('a group shares nothing with a host', true),
  hostname: refused('the name of a container in a group cannot be chosen'),
  hostnameOverride: refused('the name of a container in a group cannot be chosen'),
  subdomain: refused('the name of a container in a group cannot be chosen'),
  setHostnameAsFQDN: refused('the name of a container in a group cannot be chosen', false),
  overhead: refused('resources of a group are those of its containers'),
  readinessGates: refused('a group has none; checks of the rollout do what they are for'),
  resourceClaims: refused('a group has no devices but GPUs'),
  resources: refused('resources of a group are those of its containers'),
  runtimeClassName: refused('a group has one runtime'),
  schedulerName: refused('nothing schedules a group', 'default-scheduler'),
  schedulingGates: refused('nothing schedules a group'),
  shareProcessNamespace: refused('containers of a group do not see each other’s processes', false),
  workloadRef: refused('nothing schedules a group'),
};

export const DNS_SHAPE: Shape = { nameservers: used, searches: used, options: used };
export const DNS_OPTION_SHAPE: Shape = { name: used, value: used };
export const OS_SHAPE: Shape = { name: used };
export const LOCAL_REFERENCE_SHAPE: Shape = { name: used };

export const AFFINITY_SHAPE: Shape = {
  nodeAffinity: used,
  podAffinity: used,
  podAntiAffinity: noted('each replica is a group by itself, on no node of yours'),
};

export const AFFINITY_TERMS_SHAPE: Shape = {
  requiredDuringSchedulingIgnoredDuringExecution: refused('there are no nodes to choose from'),
  preferredDuringSchedulingIgnoredDuringExecution: noted('there are no nodes to choose from'),
};
