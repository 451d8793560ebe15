/** Traffic Manager of the local Azure, held to the specification of Microsoft.Network/trafficManagerProfiles. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasDocuments } from './documents.ts';
import { parse, Subject } from './subject.ts';

const VERSION = 'api-version=2022-04-01';
const PROFILES = '~/resourceGroups/test/providers/Microsoft.Network/trafficmanagerprofiles';
const ENDPOINTS = `${PROFILES}/web/ExternalEndpoints`;

const profileBody = (relativeName: string, more: Record<string, unknown> = {}) => ({
  location: 'global',
  tags: { purpose: 'contract' },
  properties: {
    profileStatus: 'Enabled',
    trafficRoutingMethod: 'Weighted',
    dnsConfig: { relativeName, ttl: 30 },
    monitorConfig: { protocol: 'HTTP', port: 8080, path: '/' },
    ...more,
  },
});
const endpoint = (name: string, weight: number) => ({
  name,
  type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints',
  properties: { target: `${name}.example.org`, weight, endpointStatus: 'Enabled' },
});

describe.skipIf(!hasDocuments())('Traffic Manager', () => {
  let azure: Subject;
  beforeAll(async () => {
    azure = await Subject.start('traffic');
  });
  afterAll(() => azure.close());

  const put = (name: string, json: unknown) => azure.send({ call: `PUT ${PROFILES}/${name}?${VERSION}`, json });
  const get = async (name: string) => parse(await azure.send({ call: `GET ${PROFILES}/${name}?${VERSION}` }));

  test('a profile PUT answers 201 where it is new and 200 where it is changed', async () => {
    expect((await put('web', profileBody('contract'))).status).toBe(201);
    expect((await put('web', profileBody('contract'))).status).toBe(200);
    expect(await get('web')).toMatchObject({ properties: { monitorConfig: { profileMonitorStatus: 'Inactive' } } });
  });

  test('an endpoint PUT answers 201, which is declared, where it is new and where it is changed', async () => {
    const write = (weight: number) =>
      azure.send({ call: `PUT ${ENDPOINTS}/one?${VERSION}`, json: endpoint('one', weight) });
    expect([(await write(1)).status, (await write(5)).status]).toEqual([201, 201]);
    const answer = await azure.send({ call: `GET ${ENDPOINTS}/one?${VERSION}` });
    expect(parse(answer)['properties']).toMatchObject({ weight: 5, endpointMonitorStatus: 'CheckingEndpoint' });
  });

  test('a profile with endpoints is shown in agreement while they are checked and when they are degraded', async () => {
    const read = async () => JSON.stringify(await get('web'));
    expect(await read()).toContain('CheckingEndpoints');
    await expect.poll(read, { interval: 20, timeout: 5000 }).toContain('Degraded');
  });

  test('an endpoint PATCH changes what it names', async () => {
    const json = { properties: { endpointStatus: 'Disabled' } };
    const answer = await azure.send({ call: `PATCH ${ENDPOINTS}/one?${VERSION}`, json });
    const disabled = { endpointStatus: 'Disabled', endpointMonitorStatus: 'Disabled', weight: 5 };
    expect(parse(answer)['properties']).toMatchObject(disabled);
  });

  test('a profile PUT with endpoints, and one that is disabled, come back as declared', async () => {
    const endpoints = [endpoint('two', 2), endpoint('three', 3)];
    const whole = parse(await put('whole', profileBody('whole', { endpoints, profileStatus: 'Disabled' })));
    expect(whole['properties']).toMatchObject({ endpoints: [{ name: 'two' }, { name: 'three' }] });
  });

  test('a profile PATCH changes what it names', async () => {
    const json = { properties: { dnsConfig: { ttl: 60 } }, tags: { purpose: 'patched' } };
    const answer = await azure.send({ call: `PATCH ${PROFILES}/web?${VERSION}`, json });
    expect(parse(answer)).toMatchObject({ tags: json.tags, properties: { dnsConfig: { ttl: 60 } } });
  });

  test.each(['', '/resourceGroups/test'])('profiles are listed (scope: ~%s)', async (scope) => {
    const path = `~${scope}/providers/Microsoft.Network/trafficmanagerprofiles`;
    const { value } = parse(await azure.send({ call: `GET ${path}?${VERSION}` }));
    expect(value).toMatchObject([{ name: 'web' }, { name: 'whole' }]);
  });

  test.each([
    ['contract', false],
    ['free', true],
  ])('whether the name %s can be had is answered: %s', async (name, nameAvailable) => {
    const path = '/providers/Microsoft.Network/checkTrafficManagerNameAvailability';
    const json = { name, type: 'Microsoft.Network/trafficManagerProfiles' };
    const answer = await azure.send({ call: `POST ${path}?${VERSION}`, json });
    expect(parse(answer)['nameAvailable']).toBe(nameAvailable);
  });

  test('errors have the declared shape, but for a missing endpoint', async () => {
    const missing = `GET ${PROFILES}/none?${VERSION}`;
    const tooHeavy = endpoint('one', 5000);
    const answers = await Promise.all([
      azure.send({ call: missing }),
      azure.send({ call: missing, token: undefined }),
      azure.send({ call: `GET ${PROFILES}/web`, isWrong: true }),
      azure.send({ call: `PUT ${PROFILES}/taken?${VERSION}`, json: profileBody('contract') }),
      azure.send({ call: `PUT ${ENDPOINTS}/one?${VERSION}`, json: tooHeavy }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 401, 400, 409, 400]);
    expect(answers.map((answer) => parse(answer)['error'])).not.toContain(undefined);
    const bare = await azure.send({ call: `GET ${ENDPOINTS}/none?${VERSION}` });
    expect([bare.status, parse(bare)['code']]).toEqual([404, 'NotFound']);
  });

  test.each([
    ['Geographic', 'ExternalEndpoints', { target: 'a.example.org', geoMapping: ['GEO-EU', 'DE'] }, {}],
    ['Subnet', 'ExternalEndpoints', { target: 'a.example.org', subnets: [{ first: '192.0.2.0', scope: 24 }] }, {}],
    ['MultiValue', 'ExternalEndpoints', { target: '192.0.2.1', alwaysServe: 'Enabled' }, { maxReturn: 3 }],
    ['Performance', 'NestedEndpoints', { endpointLocation: 'westeurope', minChildEndpoints: 2 }, {}],
    ['Priority', 'AzureEndpoints', { priority: 7 }, {}],
  ])('%s: %s come back as declared, and what the method does not take is refused', async (method, type, own, more) => {
    const base = `${PROFILES}/method-${method}`;
    await put(`method-${method}`, profileBody(`method-${method}`, { trafficRoutingMethod: method, ...more }));
    const { id } = await get(type === 'NestedEndpoints' ? 'whole' : `method-${method}`);
    const properties = type === 'ExternalEndpoints' ? own : { ...own, targetResourceId: id };
    const written = await azure.send({ call: `PUT ${base}/${type}/one?${VERSION}`, json: { properties } });
    expect(written.status).toBe(201);
    expect(parse(written)).toMatchObject({
      type: expect.stringMatching(new RegExp(`/${type}$`, 'i')),
      properties: own,
    });
    expect(JSON.stringify(await get(`method-${method}`))).toContain(JSON.stringify(Object.values(own)[0]));
    const bare = { properties: { weight: 0 } };
    const refused = await azure.send({ call: `PUT ${base}/${type}/two?${VERSION}`, json: bare });
    expect([refused.status, parse(refused)['error']]).toMatchObject([400, { code: 'BadRequest' }]);
    await azure.send({ call: `DELETE ${base}?${VERSION}` });
  });

  test('deletions answer 200 without a body', async () => {
    const paths = [`${ENDPOINTS}/one`, `${PROFILES}/web`];
    for (const path of paths)
      expect(await azure.send({ call: `DELETE ${path}?${VERSION}` })).toMatchObject({ status: 200, body: '' });
  });

  test('a deletion of what is not there answers 204', async () => {
    const paths = [`${PROFILES}/whole/ExternalEndpoints/none`, `${PROFILES}/none`];
    for (const path of paths) expect((await azure.send({ call: `DELETE ${path}?${VERSION}` })).status).toBe(204);
  });

  test('every operation was tried or is one that is not served, and no exception is idle', () => {
    expect(azure.leftovers()).toEqual({ untried: [], unneeded: [] });
  });
});
