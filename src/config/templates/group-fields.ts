/**
 * Every field of a container group that can be written, as API 2023-05-01 has them: the source of docs/templates.md and of
 * near matches for unknown keys. A list's items are `[]`, a key that the author chooses is `NAME`.
 */

export type FieldKind = 'text' | 'whole' | 'number' | 'boolean' | 'object' | 'list' | 'texts' | 'map';

export interface GroupField {
  readonly path: string;
  readonly kind: FieldKind;
  /** Known values; newer versions of the API may have others. */
  readonly values?: readonly string[];
  /** May be a reference to a secret; no answer of Azure's has it. */
  readonly isSecret?: true;
  /** Where it comes from in a Kubernetes manifest; absent: it has no place there, an override can set it. */
  readonly kubernetes?: string;
  /** What becomes of it; absent: it goes to Azure as it stands. */
  readonly setBy?: string;
}

type More = Omit<GroupField, 'path' | 'kind'>;
type Row = readonly [path: string, kind: FieldKind, more?: More];

const k8s = (kubernetes: string): More => ({ kubernetes });
const oneOf = (...values: string[]): More => ({ values });
const PROTOCOL: More = { values: ['TCP', 'UDP'], kubernetes: 'protocol' };

const CCE_POLICY = 'virtual-kubelet.io/confidential-compute-cce-policy';

const ENVIRONMENT: readonly Row[] = [
  ['', 'list', k8s('env, envFrom')],
  ['[].name', 'text', k8s('env[].name')],
  ['[].value', 'text', k8s('env[].value, configMapKeyRef')],
  ['[].secureValue', 'text', { isSecret: true, kubernetes: 'secretKeyRef' }],
];

const MOUNTS: readonly Row[] = [
  ['', 'list', k8s('volumeMounts')],
  ['[].name', 'text', k8s('volumeMounts[].name')],
  ['[].mountPath', 'text', k8s('volumeMounts[].mountPath')],
  ['[].readOnly', 'boolean', k8s('volumeMounts[].readOnly')],
];

const SECURITY: readonly Row[] = [
  ['', 'object', k8s('securityContext')],
  ['.privileged', 'boolean', k8s('securityContext.privileged')],
  ['.allowPrivilegeEscalation', 'boolean', k8s('securityContext.allowPrivilegeEscalation')],
  ['.capabilities', 'object', k8s('securityContext.capabilities')],
  ['.capabilities.add', 'texts', k8s('securityContext.capabilities.add')],
  ['.capabilities.drop', 'texts', k8s('securityContext.capabilities.drop')],
  ['.runAsGroup', 'whole', k8s('securityContext.runAsGroup')],
  ['.runAsUser', 'whole', k8s('securityContext.runAsUser')],
  ['.seccompProfile', 'text'],
];

const PROBE: readonly Row[] = [
  ['', 'object', k8s('the probe of that name')],
  ['.exec', 'object', k8s('exec')],
  ['.exec.command', 'texts', k8s('exec.command')],
  ['.httpGet', 'object', k8s('httpGet')],
  ['.httpGet.path', 'text', k8s('httpGet.path')],
  ['.httpGet.port', 'whole', k8s('httpGet.port')],
  ['.httpGet.scheme', 'text', { values: ['http', 'https'], kubernetes: 'httpGet.scheme' }],
  ['.httpGet.httpHeaders', 'list', k8s('httpGet.httpHeaders')],
  ['.httpGet.httpHeaders[].name', 'text', k8s('httpGet.httpHeaders[].name')],
  ['.httpGet.httpHeaders[].value', 'text', k8s('httpGet.httpHeaders[].value')],
  ['.initialDelaySeconds', 'whole', k8s('initialDelaySeconds')],
  ['.periodSeconds', 'whole', k8s('periodSeconds')],
  ['.failureThreshold', 'whole', k8s('failureThreshold')],
  ['.successThreshold', 'whole', k8s('successThreshold')],
  ['.timeoutSeconds', 'whole', k8s('timeoutSeconds')],
];

const amount = (which: 'requests' | 'limits'): readonly Row[] => [
  ['', 'object', k8s(`resources.${which}`)],
  ['.memoryInGB', 'number', k8s(`resources.${which}.memory`)],
  ['.cpu', 'number', k8s(`resources.${which}.cpu`)],
  ['.gpu', 'object', k8s(`resources.${which}: nvidia.com/gpu`)],
  ['.gpu.count', 'whole', k8s(`resources.${which}: nvidia.com/gpu`)],
  ['.gpu.sku', 'text', { values: ['K80', 'P100', 'V100'], kubernetes: 'annotation virtual-kubelet.io/gpu-type' }],
];

const CONTAINER: readonly Row[] = [
  ['', 'list', k8s('containers')],
  ['[].name', 'text', k8s('containers[].name')],
  ['[].properties', 'object'],
  [
    '[].properties.image',
    'text',
    { kubernetes: 'image', setBy: 'the digest of the release, where the image is followed' },
  ],
  ['[].properties.command', 'texts', k8s('command, args')],
  ['[].properties.ports', 'list', k8s('ports')],
  ['[].properties.ports[].protocol', 'text', PROTOCOL],
  ['[].properties.ports[].port', 'whole', k8s('ports[].containerPort')],
  ...under('[].properties.environmentVariables', ENVIRONMENT),
  ['[].properties.resources', 'object', k8s('resources')],
  ...under('[].properties.resources.requests', amount('requests')),
  ...under('[].properties.resources.limits', amount('limits')),
  ...under('[].properties.volumeMounts', MOUNTS),
  ...under('[].properties.livenessProbe', PROBE),
  ...under('[].properties.readinessProbe', PROBE),
  ...under('[].properties.securityContext', SECURITY),
];

const INIT_CONTAINER: readonly Row[] = [
  ['', 'list', k8s('initContainers')],
  ['[].name', 'text', k8s('initContainers[].name')],
  ['[].properties', 'object'],
  ['[].properties.image', 'text', k8s('image')],
  ['[].properties.command', 'texts', k8s('command, args')],
  ...under('[].properties.environmentVariables', ENVIRONMENT),
  ...under('[].properties.volumeMounts', MOUNTS),
  ...under('[].properties.securityContext', SECURITY),
];

const GROUP: readonly Row[] = [
  ['location', 'text', { setBy: 'each of the app’s `locations`' }],
  ['tags', 'map', { setBy: 'as it stands, and the `viridian-…` tags' }],
  ['tags.NAME', 'text'],
  ['zones', 'texts'],
  ['identity', 'object'],
  ['identity.type', 'text', oneOf('SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None')],
  ['identity.userAssignedIdentities', 'map'],
  ['identity.userAssignedIdentities.NAME', 'object'],
  ['properties', 'object'],
  ...under('properties.containers', CONTAINER),
  ...under('properties.initContainers', INIT_CONTAINER),
  ['properties.imageRegistryCredentials', 'list', k8s('imagePullSecrets')],
  ['properties.imageRegistryCredentials[].server', 'text', k8s('imagePullSecrets')],
  ['properties.imageRegistryCredentials[].username', 'text', k8s('imagePullSecrets')],
  ['properties.imageRegistryCredentials[].password', 'text', { isSecret: true, kubernetes: 'imagePullSecrets' }],
  ['properties.imageRegistryCredentials[].identity', 'text'],
  ['properties.imageRegistryCredentials[].identityUrl', 'text'],
  ['properties.restartPolicy', 'text', { values: ['Always', 'OnFailure', 'Never'], kubernetes: 'restartPolicy' }],
  ['properties.ipAddress', 'object', k8s('a Service of type LoadBalancer')],
  ['properties.ipAddress.ports', 'list', k8s('Service: ports')],
  ['properties.ipAddress.ports[].protocol', 'text', PROTOCOL],
  ['properties.ipAddress.ports[].port', 'whole', k8s('Service: ports[].port')],
  [
    'properties.ipAddress.type',
    'text',
    { values: ['Public', 'Private'], kubernetes: 'a Service of type LoadBalancer' },
  ],
  ['properties.ipAddress.ip', 'text'],
  ['properties.ipAddress.dnsNameLabel', 'text', { setBy: 'the name of the group, where the address is public' }],
  [
    'properties.ipAddress.autoGeneratedDomainNameLabelScope',
    'text',
    {
      values: ['Unsecure', 'TenantReuse', 'SubscriptionReuse', 'ResourceGroupReuse', 'Noreuse'],
      setBy: 'as it stands; `TenantReuse` where absent and the address is public',
    },
  ],
  ['properties.osType', 'text', { values: ['Windows', 'Linux'], kubernetes: 'os.name, nodeSelector' }],
  ['properties.volumes', 'list', k8s('volumes')],
  ['properties.volumes[].name', 'text', k8s('volumes[].name')],
  ['properties.volumes[].azureFile', 'object', k8s('azureFile, csi')],
  ['properties.volumes[].azureFile.shareName', 'text', k8s('azureFile.shareName')],
  ['properties.volumes[].azureFile.readOnly', 'boolean', k8s('azureFile.readOnly')],
  ['properties.volumes[].azureFile.storageAccountName', 'text', k8s('the secret of azureFile.secretName')],
  [
    'properties.volumes[].azureFile.storageAccountKey',
    'text',
    { isSecret: true, kubernetes: 'the secret of azureFile.secretName' },
  ],
  ['properties.volumes[].emptyDir', 'object', k8s('emptyDir')],
  ['properties.volumes[].secret', 'map', k8s('secret, configMap')],
  ['properties.volumes[].secret.NAME', 'text', { isSecret: true, kubernetes: 'secret, configMap' }],
  ['properties.volumes[].gitRepo', 'object', k8s('gitRepo')],
  ['properties.volumes[].gitRepo.directory', 'text', k8s('gitRepo.directory')],
  ['properties.volumes[].gitRepo.repository', 'text', k8s('gitRepo.repository')],
  ['properties.volumes[].gitRepo.revision', 'text', k8s('gitRepo.revision')],
  ['properties.diagnostics', 'object'],
  ['properties.diagnostics.logAnalytics', 'object'],
  ['properties.diagnostics.logAnalytics.workspaceId', 'text'],
  ['properties.diagnostics.logAnalytics.workspaceKey', 'text', { isSecret: true }],
  ['properties.diagnostics.logAnalytics.logType', 'text', oneOf('ContainerInsights', 'ContainerInstanceLogs')],
  ['properties.diagnostics.logAnalytics.metadata', 'map'],
  ['properties.diagnostics.logAnalytics.metadata.NAME', 'text'],
  ['properties.diagnostics.logAnalytics.workspaceResourceId', 'text'],
  ['properties.subnetIds', 'list'],
  ['properties.subnetIds[].id', 'text'],
  ['properties.subnetIds[].name', 'text'],
  ['properties.dnsConfig', 'object', k8s('dnsConfig')],
  ['properties.dnsConfig.nameServers', 'texts', k8s('dnsConfig.nameservers')],
  ['properties.dnsConfig.searchDomains', 'text', k8s('dnsConfig.searches')],
  ['properties.dnsConfig.options', 'text', k8s('dnsConfig.options')],
  [
    'properties.sku',
    'text',
    {
      values: ['Standard', 'Dedicated', 'Confidential'],
      kubernetes: 'annotation virtual-kubelet.io/container-sku',
    },
  ],
  ['properties.encryptionProperties', 'object'],
  ['properties.encryptionProperties.vaultBaseUrl', 'text'],
  ['properties.encryptionProperties.keyName', 'text'],
  ['properties.encryptionProperties.keyVersion', 'text'],
  ['properties.encryptionProperties.identity', 'text'],
  ['properties.extensions', 'list'],
  ['properties.extensions[].name', 'text'],
  ['properties.extensions[].properties', 'object'],
  ['properties.extensions[].properties.extensionType', 'text'],
  ['properties.extensions[].properties.version', 'text'],
  ['properties.extensions[].properties.settings', 'object'],
  ['properties.extensions[].properties.protectedSettings', 'object'],
  ['properties.confidentialComputeProperties', 'object', k8s(`annotation ${CCE_POLICY}`)],
  ['properties.confidentialComputeProperties.ccePolicy', 'text', k8s(`annotation ${CCE_POLICY}`)],
  ['properties.priority', 'text', oneOf('Regular', 'Spot')],
];

export const GROUP_FIELDS: readonly GroupField[] = GROUP.map(([path, kind, more]) => ({ path, kind, ...more }));

/** Keys at the top that say which document it is; they are not sent. */
export const DOCUMENT_KEYS = ['apiVersion', 'name', 'type'] as const;

function under(prefix: string, rows: readonly Row[]): Row[] {
  return rows.map(([path, kind, more]) => [`${prefix}${path}`, kind, more]);
}
