/** Which rights a config needs on what, what is told of those that lack, and that docs/security.md lists the same ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/config/settings.ts';
import type { App } from '../../src/model/app.ts';
import type { AskedCheck } from '../../src/model/check.ts';
import { judgeRights } from '../../src/preflight/judge-rights.ts';
import { needsOf } from '../../src/preflight/needs.ts';
import { LOCATION_ACTIONS, RIGHTS } from '../../src/preflight/rights.ts';
import type { Right, ScopeKind } from '../../src/preflight/rights.ts';
import { app as plain } from '../rollout/world.ts';
import { appWith, group, PULLER, told } from './apps.ts';

const cloud: Settings['cloud'] = {
  subscriptionId: 's',
  resourceManager: 'https://arm',
  audience: 'https://arm',
  authority: 'https://login',
  managedIdentityEndpoint: undefined,
  credential: { kind: 'environment' },
  caFile: undefined,
  nameServers: [],
};
const SUBNET = '/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/apps';
const OWN_GROUPS = '/subscriptions/s/resourceGroups/demo/providers/Microsoft.ContainerInstance/containerGroups/{group}';
const metrics: AskedCheck = {
  name: 'bytes',
  source: {
    kind: 'azureMetrics',
    resourceId: OWN_GROUPS,
    namespace: 'n',
    metrics: ['m'],
    aggregation: 'total',
    windowMs: 1000,
    endpoint: 'https://metrics',
    audience: 'https://metrics',
  },
  successWhen: undefined,
  failureWhen: undefined,
  intervalMs: 1000,
  count: 1,
  timeoutMs: 1000,
  failureLimit: 0,
  errorLimit: 0,
  inconclusiveLimit: 0,
  isDryRun: false,
};

function needs(...apps: readonly App[]) {
  return needsOf({ apps, cloud }).map(({ scope, rights, apps: names }) => [
    scope.title,
    rights.map(({ action }) => action.split('/').slice(1).join('/')),
    names,
  ]);
}

const OF_GROUPS = [
  'containerGroups/read',
  'containerGroups/write',
  'containerGroups/delete',
  'containerGroups/containers/logs/read',
];
const OF_ENDPOINTS = ['read', 'write', 'delete'].map((verb) => `trafficManagerProfiles/externalEndpoints/${verb}`);

describe('needed are', () => {
  test('groups and endpoints, once for all apps of a resource group', () => {
    const other = { resourceGroup: 'DEMO', profile: 'api', weight: 1 };
    expect(needs(appWith(), appWith({ name: 'api', resourceGroup: 'DEMO', traffic: other }))).toEqual([
      ['resource group demo', OF_GROUPS, ['web', 'api']],
      ['profile web', ['trafficManagerProfiles/read', ...OF_ENDPOINTS], ['web']],
      ['profile api', ['trafficManagerProfiles/read', ...OF_ENDPOINTS], ['api']],
    ]);
  });

  test('reads alone, where an app only reports', () => {
    expect(
      needs(appWith({ mode: 'notify' }, group({}, { identity: { userAssignedIdentities: { [PULLER]: {} } } }))),
    ).toEqual([
      ['resource group demo', ['containerGroups/read'], ['web']],
      ['profile web', ['trafficManagerProfiles/read'], ['web']],
    ]);
  });

  test('stop and start, where replaced stacks are kept stopped', () => {
    const rollout = { ...plain.rollout, retain: { forMs: 1000, count: 1, as: 'stopped' as const } };
    expect(needs(appWith({ rollout, traffic: undefined }))).toEqual([
      ['resource group demo', [...OF_GROUPS, 'containerGroups/stop/action', 'containerGroups/start/action'], ['web']],
    ]);
  });

  test('what the template and the checks bring: identities, subnets, metrics, parents', () => {
    const document = group(
      { subnetIds: [{ id: SUBNET }] },
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [PULLER]: {} } } },
    );
    const rollout = { ...plain.rollout, checks: { before: [metrics], after: [] } };
    const parents = [{ resourceGroup: 'edge', profile: 'world' }];
    const traffic = { resourceGroup: 'demo', profile: 'web', weight: 1, parents };
    expect(needs(appWith({ rollout, traffic }, document)).slice(2)).toEqual([
      ['profile world', ['trafficManagerProfiles/read'], ['web']],
      ['identity puller', ['userAssignedIdentities/assign/action'], ['web']],
      ['subnet apps', ['virtualNetworks/subnets/join/action'], ['web']],
      ['metrics of demo', ['metrics/read'], ['web']],
    ]);
  });
});

describe('is told', () => {
  const [need] = needsOf({ apps: [appWith()], cloud });
  const judge = (given: Partial<Parameters<typeof judgeRights>[1]>) =>
    need === undefined ? [] : judgeRights(need, { permissions: { known: true, value: [] }, principal: 'me', ...given });
  const role = (actions: readonly string[], notActions: readonly string[] = []) => ({
    permissions: { known: true as const, value: [{ actions, notActions }] },
  });
  const refused = { known: false as const, reason: 'AuthorizationFailed: no' };

  test('that all is granted', () => {
    expect(told(judge(role(['*'])))).toEqual(['ok: 4 of 4 actions granted']);
  });

  test('each action that lacks, with the role to give on that very scope', () => {
    const lines = judge(role(['Microsoft.ContainerInstance/*'], ['*/delete', '*/logs/read']));
    expect(told(lines)).toEqual([
      'error: Microsoft.ContainerInstance/containerGroups/delete is not granted (takes replaced groups away)',
      'warning: Microsoft.ContainerInstance/containerGroups/containers/logs/read is not granted (keeps the ends of logs of what has failed)',
    ]);
    expect(lines[0]?.advice).toContain(
      'az role assignment create --assignee me --role "Azure Container Instances Contributor Role" --scope /subscriptions/s/resourceGroups/demo',
    );
  });

  test('where permissions are not told: what reading shows, and that nothing is known of changes', () => {
    expect(told(judge({ permissions: refused, read: { known: true, value: [] } }))).toEqual([
      expect.stringMatching(
        /^warning: permissions cannot be listed .*: reading works; cannot be told for .*\/write, .*\/delete$/,
      ),
    ]);
    expect(told(judge({ permissions: refused, read: refused }))).toEqual([
      'error: cannot be read: AuthorizationFailed: no',
    ]);
    expect(told(judge({ permissions: refused }))).toEqual([expect.stringMatching(/^warning: .*: cannot be told for /)]);
  });
});

const ON: Readonly<Record<ScopeKind, string>> = {
  resourceGroup: 'resource group of the apps',
  profile: 'each profile',
  parent: 'each of `traffic.parents`',
  identity: 'each identity of the templates',
  subnet: 'each subnet of the templates',
  metrics: 'each resource of `azureMetrics`',
};

function row({ action, on, use, role, when, isOptional }: Right): string {
  const needed =
    when === undefined ? 'always' : when === 'stops' ? 'with `retain.as: stopped`' : 'unless `mode: notify`';
  return `| \`${action}\` | ${ON[on]} | ${needed}${isOptional === true ? '; goes without' : ''} | ${use} | ${role} |`;
}

test('docs/security.md has a row for each right that is checked, and no other', () => {
  const rows = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `Microsoft.'));
  const ofLocations = LOCATION_ACTIONS.map(
    (action) =>
      `| \`${action}\` | subscription | by \`validate --live\` alone | sees whether a location has room | Reader |`,
  );
  expect(rows).toEqual([...RIGHTS.map(row), ...ofLocations]);
});
