/** What is said of a container group that is taken all the same: unknown keys, what Viridian sets, what az reads otherwise. */
import { describe, expect, test } from 'vitest';
import { GROUP_FIELDS } from '../../../src/config/templates/group-fields.ts';
import { groupWarnings } from '../../../src/config/templates/group-warnings.ts';
import type { GroupUse } from '../../../src/config/templates/group-warnings.ts';
import { mergeDocument } from '../../../src/config/templates/variants.ts';
import { yamlTraps } from '../../../src/config/templates/yaml-traps.ts';
import type { JsonObject } from '../../../src/model/app.ts';

const GOOD: JsonObject = {
  apiVersion: '2023-05-01',
  name: 'web',
  type: 'Microsoft.ContainerInstance/containerGroups',
  location: 'westeurope',
  tags: { anything: 'goes' },
  properties: {
    osType: 'Linux',
    containers: [
      {
        name: 'web',
        properties: {
          image: 'shop.azurecr.io/web:latest',
          ports: [{ port: 80 }],
          environmentVariables: [{ name: 'SECRET', secureValue: { env: 'SECRET' } }],
          resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
        },
      },
    ],
    ipAddress: { type: 'Public', ports: [{ port: 80 }] },
  },
};
const USE: GroupUse = { locations: ['westeurope'], followed: new Map([['web', 'shop.azurecr.io/web']]), serves: true };

const properties = (more: JsonObject): JsonObject => mergeDocument(GOOD, { properties: more });
const web = (more: JsonObject): JsonObject => properties({ containers: [{ name: 'web', properties: more }] });
const WEB = 'properties.containers[0].properties';
const UNKNOWN = '(API 2023-05-01 does not have it)';

const ROWS: readonly (readonly [what: string, document: JsonObject, ...said: string[]])[] = [
  [
    'a typo',
    web({ enviromentVariables: [] }),
    `${WEB}.enviromentVariables: unknown key "enviromentVariables" ${UNKNOWN}; did you mean "environmentVariables"?`,
  ],
  [
    'a typo at the top',
    mergeDocument(GOOD, { zone: ['1'] }),
    `zone: unknown key "zone" ${UNKNOWN}; did you mean "zones"?`,
  ],
  [
    'a typo deep down',
    web({ livenessProbe: { httpGet: { port: 80, pth: '/' } } }),
    `${WEB}.livenessProbe.httpGet.pth: unknown key "pth" ${UNKNOWN}; did you mean "path"?`,
  ],
  [
    'what is newer',
    properties({ identityAcls: { acls: [{ identity: 'x' }] } }),
    `properties.identityAcls: unknown key "identityAcls" ${UNKNOWN}; it goes to Azure as it stands`,
  ],
  [
    'a newer version',
    mergeDocument(GOOD, { apiVersion: '2025-09-01' }),
    'apiVersion: 2025-09-01 is newer than 2023-05-01, which groups are sent as; fields of newer versions may have no effect',
  ],
  [
    'another location',
    mergeDocument(GOOD, { location: 'East US' }),
    "location: East US is none of the app's locations (westeurope), which are what counts",
  ],
  [
    'a label',
    properties({ ipAddress: { dnsNameLabel: 'mine' } }),
    'properties.ipAddress.dnsNameLabel: is replaced: each group gets a label of its own',
  ],
  [
    'a label in a subnet',
    properties({ subnetIds: [{ id: 'net' }], ipAddress: { type: 'Private', dnsNameLabel: 'mine' } }),
    'properties.ipAddress.dnsNameLabel: a group without a public address has no name',
  ],
  [
    'a public address in a subnet',
    properties({ subnetIds: [{ id: 'net' }] }),
    'properties.ipAddress.type: Azure gives no public address to a group in a subnet',
  ],
  [
    'a zone in a subnet',
    mergeDocument(GOOD, { zones: ['1'], properties: { subnetIds: [{ id: 'net' }], ipAddress: { type: 'Private' } } }),
    'zones: Azure may refuse a zone for a group in a subnet',
  ],
  [
    'no address',
    properties({ ipAddress: null }),
    'properties.ipAddress: the app serves, and its groups have no address',
  ],
  [
    'DNS in no subnet',
    properties({ dnsConfig: { nameServers: ['10.0.0.1'] } }),
    'properties.dnsConfig: has no effect on a group in no subnet',
  ],
  [
    'a policy of jobs',
    properties({ restartPolicy: 'OnFailure' }),
    'properties.restartPolicy: OnFailure on an app that serves: a container that exits is not always started again',
  ],
  [
    'a policy of the enclave',
    properties({ confidentialComputeProperties: { ccePolicy: 'e30=' } }),
    'properties.confidentialComputeProperties: has no effect without sku Confidential',
  ],
  [
    'a digest',
    web({ image: `shop.azurecr.io/web@sha256:${'0'.repeat(64)}` }),
    `${WEB}.image: the digest is replaced: the image of web is followed`,
  ],
  [
    'the image of another repository',
    web({ image: 'nginx:1.29' }),
    `${WEB}.image: nginx:1.29 is replaced: the image of web that is followed is shop.azurecr.io/web; is it the right container, and the right repository?`,
  ],
  [
    'a port of Azure',
    web({ ports: [{ port: 80 }, { port: 9999 }] }),
    `${WEB}.ports[1].port: 9999 is one of the ports that Azure keeps for itself`,
  ],
  [
    'a volume of nobody',
    properties({ volumes: [{ name: 'files', emptyDir: {} }] }),
    'properties.volumes[0]: volume files is mounted by no container',
  ],
  [
    'a GPU',
    web({ resources: { requests: { gpu: { count: 1, sku: 'V100' } } } }),
    `${WEB}.resources.requests.gpu: few regions have GPUs for container groups, and none in a subnet: Azure may refuse it`,
  ],
];

describe('a container group', () => {
  test('that is as it should be is not talked of', () => {
    expect(groupWarnings(GOOD, USE)).toEqual([]);
  });

  test('is not asked for its images where other apps are made by it, too', () => {
    expect(groupWarnings(web({ image: 'nginx:1.29' }), { ...USE, isShared: true })).toEqual([]);
  });

  test.each(ROWS.map(([what, document, ...said]) => ({ what, document, said })))(
    'with $what is taken with a warning',
    ({ document, said }) => {
      expect(groupWarnings(document, USE)).toEqual(said);
    },
  );

  test('of an app that nothing is known of is not judged by its use', () => {
    const document = mergeDocument(GOOD, {
      location: 'eastus',
      properties: { restartPolicy: 'Never', ipAddress: null },
    });
    expect(groupWarnings(document)).toEqual([]);
  });

  test('as az exports it has no unknown keys', () => {
    const exported = mergeDocument(GOOD, {
      id: '/subscriptions/s',
      identity: {
        type: 'UserAssigned',
        tenantId: 't',
        userAssignedIdentities: { '/x': { principalId: 'p', clientId: 'c' } },
      },
      properties: {
        provisioningState: 'Succeeded',
        instanceView: { state: 'Running', events: [] },
        ipAddress: { ip: '20.0.0.1', fqdn: 'web.westeurope.azurecontainer.io' },
        containers: [{ name: 'web', properties: { instanceView: { restartCount: 0 } } }],
      },
    });
    expect(groupWarnings(exported, USE)).toEqual([]);
  });

  test('of a hundred typos is told twenty', () => {
    const typos = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`typo${index}`, 1]));
    expect(groupWarnings(properties(typos))).toHaveLength(20);
  });

  test('may have any field of the specification', () => {
    const top = GROUP_FIELDS.filter(({ path }) => !/[.[]/.test(path)).map(({ path }) => [path, {}]);
    expect(groupWarnings({ ...Object.fromEntries(top), properties: {} })).toEqual([]);
  });
});

describe('what az reads otherwise', () => {
  test.each([
    ['value: yes', 'group.yaml:1:8: yes is text here, and true for az; quote it, or write what is meant'],
    ['value: Off', 'group.yaml:1:8: Off is text here, and false for az; quote it, or write what is meant'],
    ['port: 010', 'group.yaml:1:7: 010 is 10 here, and 8 for az; quote it, or write what is meant'],
    ['port: 080', 'group.yaml:1:7: 080 is 80 here, and text for az; quote it, or write what is meant'],
    ['value: 1_000', 'group.yaml:1:8: 1_000 is text here, and 1000 for az; quote it, or write what is meant'],
    ['- [at: 22:30]', 'group.yaml:1:8: 22:30 is text here, and 1350 for az; quote it, or write what is meant'],
  ])('%s is told with its place', (text, said) => {
    expect(yamlTraps(text, 'group.yaml')).toEqual([said]);
  });

  test.each(["value: 'yes'", 'value: true', 'port: 80', 'at: 22:30:0x', 'value: "010"', 'yes: 1', 'a: [', 'value: 7'])(
    '%s is the same to both, or no matter',
    (text) => {
      expect(yamlTraps(text, 'group.yaml')).toEqual([]);
    },
  );
});
