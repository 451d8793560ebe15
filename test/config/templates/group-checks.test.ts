/** What is refused in a container group before Azure sees it: each mistake with its place, its message and its hint. */
import { describe, expect, test } from 'vitest';
import { API_VERSIONS } from '../../../src/config/templates/arm-api-versions.ts';
import { checkGroup } from '../../../src/config/templates/group-checks.ts';
import { mergeDocument } from '../../../src/config/templates/variants.ts';
import { pathText } from '../../../src/config/problems.ts';
import type { Json, JsonObject } from '../../../src/model/app.ts';

const PULL =
  '/subscriptions/s/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-pull';
const OTHER = PULL.replace('shop-pull', 'nobody');

const GOOD: JsonObject = {
  properties: {
    osType: 'Linux',
    containers: [
      {
        name: 'web',
        properties: {
          image: 'shop.azurecr.io/web:latest',
          ports: [{ port: 80 }],
          resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
      },
      {
        name: 'worker',
        properties: {
          image: 'shop.azurecr.io/worker:latest',
          ports: [{ port: 8081, protocol: 'TCP' }],
          resources: { requests: { cpu: 0.5, memoryInGB: 1 } },
        },
      },
    ],
    volumes: [{ name: 'files', emptyDir: {} }],
    ipAddress: { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }] },
  },
};

const properties = (more: JsonObject): JsonObject => mergeDocument(GOOD, { properties: more });
/** Into the first container. */
const web = (more: JsonObject): JsonObject => properties({ containers: [{ name: 'web', properties: more }] });
const worker = (more: JsonObject): JsonObject => properties({ containers: [{ name: 'worker', properties: more }] });
const variable = (more: JsonObject) => web({ environmentVariables: [{ name: 'LEVEL', ...more }] });
const volume = (more: JsonObject) => properties({ volumes: [{ name: 'files', emptyDir: null, ...more }] });
const credential = (more: JsonObject, identity?: JsonObject) =>
  mergeDocument(GOOD, {
    ...(identity === undefined ? {} : { identity }),
    properties: { imageRegistryCredentials: [{ server: 'shop.azurecr.io', ...more }] },
  });
const windows = (more: JsonObject): JsonObject => ({
  properties: {
    osType: 'Windows',
    containers: [
      { name: 'web', properties: { image: 'x', resources: { requests: { cpu: 1, memoryInGB: 1 } }, ...more } },
    ],
  },
});
const gpu = { resources: { requests: { gpu: { count: 1, sku: 'V100' } } } };

function problems(document: JsonObject): string[] {
  return checkGroup(document, (path, message, hint) => ({
    file: 'web.yaml',
    line: 1,
    column: 1,
    excerpt: '',
    message: `${pathText(path)} | ${message}`,
    ...(hint === undefined ? {} : { hint }),
  })).map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

const CONTAINERS = 'properties.containers';
const WEB = `${CONTAINERS}[0].properties`;
const WORKER = `${CONTAINERS}[1].properties`;

const ROWS: readonly (readonly [what: string, document: JsonObject, ...said: string[]])[] = [
  [
    'no properties',
    { tags: {} },
    'properties | missing key "properties": the container group as `az container create --file` takes it',
  ],
  ['no containers', properties({ containers: [] }), `${CONTAINERS} | expected a list of at least one container`],
  [
    'too many containers',
    { properties: { osType: 'Linux', containers: many(61) } },
    `${CONTAINERS} | 61 containers: a group has at most 60`,
  ],
  [
    'too many init containers',
    properties({ initContainers: many(60).map(({ name }) => ({ name, properties: { image: 'x' } })) }),
    'properties.initContainers | 60 init containers: a group has at most 59',
  ],
  [
    'a container without a name',
    { properties: { osType: 'Linux', containers: [{ properties: many(1)[0]?.properties ?? {} }] } },
    `${CONTAINERS}[0].name | a container needs a name`,
  ],
  [
    'two of a name',
    properties({ initContainers: [{ name: 'web', properties: { image: 'x' } }] }),
    'properties.initContainers[0].name | two containers are called "web"',
  ],
  [
    'a name that is none',
    { properties: { osType: 'Linux', containers: [{ name: 'Web_1', properties: many(1)[0]?.properties ?? {} }] } },
    `${CONTAINERS}[0].name | container name "Web_1": expected 1 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends`,
  ],
  ['no image', web({ image: null }), `${WEB}.image | container web needs properties.image`],
  [
    'no cpu',
    web({ resources: { requests: { cpu: null } } }),
    `${WEB}.resources.requests.cpu | container web needs resources.requests.cpu: expected a number above 0, got nothing`,
  ],
  [
    'memory as text',
    web({ resources: { requests: { memoryInGB: '1.5' } } }),
    `${WEB}.resources.requests.memoryInGB | container web needs resources.requests.memoryInGB: expected a number above 0, got "1.5"`,
  ],
  [
    'a limit of nothing',
    web({ resources: { limits: { cpu: 0 } } }),
    `${WEB}.resources.limits.cpu | container web needs resources.limits.cpu: expected a number above 0, got 0`,
  ],
  [
    'a command that is text',
    web({ command: 'run --fast' }),
    `${WEB}.command | command of web: expected a list of texts, got "run --fast" | no shell reads it: give each argument by itself, and quote it`,
  ],
  [
    'a command with a number',
    web({ command: ['sleep', 10] }),
    `${WEB}.command | command of web: expected a list of texts, got ["sleep",10] | no shell reads it: give each argument by itself, and quote it`,
  ],
  [
    'ports of an init container',
    properties({ initContainers: [{ name: 'init', properties: { image: 'x', ports: [{ port: 1 }] } }] }),
    'properties.initContainers[0].properties.ports | init container init has ports, which Azure does not take there',
  ],
  [
    'a value that is a boolean',
    variable({ value: true }),
    `${WEB}.environmentVariables[0].value | variable LEVEL of container web: expected text, got true | quote it`,
  ],
  [
    'a value that is a number',
    variable({ value: 8080 }),
    `${WEB}.environmentVariables[0].value | variable LEVEL of container web: expected text, got 8080 | quote it`,
  ],
  [
    'a secret that others can read',
    variable({ value: { env: 'SECRET' } }),
    `${WEB}.environmentVariables[0].value | variable LEVEL of container web: expected text, got {"env":"SECRET"} | give a secret as secureValue`,
  ],
  [
    'a value twice',
    variable({ value: 'a', secureValue: 'b' }),
    `${WEB}.environmentVariables[0].value | variable LEVEL of container web has both value and secureValue; expected one of them`,
  ],
  [
    'a secret that is no text',
    variable({ secureValue: 1234 }),
    `${WEB}.environmentVariables[0].secureValue | variable LEVEL of container web: expected text or a reference to a secret, got a number | quote it, or refer to it by {env: NAME} or {file: PATH}`,
  ],
  [
    'a variable without a name',
    web({ environmentVariables: [{ value: 'a' }] }),
    `${WEB}.environmentVariables[0].name | a variable of container web needs a name`,
  ],
  [
    'a variable of another name',
    web({ environmentVariables: [{ name: 'A-b.c', value: 'x' }] }),
    `${WEB}.environmentVariables[0].name | variable A-b.c of container web: a variable of a group has a name of letters, digits and "_", and does not begin with a digit`,
  ],
  [
    'a variable that is empty',
    variable({ value: '' }),
    `${WEB}.environmentVariables[0] | variable LEVEL of container web: expected a value, got an empty one | Container Instances takes none that is empty: leave the variable out`,
  ],
  [
    'a variable that has no value',
    variable({}),
    `${WEB}.environmentVariables[0] | variable LEVEL of container web: expected a value, got none | Container Instances takes none that is empty: leave the variable out`,
  ],
  [
    'a variable twice',
    web({
      environmentVariables: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    `${WEB}.environmentVariables[1].name | container web sets A twice`,
  ],
  [
    'a probe of neither form',
    web({ livenessProbe: { periodSeconds: 5 } }),
    `${WEB}.livenessProbe | livenessProbe of web: expected one of exec and httpGet, got neither`,
  ],
  [
    'a probe of both forms',
    web({ readinessProbe: { exec: { command: ['true'] }, httpGet: { port: 80 } } }),
    `${WEB}.readinessProbe | readinessProbe of web: expected one of exec and httpGet, got both`,
  ],
  [
    'a probe without a port',
    web({ livenessProbe: { httpGet: { path: '/' } } }),
    `${WEB}.livenessProbe.httpGet.port | livenessProbe of web: httpGet needs a port, 1 to 65535, got nothing`,
  ],
  [
    'a probe without a command',
    web({ livenessProbe: { exec: { command: 'true' } } }),
    `${WEB}.livenessProbe.exec | livenessProbe of web: exec needs a command, a list of texts`,
  ],
  [
    'a scheme of probes',
    web({ livenessProbe: { httpGet: { port: 80, scheme: 'htps' } } }),
    `${WEB}.livenessProbe.httpGet.scheme | scheme: expected http, https, got "htps" | did you mean "https"?`,
  ],
  [
    'a period in text',
    web({ livenessProbe: { httpGet: { port: 80 }, periodSeconds: '5s' } }),
    `${WEB}.livenessProbe.periodSeconds | livenessProbe of web: expected a whole number for periodSeconds, got "5s"`,
  ],
  [
    'a port that is text',
    worker({ ports: [{ port: '080' }] }),
    `${WORKER}.ports[0].port | port of worker: expected a whole number from 1 to 65535, got "080"`,
  ],
  [
    'a protocol',
    worker({ ports: [{ port: 8081, protocol: 'WEBSOCKET' }] }),
    `${WORKER}.ports[0].protocol | protocol: expected TCP, UDP, got "WEBSOCKET"`,
  ],
  [
    'one port in two containers',
    worker({ ports: [{ port: 80 }] }),
    `${WORKER}.ports[0].port | containers web and worker declare port 80/TCP both; the containers of a group share one network`,
  ],
  [
    'one port twice in a container',
    worker({ ports: [{ port: 8081 }, { port: 8081 }] }),
    `${WORKER}.ports[1].port | container worker declares port 8081/TCP twice; the containers of a group share one network`,
  ],
  [
    'no type of the address',
    properties({ ipAddress: { type: null } }),
    'properties.ipAddress.type | ipAddress needs a type: Public or Private',
  ],
  [
    'no ports of the address',
    properties({ ipAddress: { ports: [] } }),
    'properties.ipAddress.ports | ipAddress needs a list of ports',
  ],
  [
    'too many ports',
    properties({ ipAddress: { ports: [1, 2, 3, 4, 5, 6].map((port) => ({ port })) } }),
    'properties.ipAddress.ports | 6 ports: an address has at most 5',
  ],
  [
    'a port of nobody',
    properties({ ipAddress: { ports: [{ port: 80, protocol: 'UDP' }] } }),
    'properties.ipAddress.ports[0].port | port 80/UDP of ipAddress is declared by no container | add it to the ports of the container that listens there; declared: 80/TCP, 8081/TCP',
  ],
  [
    'a port of the address twice',
    properties({ ipAddress: { ports: [{ port: 80 }, { port: 80 }] } }),
    'properties.ipAddress.ports[1].port | ipAddress has port 80/TCP twice',
  ],
  [
    'a private address in no subnet',
    properties({ ipAddress: { type: 'Private' } }),
    'properties.ipAddress.type | ipAddress is Private, and the group is in no subnet | name its subnet in properties.subnetIds',
  ],
  [
    'a scope of names',
    properties({ ipAddress: { autoGeneratedDomainNameLabelScope: 'TenentReuse' } }),
    'properties.ipAddress.autoGeneratedDomainNameLabelScope | autoGeneratedDomainNameLabelScope: expected Unsecure, TenantReuse, SubscriptionReuse, ResourceGroupReuse, Noreuse, got "TenentReuse" | did you mean "TenantReuse"?',
  ],
  [
    'a subnet without an id',
    properties({ subnetIds: [{ name: 'net' }] }),
    'properties.subnetIds[0].id | a subnet needs its id',
  ],
  [
    'DNS without servers',
    properties({ dnsConfig: { searchDomains: 'a' } }),
    'properties.dnsConfig.nameServers | dnsConfig needs a list of nameServers',
  ],
  [
    'a volume of no kind',
    volume({}),
    'properties.volumes[0] | volume files: expected one of azureFile, emptyDir, secret, gitRepo, got none',
  ],
  [
    'a volume of two kinds',
    volume({ emptyDir: {}, gitRepo: { repository: 'r' } }),
    'properties.volumes[0] | volume files: expected one of azureFile, emptyDir, secret, gitRepo, got emptyDir and gitRepo',
  ],
  [
    'a volume without a name',
    properties({
      volumes: [
        { name: 'files', emptyDir: {} },
        { name: '', emptyDir: {} },
      ],
    }),
    'properties.volumes[1].name | a volume needs a name',
  ],
  [
    'two volumes of a name',
    {
      properties: {
        ...(GOOD['properties'] as JsonObject),
        volumes: [
          { name: 'files', emptyDir: {} },
          { name: 'files', emptyDir: {} },
        ],
      },
    },
    'properties.volumes[1].name | two volumes are called "files"',
  ],
  [
    'too many volumes',
    properties({
      volumes: Array.from({ length: 21 }, (_, index) => ({ name: `files${index === 0 ? '' : index}`, emptyDir: {} })),
    }),
    'properties.volumes | 21 volumes: a group has at most 20',
  ],
  [
    'a share without an account',
    volume({ azureFile: { shareName: 's' } }),
    'properties.volumes[0].azureFile.storageAccountName | volume files: azureFile needs storageAccountName',
  ],
  [
    'a repository without an address',
    volume({ gitRepo: {} }),
    'properties.volumes[0].gitRepo.repository | volume files: gitRepo needs repository',
  ],
  [
    'a directory that leads out',
    volume({ gitRepo: { repository: 'r', directory: '../x' } }),
    'properties.volumes[0].gitRepo.directory | volume files: the directory of gitRepo must not contain ".."',
  ],
  [
    'a secret volume without files, as an export has it',
    volume({ secret: {} }),
    'properties.volumes[0].secret | volume files: secret has no files | add each as FILE: {env: NAME}; Azure does not tell them, so an import or export has none',
  ],
  [
    'a file that is not base64',
    volume({ secret: { key: 'hello world' } }),
    'properties.volumes[0].secret.key | file key of volume files: expected base64 or a reference to a secret, got text that is not base64 | refer to it by {env: NAME} or {file: PATH}: Viridian encodes it',
  ],
  [
    'a mount of nothing',
    web({ volumeMounts: [{ name: 'fils', mountPath: '/more' }] }),
    `${WEB}.volumeMounts[1].name | container web mounts volume "fils", which the group does not have | did you mean "files"?`,
  ],
  [
    'a mount with a colon',
    web({ volumeMounts: [{ name: 'files', mountPath: '/a:b' }] }),
    `${WEB}.volumeMounts[0].mountPath | container web: expected an absolute mountPath with no colon in it, got "/a:b"`,
  ],
  [
    'a mount from nowhere',
    web({ volumeMounts: [{ name: 'files', mountPath: 'files' }] }),
    `${WEB}.volumeMounts[0].mountPath | container web: expected an absolute mountPath with no colon in it, got "files"`,
  ],
  [
    'two mounts at a place',
    properties({
      volumes: [
        { name: 'files', emptyDir: {} },
        { name: 'more', emptyDir: {} },
      ],
      containers: [
        {
          name: 'web',
          properties: {
            volumeMounts: [
              { name: 'files', mountPath: '/f' },
              { name: 'more', mountPath: '/f' },
            ],
          },
        },
      ],
    }),
    `${WEB}.volumeMounts[1].mountPath | container web mounts two volumes at /f`,
  ],
  [
    'an identity of nobody',
    credential({ identity: OTHER }, { type: 'UserAssigned', userAssignedIdentities: { [PULL]: {} } }),
    'properties.imageRegistryCredentials[0].identity | identity nobody is not one of the group\'s own | did you mean "' +
      PULL +
      '"?',
  ],
  [
    'an identity without any',
    credential({ identity: PULL }),
    "properties.imageRegistryCredentials[0].identity | identity shop-pull is not one of the group's own | add it to identity.userAssignedIdentities",
  ],
  [
    'both ways into a registry',
    credential({ identity: PULL, username: 'u' }),
    'properties.imageRegistryCredentials[0] | credential of shop.azurecr.io: expected an identity or a username with its password, got both',
  ],
  [
    'no way into a registry',
    credential({}),
    'properties.imageRegistryCredentials[0] | credential of shop.azurecr.io: expected an identity or a username with its password, got neither',
  ],
  [
    'half a way into a registry',
    credential({ username: 'u' }),
    'properties.imageRegistryCredentials[0] | credential of shop.azurecr.io: expected an identity or a username with its password, got one without the other',
  ],
  [
    'a password of another form',
    credential({ username: 'u', password: { environment: 'X' } }),
    'properties.imageRegistryCredentials[0].password | credential of shop.azurecr.io: expected text or a reference to a secret as its password, got an object of another form',
  ],
  [
    'a registry by its address',
    credential({ server: 'https://shop.azurecr.io' }),
    'properties.imageRegistryCredentials[0].server | credential of https://shop.azurecr.io: expected the name of a host, such as shop.azurecr.io | leave out https:// and what follows the host',
  ],
  [
    'a kind of identity',
    mergeDocument(GOOD, { identity: { type: 'Userassigned, System' } }),
    'identity.type | type: expected SystemAssigned, UserAssigned, SystemAssigned, UserAssigned, None, got "Userassigned, System"',
  ],
  [
    'identities that are none',
    mergeDocument(GOOD, { identity: { type: 'UserAssigned' } }),
    'identity.type | identity is UserAssigned, and userAssignedIdentities names none',
  ],
  [
    'an encryption without a key',
    properties({ encryptionProperties: { vaultBaseUrl: 'v', keyVersion: '1' } }),
    'properties.encryptionProperties.keyName | encryptionProperties needs keyName',
  ],
  [
    'logs without a key',
    properties({ diagnostics: { logAnalytics: { workspaceId: 'w' } } }),
    'properties.diagnostics.logAnalytics.workspaceKey | logAnalytics needs workspaceKey',
  ],
  ['no system', properties({ osType: null }), 'properties.osType | the group needs osType: Linux or Windows'],
  [
    'a system',
    properties({ osType: 'Linus' }),
    'properties.osType | osType: expected Linux, Windows, got "Linus" | did you mean "Linux"?',
  ],
  [
    'a policy',
    properties({ restartPolicy: 'always-ish' }),
    'properties.restartPolicy | restartPolicy: expected Always, OnFailure, Never, got "always-ish"',
  ],
  [
    'a priority',
    properties({ priority: 'Spott' }),
    'properties.priority | priority: expected Regular, Spot, got "Spott" | did you mean "Spot"?',
  ],
  [
    'two containers under Windows',
    properties({ osType: 'Windows', volumes: null, containers: [{ name: 'web', properties: { volumeMounts: null } }] }),
    `${CONTAINERS} | a Windows group has one container, this one has 2 | groups of several containers are Linux only`,
  ],
  [
    'init containers under Windows',
    mergeDocument(windows({}), { properties: { initContainers: [{ name: 'init', properties: { image: 'x' } }] } }),
    'properties.initContainers | a Windows group has one container and no init containers',
  ],
  [
    'volumes under Windows',
    mergeDocument(windows({}), { properties: { volumes: [{ name: 'files', emptyDir: {} }] } }),
    'properties.volumes | a Windows group has no volumes: they are Linux only',
  ],
  [
    'Confidential under Windows',
    mergeDocument(windows({}), { properties: { sku: 'Confidential' } }),
    'properties.sku | a Confidential group is Linux only',
  ],
  [
    'a GPU under Windows',
    mergeDocument(windows({}), { properties: { containers: [{ name: 'web', properties: gpu }] } }),
    `${WEB}.resources.requests.gpu | a Windows group has no GPU`,
  ],
  [
    'Spot with an address',
    properties({ priority: 'Spot' }),
    'properties.ipAddress | a Spot group takes no connections from outside: expected no ipAddress | an app that serves traffic needs priority Regular',
  ],
  [
    'Spot of another sku',
    properties({ priority: 'Spot', sku: 'Dedicated', ipAddress: null }),
    'properties.sku | a Spot group has sku Standard, got "Dedicated"',
  ],
  [
    'Spot with a GPU',
    mergeDocument(web(gpu), { properties: { priority: 'Spot', ipAddress: null } }),
    `${WEB}.resources.requests.gpu | a Spot group has no GPU`,
  ],
  ['two zones', mergeDocument(GOOD, { zones: ['1', '2'] }), 'zones | a group is in one zone, got ["1","2"]'],
  [
    'a zone that is a number',
    mergeDocument(GOOD, { zones: [1] }),
    "zones | zones: expected a list of texts, got [1] | write it as ['1']",
  ],
  [
    'a zone with a GPU',
    mergeDocument(web(gpu), { zones: ['1'] }),
    `${WEB}.resources.requests.gpu | a group with a GPU is in no zone`,
  ],
  [
    'a version of the API',
    mergeDocument(GOOD, { apiVersion: 'v1' }),
    'apiVersion | apiVersion: expected a version of Microsoft.ContainerInstance/containerGroups such as 2023-05-01, got "v1"',
  ],
  [
    'a version that never was',
    mergeDocument(GOOD, { apiVersion: '2020-02-30' }),
    `apiVersion | apiVersion: 2020-02-30 is no API version of Microsoft.ContainerInstance/containerGroups | known are ${API_VERSIONS.join(', ')}`,
  ],
  [
    'a volume of a long name',
    properties({ volumes: [{ name: 'v'.repeat(64), emptyDir: {} }] }),
    `properties.volumes[1].name | volume ${'v'.repeat(20)}…: expected a name of at most 63 characters, got 64`,
  ],
  [
    'another type',
    mergeDocument(GOOD, { type: 'Microsoft.Web/sites' }),
    'type | type: expected Microsoft.ContainerInstance/containerGroups, got "Microsoft.Web/sites"',
  ],
  [
    'a tag of ours',
    mergeDocument(GOOD, { tags: { 'Viridian-Owner': 'me' } }),
    'tags.Viridian-Owner | tag "Viridian-Owner": tags that begin with viridian- are set by Viridian | leave it out, or give it another name',
  ],
  [
    'a tag that is a number',
    mergeDocument(GOOD, { tags: { cost: 7 } }),
    'tags.cost | tag "cost": expected text, got 7 | quote it',
  ],
];

/** Another value at one place of a group that is good. */
const SHAPES: readonly (readonly [what: string, document: JsonObject, ...said: string[]])[] = [
  ['tags that are text', { ...GOOD, tags: 'x' }, 'tags | tags: expected an object, got text'],
  ['a list of tags', { ...GOOD, tags: ['a'] }, 'tags | tags: expected an object, got a list'],
  ['a list of identities', { ...GOOD, identity: ['a'] }, 'identity | identity: expected an object, got a list'],
  [
    'an identity by its type',
    { ...GOOD, identity: 'SystemAssigned' },
    'identity | identity: expected an object, got text',
  ],
  [
    'an identity of nothing',
    { ...GOOD, identity: { type: 'UserAssigned', userAssignedIdentities: { [PULL]: null } } },
    `identity.userAssignedIdentities.${PULL} | ${PULL}: expected an object, got nothing`,
  ],
  [
    'a list for encryption',
    properties({ encryptionProperties: ['a'] }),
    'properties.encryptionProperties | encryptionProperties: expected an object, got a list',
  ],
  [
    'a context that is text',
    web({ securityContext: 'x' }),
    `${WEB}.securityContext | securityContext: expected an object, got text`,
  ],
  [
    'a volume that is text',
    volume({ emptyDir: 'x' }),
    'properties.volumes[0].emptyDir | emptyDir: expected an object, got text',
  ],
  [
    'variables by name',
    web({ environmentVariables: { PASSWORD: 'hunter2' } }),
    `${WEB}.environmentVariables | environmentVariables: expected a list, got an object | write each as an item of its own: - name: …`,
  ],
  [
    'volumes by name',
    properties({ volumes: { files: {} } }),
    'properties.volumes | volumes: expected a list, got an object | write each as an item of its own: - name: …',
  ],
  [
    'mounts by name',
    web({ volumeMounts: { files: '/files' } }),
    `${WEB}.volumeMounts | volumeMounts: expected a list, got an object | write each as an item of its own: - name: …`,
  ],
  [
    'init containers by name',
    properties({ initContainers: { init: {} } }),
    'properties.initContainers | initContainers: expected a list, got an object | write each as an item of its own: - name: …',
  ],
  [
    'one credential in place of a list',
    properties({ imageRegistryCredentials: { server: 's', password: 'hunter2' } }),
    'properties.imageRegistryCredentials | imageRegistryCredentials: expected a list, got an object',
  ],
  [
    'one subnet in place of a list',
    properties({ subnetIds: { id: 'x' } }),
    'properties.subnetIds | subnetIds: expected a list, got an object | write each as an item of its own: - name: …',
  ],
  [
    'a subnet by its id alone',
    properties({ subnetIds: ['x'] }),
    'properties.subnetIds[0] | subnetIds: expected an object, got text',
  ],
  [
    'a container that is text',
    { properties: { osType: 'Linux', containers: ['web'] } },
    `${CONTAINERS}[0] | containers: expected an object, got text`,
  ],
  [
    'a sku that is none',
    properties({ sku: 'Foo' }),
    'properties.sku | sku: expected Standard, Dedicated, Confidential, got "Foo"',
  ],
  [
    'logs of no type',
    properties({ diagnostics: { logAnalytics: { workspaceId: 'w', workspaceKey: 'k', logType: 'All' } } }),
    'properties.diagnostics.logAnalytics.logType | logType: expected ContainerInsights, ContainerInstanceLogs, got "All"',
  ],
  [
    'a switch that is none',
    web({ volumeMounts: [{ name: 'files', readOnly: 'yes' }] }),
    `${WEB}.volumeMounts[0].readOnly | readOnly: expected true or false, got "yes"`,
  ],
  [
    'a user by name',
    web({ securityContext: { runAsUser: 'app' } }),
    `${WEB}.securityContext.runAsUser | runAsUser: expected a whole number, got "app"`,
  ],
  [
    'a list where text is expected',
    properties({ dnsConfig: { nameServers: ['10.0.0.4'], searchDomains: ['a', 'b'] } }),
    'properties.dnsConfig.searchDomains | searchDomains: expected text, got a list',
  ],
  [
    'servers that are no list',
    properties({ dnsConfig: { nameServers: [10] } }),
    'properties.dnsConfig.nameServers | nameServers: expected a list of texts, got a list',
  ],
  [
    'one key by two spellings',
    properties({ ostype: 'Windows' }),
    'properties.ostype | ostype is osType, which is there, too; expected one of them',
  ],
];

describe('the shape of a container group', () => {
  test.each(SHAPES.map(([what, document, ...said]) => ({ what, document, said })))(
    'with $what is refused',
    ({ document, said }) => {
      expect(problems(document)).toEqual(said);
    },
  );

  test('takes null for what is absent, and types of identity with or without a space', () => {
    const type = { type: 'SystemAssigned,UserAssigned', userAssignedIdentities: { [PULL]: {} } };
    expect(problems({ ...GOOD, identity: type, tags: null })).toEqual([]);
  });
});

describe('a container group', () => {
  test('that is good has no problems', () => {
    expect(problems(GOOD)).toEqual([]);
    expect(problems(windows({}))).toEqual([]);
  });

  test.each(ROWS.map(([what, document, ...said]) => ({ what, document, said })))(
    'with $what is refused',
    ({ document, said }) => {
      expect(problems(document)).toEqual(said);
    },
  );

  test('with what is newer than the specification is left to Azure', () => {
    const newer = volume({ configMap: { name: 'settings' } });
    expect(problems(mergeDocument(newer, { properties: { standbyPoolProfile: { id: 'x' } } }))).toEqual([]);
  });

  test('by the letter case of Azure, which minds none, is good', () => {
    expect(problems(properties({ osType: 'linux', restartPolicy: 'always', ipAddress: { type: 'public' } }))).toEqual(
      [],
    );
  });

  test('with any JSON in place of any part is told of, or good, and never breaks the check', async () => {
    const { assert, jsonValue, property, constantFrom } = await import('fast-check');
    const parts = [
      'containers',
      'initContainers',
      'volumes',
      'ipAddress',
      'imageRegistryCredentials',
      'subnetIds',
      'osType',
    ];
    assert(
      property(constantFrom(...parts), jsonValue(), (part, value) => {
        const changed = { properties: { ...(GOOD['properties'] as JsonObject), [part]: value as Json } };
        expect(Array.isArray(problems(changed))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function many(count: number): { name: string; properties: JsonObject }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `c${index}`,
    properties: { image: 'x', resources: { requests: { cpu: 1, memoryInGB: 1 } } },
  }));
}
