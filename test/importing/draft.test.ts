/** What import makes of groups and profiles as Azure tells them. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findApps } from '../../src/importing/apps.ts';
import { draftFiles } from '../../src/importing/config.ts';
import { draftPolicy } from '../../src/importing/policy.ts';
import { seeGroup, seeProfile } from '../../src/importing/seen.ts';
import { draftTemplate } from '../../src/importing/template.ts';
import type { JsonObject } from '../../src/model/app.ts';
import { readImageReference } from '../../src/model/image-reference.ts';

const ID = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.ContainerInstance/containerGroups';

function group(
  name: string,
  given: { image?: string; location?: string; tags?: JsonObject; properties?: JsonObject } = {},
) {
  const { image = 'shop.azurecr.io/shop/web:1.4.2', location = 'westeurope', tags = {}, properties = {} } = given;
  return {
    id: `${ID}/${name}`,
    name,
    type: 'Microsoft.ContainerInstance/containerGroups',
    location,
    tags,
    properties: {
      provisioningState: 'Succeeded',
      sku: 'Standard',
      containers: [{ name: 'web', properties: { image, ports: [{ port: 80 }], environmentVariables: [] } }],
      initContainers: [],
      ipAddress: {
        type: 'Public',
        ip: `20.0.0.${name.length}`,
        fqdn: `${name}.westeurope.azurecontainer.io`,
        dnsNameLabel: name,
        ports: [{ port: 80, protocol: 'TCP' }],
      },
      ...properties,
    },
  };
}

function profile(name: string, targets: Readonly<Record<string, string>>, more: JsonObject = {}) {
  return {
    name,
    properties: {
      trafficRoutingMethod: 'Weighted',
      dnsConfig: { ttl: 30 },
      monitorConfig: { protocol: 'HTTP', port: 80, path: '/healthz' },
      endpoints: Object.entries(targets).map(([endpoint, target]) => ({
        name: endpoint,
        type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints',
        properties: { target, endpointStatus: 'Enabled', weight: 10 },
      })),
      ...more,
    },
  };
}

function draft(
  groups: readonly ReturnType<typeof group>[],
  profiles: readonly ReturnType<typeof profile>[] = [],
  wanted: readonly string[] = [],
) {
  const found = findApps({ groups: groups.map(seeGroup), profiles: profiles.map(seeProfile) }, wanted);
  const head = { azure: { subscription: '00000000-0000-0000-0000-000000000001' } };
  return { found, ...draftFiles({ apps: found.apps, resourceGroup: 'shop', head }) };
}

const textOf = (files: readonly { name: string; text: string }[], name: string) =>
  files.find((file) => file.name === name)?.text ?? '';
const shapeOf = (files: readonly { name: string; text: string }[]) => parse(textOf(files, 'viridian.yaml'));

describe('an app', () => {
  test('is what serves by one profile, in all its locations', () => {
    const groups = [group('web-a'), group('web-bb'), group('web-ccc', { location: 'North Europe' })];
    const targets = Object.fromEntries(
      groups.map((one) => [`to-${one.name}`, one.properties.ipAddress.fqdn.toUpperCase()]),
    );
    const { files, notes } = draft(groups, [profile('shop-web', targets)]);
    expect(shapeOf(files).apps).toEqual([
      {
        name: 'shop-web',
        template: 'shop-web.group.yaml',
        resourceGroup: 'shop',
        locations: ['westeurope', 'northeurope'],
        replicas: 2,
        images: [{ container: 'web', image: 'shop.azurecr.io/shop/web', policy: { semver: '^1.4.2' } }],
        traffic: { profile: 'shop-web', weight: 10 },
        probe: { port: 80, path: '/healthz' },
      },
    ]);
    expect(notes).toEqual([
      'app shop-web has 2 in westeurope, 1 in northeurope: replicas is the most of them, since it is the same for each location',
    ]);
  });

  test('is what runs the same containers, where no profile leads there', () => {
    const worker = { image: 'shop.azurecr.io/worker:7' };
    const { files, found } = draft([group('jobs-1', worker), group('jobs-2', worker), group('cron')]);
    expect(found.apps.map(({ name, groups }) => [name, groups.length])).toEqual([
      ['jobs', 2],
      ['cron', 1],
    ]);
    expect(shapeOf(files).apps[0]).not.toHaveProperty('traffic');
  });

  test('has a name that the config takes, and no two have the same', () => {
    const kinds = ['1_Shop.Web', '1-shop-web', 'A very long name of a profile that nobody can say'];
    const groups = kinds.map((_, index) => group(`g${'x'.repeat(index)}`, { image: `demo.azurecr.io/i${index}:1` }));
    const profiles = kinds.map((name, index) => profile(name, { e: groups[index]?.properties.ipAddress.ip ?? '' }));
    const names = draft(groups, profiles).found.apps.map(({ name }) => name);
    expect(names).toEqual(['shop-web', 'shop-web-2', 'a-very-long-name-of-a-pro']);
  });

  test('leaves out what is Viridian’s, what runs something else behind the profile, and what leads elsewhere', () => {
    const groups = [
      group('web-a'),
      group('web-bb'),
      group('odd-ccc', { image: 'demo.azurecr.io/other:1' }),
      group('own-dddd', { tags: { 'viridian-owner': 'ci' } }),
    ];
    const targets = { a: '20.0.0.5', b: '20.0.0.6', c: '20.0.0.7', d: 'cdn.example' };
    const { found, notes } = draft(groups, [profile('web', targets)]);
    expect(found.apps.map(({ groups: own }) => own.map(({ name }) => name))).toEqual([['web-a', 'web-bb']]);
    expect(found.notes).toEqual(['own-dddd is left out: it has an owner, ci']);
    expect(notes).toEqual([
      'odd-ccc is behind web as well and runs other containers: it is left out',
      'endpoint d leads to cdn.example, which is no group here: it is left out',
    ]);
  });

  test('is only what a named profile leads to', () => {
    const profiles = [profile('web', { a: '20.0.0.5' }), profile('api', { b: '20.0.0.6' })];
    const { found } = draft([group('web-a'), group('api-bb'), group('cron-ccc')], profiles, ['API']);
    expect(found.apps.map(({ name }) => name)).toEqual(['api']);
  });

  test('says where groups differ, but for the tags of their images', () => {
    const groups = [
      group('web-a'),
      group('web-bb', { image: 'shop.azurecr.io/shop/web:1.4.1' }),
      group('web-ccc', { properties: { restartPolicy: 'Never' } }),
    ];
    const { notes, files } = draft(groups, [profile('web', { a: '20.0.0.5', b: '20.0.0.6', c: '20.0.0.7' })]);
    expect(notes).toEqual(['web-ccc of app web differ from web-a, whose template counts for all of them']);
    expect(shapeOf(files).apps[0].images[0].policy).toEqual({ semver: '^1.4.1' });
  });

  test('has no probe where its profile monitors by TCP', () => {
    const monitorConfig = { protocol: 'TCP', port: 80 };
    const { files, notes } = draft([group('web-a')], [profile('web', { a: '20.0.0.5' }, { monitorConfig })]);
    expect(shapeOf(files).apps[0]).not.toHaveProperty('probe');
    expect(notes).toEqual(['profile web monitors by TCP, so app web has no probe: its groups are proven by running']);
  });
});

describe('a policy', () => {
  test.each([
    ['a:1.4.2', { semver: '^1.4.2' }],
    ['a:v2.0.1', { semver: '^2.0.1' }],
    ['a:latest', { digest: 'latest' }],
    ['a:stable', { digest: 'stable' }],
    ['a', { digest: 'latest' }],
    ['a:1.4.2-rc.1', { pin: '1.4.2-rc.1' }],
    ['a:20240101.3', { pin: '20240101.3' }],
    ['a@sha256:12', { pin: 'sha256:12' }],
  ])('of %s', (image, policy) => {
    expect(draftPolicy([readImageReference(image)]).policy).toEqual(policy);
  });
});

describe('an image', () => {
  test.each([
    ['shop.azurecr.io/shop/web:1.4.2', 'shop.azurecr.io', 'shop/web', '1.4.2', undefined],
    ['LOCALHOST:5000/web@sha256:ab', 'localhost:5000', 'web', undefined, 'sha256:ab'],
    ['ghcr.io/a/b:1@sha256:ab', 'ghcr.io', 'a/b', '1', 'sha256:ab'],
    ['nginx', 'docker.io', 'library/nginx', 'latest', undefined],
    ['grafana/grafana:11', 'docker.io', 'grafana/grafana', '11', undefined],
    ['index.docker.io/library/nginx:1', 'docker.io', 'library/nginx', '1', undefined],
  ])('%s', (image, registry, repository, tag, digest) => {
    expect(readImageReference(image)).toEqual({ registry, repository, tag, digest });
  });
});

describe('a template', () => {
  const full = {
    ...group('web-a', { tags: { team: 'shop', 'viridian-app': 'web' } }),
    zones: ['1'],
    identity: {
      type: 'UserAssigned',
      principalId: 'p',
      tenantId: 't',
      userAssignedIdentities: { '/subscriptions/s/id': { principalId: 'p', clientId: 'c' } },
    },
  };

  test('has all that Azure was told, and nothing that only Azure tells', () => {
    expect(draftTemplate('web', { body: full }).document).toEqual({
      tags: { team: 'shop' },
      zones: ['1'],
      identity: { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/s/id': {} } },
      properties: {
        sku: 'Standard',
        containers: [{ name: 'web', properties: { image: 'shop.azurecr.io/shop/web:1.4.2', ports: [{ port: 80 }] } }],
        ipAddress: { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }] },
      },
    });
  });

  test('refers to what Azure keeps to itself, and says what is to be set', () => {
    const properties = {
      containers: [
        {
          name: 'web',
          properties: {
            image: 'a.azurecr.io/web:1.0.0',
            environmentVariables: [
              { name: 'MODE', value: 'prod' },
              { name: 'DB_PASSWORD' },
              { name: 'API_TOKEN', value: 'abcdefgh' },
            ],
          },
        },
      ],
      initContainers: [
        { name: 'init', properties: { image: 'b:1', environmentVariables: [{ name: 'KEY', value: null }] } },
      ],
      imageRegistryCredentials: [
        { server: 'a.azurecr.io', username: 'puller' },
        { server: 'b.azurecr.io', identity: '/subscriptions/s/id' },
      ],
      volumes: [
        { name: 'data', azureFile: { shareName: 's', storageAccountName: 'acc' } },
        { name: 'certs', secret: {} },
        { name: 'tmp', emptyDir: {} },
      ],
      diagnostics: { logAnalytics: { workspaceId: 'w', logType: 'ContainerInsights' } },
    };
    const template = draftTemplate('web', { body: group('web-a', { properties }) });
    expect(template.secrets).toEqual([
      { env: 'WEB_WEB_DB_PASSWORD', what: 'secure value DB_PASSWORD of container web' },
      { env: 'WEB_INIT_KEY', what: 'secure value KEY of container init' },
      { env: 'WEB_A_AZURECR_IO_PASSWORD', what: 'password of puller at registry a.azurecr.io' },
      { env: 'WEB_DATA_STORAGE_KEY', what: 'key of storage account acc for volume data' },
      { env: 'WEB_LOG_WORKSPACE_KEY', what: 'key of Log Analytics workspace w' },
    ]);
    expect(template.notes).toEqual([
      'the files of secret volume certs of web are not told by Azure: add them to its template',
    ]);
    const { files } = draft([group('web-a', { properties })]);
    const text = textOf(files, 'web-a.group.yaml');
    expect(text).toContain('# looks like a secret, in plain text: make it a secureValue, {env: NAME}\n');
    expect(parse(text).properties).toMatchObject({
      containers: [
        { properties: { environmentVariables: [{}, { secureValue: { env: 'WEB_A_WEB_DB_PASSWORD' } }, {}] } },
      ],
      imageRegistryCredentials: [{ password: { env: 'WEB_A_A_AZURECR_IO_PASSWORD' } }, {}],
      volumes: [
        { azureFile: { storageAccountKey: { env: 'WEB_A_DATA_STORAGE_KEY' } } },
        { secret: {} },
        { emptyDir: {} },
      ],
      diagnostics: { logAnalytics: { workspaceKey: { env: 'WEB_A_LOG_WORKSPACE_KEY' } } },
    });
  });
});
