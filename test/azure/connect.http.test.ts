/** Container groups and endpoints through the real SDK clients: what goes over the wire and what comes back. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Azure } from '../../src/azure/azure.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { LOCAL_SUBSCRIPTION } from '../../src/simulator/start.ts';
import { Local } from '../support/local.ts';

let local: Local;
let azure: Azure;
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  local = await Local.start({ onRequest: ({ method, path }) => asked.push(`${method} ${path}`) });
  local.push('1.0.0');
  ({ azure } = await joinEdges(loadSettings(local.configFile).settings));
});
afterEach(() => local.close());

const changer = { app: 'hello', priority: 'ordinary', fence: () => true } as const;
const address = { resourceGroup: 'test', name: 'hello' };
const body = {
  location: 'westeurope',
  tags: { team: 'shop' },
  zones: ['1'],
  identity: { type: 'SystemAssigned' },
  properties: {
    osType: 'Linux',
    restartPolicy: 'OnFailure',
    containers: ['web', 'sidecar'].map((name) => ({
      name,
      properties: {
        image: 'local.azurecr.io/web:1.0.0',
        ports: [{ port: name === 'web' ? 8080 : 9090 }],
        environmentVariables: [{ name: 'SECRET', secureValue: 'hidden' }],
        volumeMounts: [{ name: 'keys', mountPath: '/keys' }],
        livenessProbe: { httpGet: { path: '/', port: 8080 } },
        resources: { requests: { cpu: 1, memoryInGB: 0.5 } },
      },
    })),
    imageRegistryCredentials: [{ server: 'local.azurecr.io', username: 'u', password: 'p' }],
    ipAddress: { type: 'Public', dnsNameLabel: 'hello', ports: [{ port: 8080, protocol: 'TCP' }] },
    volumes: [{ name: 'keys', secret: { 'a.pem': 'eA==' } }],
    aFieldOfTomorrow: { kept: true },
  },
};

describe('a container group', () => {
  test('arrives as it was given, also what the SDK has never heard of', async () => {
    const created = { name: 'hello', tags: { team: 'shop' }, fqdn: 'hello.westeurope.azurecontainer.io' };
    expect(await azure.createGroup(address, body, changer)).toMatchObject({ kind: 'accepted', created });
    expect(azureGroup()?.body).toEqual(body);
  });

  test('that is not there is known not to be there', async () => {
    expect(await azure.getGroup(address)).toMatchObject({ known: true, value: undefined });
  });

  test('in a group of resources that cannot be read is unknown', async () => {
    local.azure.faults.add({ path: 'containerGroups', status: 403, code: 'AuthorizationFailed' });
    expect(await azure.getGroup(address)).toMatchObject({
      known: false,
      reason: expect.stringContaining('AuthorizationFailed'),
    });
    expect(await azure.listGroups('test')).toMatchObject({ known: false });
  });

  test('S85: is refused with ARM’s own code and words', async () => {
    const containers = body.properties.containers.map(({ name }) => ({
      name,
      properties: { image: 'nowhere/none:1' },
    }));
    const outcome = await azure.createGroup(
      address,
      { ...body, properties: { ...body.properties, containers } },
      changer,
    );
    expect(outcome).toMatchObject({
      kind: 'refused',
      fault: 'release',
      code: expect.any(String),
      message: expect.stringContaining('hello'),
    });
    expect(azureGroup()).toBeUndefined();
  });

  test('S29: its tags are replaced as a whole by one PATCH, and nothing else of it', async () => {
    await azure.createGroup(address, body, changer);
    asked.length = 0;
    expect(await azure.tagGroup(address, { role: 'live' }, changer)).toEqual({ kind: 'accepted' });
    expect(azureGroup()?.body).toEqual({ ...body, tags: { role: 'live' } });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['PATCH']);
  });

  test('S29: tags of what is not there are refused, and nobody writes them whose lease is over', async () => {
    expect(await azure.tagGroup(address, { role: 'live' }, changer)).toMatchObject({ kind: 'refused' });
    await azure.createGroup(address, body, changer);
    const late = await azure.tagGroup(address, { role: 'live' }, { ...changer, fence: () => false });
    expect(late).toMatchObject({ kind: 'refused' });
    expect(azureGroup()?.body['tags']).toEqual(body.tags);
  });

  test('S70: is stopped and started by one POST each, which does not wait for its end', async () => {
    await azure.createGroup(address, body, changer);
    await expect.poll(() => azureGroup()?.state, { interval: 20, timeout: 5000 }).toBe('Running');
    asked.length = 0;
    expect(await azure.stopGroup(address, changer)).toEqual({ kind: 'accepted' });
    expect(await azure.getGroup(address)).toMatchObject({
      value: { state: 'Stopped', provisioningState: 'Succeeded' },
    });
    expect(await azure.stopGroup(address, changer)).toEqual({ kind: 'accepted' });
    expect(await azure.startGroup(address, changer)).toEqual({ kind: 'accepted' });
    expect(azureGroup()?.state).toBe('Pending');
    expect(asked.filter((line) => line.startsWith('POST')).map((line) => line.split('/').at(-1))).toEqual([
      'stop',
      'stop',
      'start',
    ]);
  });

  test('S70: what is not there is neither stopped nor started, and nobody does it whose lease is over', async () => {
    expect(await azure.stopGroup(address, changer)).toMatchObject({ kind: 'refused', fault: 'operator' });
    expect(await azure.startGroup(address, changer)).toMatchObject({ kind: 'refused', fault: 'operator' });
    await azure.createGroup(address, body, changer);
    const late = { ...changer, fence: () => false };
    expect(await azure.stopGroup(address, late)).toMatchObject({ kind: 'refused', code: 'FENCED' });
    expect(azureGroup()?.state).not.toBe('Stopped');
  });

  test('S79: deleting what is not there is done', async () => {
    expect(await azure.deleteGroup(address, changer)).toEqual({ kind: 'accepted' });
  });

  test('whose creation was cut off may be there: ambiguous, and seen at the next look', async () => {
    local.azure.faults.add({ method: 'PUT', path: 'containerGroups', status: 0, when: 'after', times: 1 });
    expect(await azure.createGroup(address, body, changer)).toMatchObject({ kind: 'ambiguous' });
    expect(await azure.getGroup(address)).toMatchObject({ known: true, value: { name: 'hello' } });
  });

  test('askers that come at once share one list', async () => {
    await Promise.all([azure.listGroups('test'), azure.listGroups('TEST'), azure.listGroups('test')]);
    expect(asked.filter((line) => /GET .*containergroups$/i.test(line))).toHaveLength(1);
  });

  test('askers that a list of a moment ago will do share it too, until a group is changed', async () => {
    const lists = () => asked.filter((line) => /GET .*containergroups$/i.test(line)).length;
    await azure.listGroups('test');
    await azure.listGroups('TEST', undefined, { begunAfter: 0 });
    expect(lists()).toBe(1);
    await azure.listGroups('test', undefined, { begunAfter: Date.now() + 60_000 });
    await azure.listGroups('test');
    expect(lists()).toBe(3);
    await azure.createGroup(address, body, changer);
    const seen = await azure.listGroups('test', undefined, { begunAfter: 0 });
    expect(seen).toMatchObject({ known: true, value: [{ name: 'hello' }] });
    await azure.deleteGroup(address, changer);
    expect(await azure.listGroups('test', undefined, { begunAfter: 0 })).toMatchObject({ known: true });
    expect(lists()).toBe(5);
  });
});

describe('an endpoint', () => {
  const endpoint = { resourceGroup: 'test', profile: 'web', name: 'viridian.hello' };
  const target = { target: 'hello.example', weight: 100, location: 'westeurope' };

  test('R4: is written by itself; the profile is never put whole', async () => {
    local.azure.profiles.putEndpoint(profile(), 'somebody', { properties: { target: 'cdn.example', weight: 7 } });
    await azure.enableEndpoint(endpoint, target, changer);
    await azure.disableEndpoint(endpoint, changer);
    await azure.deleteEndpoint(endpoint, changer);
    const writes = asked.filter((line) => !line.startsWith('GET') && line.includes('rofiles'));
    expect(writes).toHaveLength(3);
    expect(writes.every((line) => line.toLowerCase().endsWith('/externalendpoints/viridian.hello'))).toBe(true);
    expect([...profile().endpoints.values()]).toMatchObject([{ name: 'somebody', target: 'cdn.example', weight: 7 }]);
  });

  test('that is disabled keeps its target and weight', async () => {
    await azure.enableEndpoint(endpoint, target, changer);
    await azure.disableEndpoint(endpoint, changer);
    expect([...profile().endpoints.values()]).toMatchObject([{ target: 'hello.example', weight: 100, enabled: false }]);
    const seen = await azure.getProfile('test', 'web');
    expect(seen).toMatchObject({
      known: true,
      value: {
        ttlSeconds: 1,
        fqdn: 'web.trafficmanager.net',
        endpoints: [{ enabled: false, monitorStatus: 'Disabled' }],
      },
    });
  });

  const foreign = {
    geoMapping: ['GEO-EU'],
    subnets: [{ first: '192.0.2.0', scope: 24 }],
    customHeaders: [{ name: 'host', value: 'shop.example' }],
    alwaysServe: 'Enabled',
    priority: 7,
  };
  const kept = { geoMapping: ['GEO-EU'], customHeaders: foreign.customHeaders, alwaysServe: true, priority: 7 };

  test.each([
    ['after a look', undefined],
    ['as it was seen', false],
  ])('R4: that is there keeps what somebody else has set, when it is enabled %s', async (_, isNew) => {
    const properties = { target: 'old.example', endpointStatus: 'Disabled', weight: 3, ...foreign };
    local.azure.profiles.putEndpoint(profile(), endpoint.name, { properties });
    expect(await azure.enableEndpoint(endpoint, { target: 'hello.example', isNew }, changer)).toEqual({
      kind: 'accepted',
    });
    const [now] = profile().endpoints.values();
    expect(now).toMatchObject({ ...kept, target: 'hello.example', weight: 3, enabled: true });
    expect(now?.subnets).toEqual(foreign.subnets);
  });

  test('that was seen and is gone by now is made', async () => {
    expect(await azure.enableEndpoint(endpoint, { ...target, isNew: false }, changer)).toEqual({ kind: 'accepted' });
    expect([...profile().endpoints.values()]).toMatchObject([{ target: 'hello.example', weight: 100, enabled: true }]);
  });

  test('that is new gets what is given with it, and is seen with it', async () => {
    const { geoMapping, subnets, priority } = foreign;
    await azure.enableEndpoint(endpoint, { ...target, geoMapping, subnets, priority, isNew: true }, changer);
    expect(asked.filter((line) => line.includes('rofiles'))).toHaveLength(1);
    const seen = await azure.getProfile('test', 'web');
    const shown = { kind: 'external', location: 'westeurope', geoMapping, subnets, priority, weight: 100 };
    expect(seen).toMatchObject({ known: true, value: { endpoints: [shown] } });
  });

  test('R4: that is led elsewhere in its place keeps all else, also that it is disabled', async () => {
    const properties = { target: 'old.example', endpointStatus: 'Disabled', weight: 3, ...foreign };
    local.azure.profiles.putEndpoint(profile(), endpoint.name, { properties });
    expect(await azure.retargetEndpoint(endpoint, { target: 'new.example' }, changer)).toEqual({ kind: 'accepted' });
    expect([...profile().endpoints.values()]).toMatchObject([
      { ...kept, target: 'new.example', weight: 3, enabled: false },
    ]);
    expect(await azure.deleteEndpoint(endpoint, changer)).toEqual({ kind: 'accepted' });
    expect(await azure.retargetEndpoint(endpoint, { target: 'x.example' }, changer)).toMatchObject({ kind: 'refused' });
  });

  test('that is nested is seen with its child; MultiValue with how many it returns', async () => {
    local.azure.createProfile({ resourceGroup: 'test', name: 'child', ttlSeconds: 9, port: 8080, path: '/' });
    const child = `/subscriptions/${LOCAL_SUBSCRIPTION}/resourceGroups/test/providers/Microsoft.Network/trafficManagerProfiles/child`;
    const nested = { kind: 'NestedEndpoints', body: { properties: { targetResourceId: child } } };
    local.azure.profiles.replaceEndpoint(profile(), 'inner', nested);
    local.azure.profiles.patch(profile(), { properties: { trafficRoutingMethod: 'MultiValue', maxReturn: 4 } });
    const inner = { kind: 'nested', resourceId: child, target: 'child.trafficmanager.net', monitorStatus: 'Stopped' };
    expect(await azure.getProfile('test', 'web')).toMatchObject({
      value: { routingMethod: 'MultiValue', maxReturn: 4, endpoints: [inner] },
    });
  });

  test('of a profile that does not exist: refused, the operator’s to mend; deleting it is done', async () => {
    const lost = { ...endpoint, profile: 'none' };
    expect(await azure.enableEndpoint(lost, target, changer)).toMatchObject({ kind: 'refused', fault: 'operator' });
    expect(await azure.deleteEndpoint(lost, changer)).toEqual({ kind: 'accepted' });
    expect(await azure.getProfile('test', 'none')).toMatchObject({ known: true, value: undefined });
  });

  test('S87: throttled: not before Azure says', async () => {
    local.azure.faults.add({ method: 'PUT', path: 'externalEndpoints', status: 429, retryAfterSeconds: 11, times: 1 });
    expect(await azure.enableEndpoint(endpoint, target, changer)).toMatchObject({
      kind: 'refused',
      fault: 'world',
      retryAfterMs: 11_000,
    });
    expect(profile().endpoints.size).toBe(0);
  });
});

function azureGroup() {
  return local.azure.groups.all().find(({ key }) => key.name === 'hello');
}

function profile() {
  const [found] = local.azure.profiles.list(LOCAL_SUBSCRIPTION);
  if (found === undefined) throw new Error('there is a profile from the start');
  return found;
}
