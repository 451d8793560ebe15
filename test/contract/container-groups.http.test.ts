/** Container groups of the local Azure, held to the specification of Microsoft.ContainerInstance. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asRecord, asText } from '../../src/simulator/http.ts';
import { COMMON_TYPES, hasDocuments } from './documents.ts';
import { parse, Subject } from './subject.ts';

const VERSION = 'api-version=2023-05-01';
const GROUPS = '~/resourceGroups/test/providers/Microsoft.ContainerInstance/containerGroups';
const LOCATION = '~/providers/Microsoft.ContainerInstance/locations/westeurope';
const OPERATION_STATUS = { $ref: `${COMMON_TYPES}#/definitions/OperationStatusResult` };

const address = (dnsNameLabel: string) => ({
  type: 'Public',
  dnsNameLabel,
  ports: [{ port: 8080, protocol: 'TCP' }],
});

const groupBody = (image: string, more: Record<string, unknown> = {}) => ({
  location: 'westeurope',
  tags: { purpose: 'contract' },
  identity: { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/s/identities/puller': {} } },
  zones: ['1'],
  properties: {
    osType: 'Linux',
    restartPolicy: 'Always',
    containers: [
      {
        name: 'web',
        properties: {
          image,
          ports: [{ port: 8080 }],
          environmentVariables: [{ name: 'KEY', secureValue: 'hidden' }],
          resources: { requests: { cpu: 0.5, memoryInGB: 1.5 } },
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
      },
    ],
    imageRegistryCredentials: [{ server: 'local.azurecr.io', username: 'puller', password: 'hidden' }],
    volumes: [{ name: 'files', secret: { file: 'aGlkZGVu' } }],
    ipAddress: { type: 'Public', dnsNameLabel: 'contract', ports: [{ port: 8080, protocol: 'TCP' }] },
    ...more,
  },
});

describe.skipIf(!hasDocuments())('container groups', () => {
  let azure: Subject;
  beforeAll(async () => {
    // Slow enough that a busy machine still comes to ask before the next state.
    azure = await Subject.start('groups', { createMs: 1000 });
    azure.azure.push({ repository: 'web', tag: '1.0.0' });
    azure.azure.push({ repository: 'web', tag: '1.1.0', program: { crash: true } });
  });
  afterAll(() => azure.close());

  const put = (name: string, json: unknown) => azure.send({ call: `PUT ${GROUPS}/${name}?${VERSION}`, json });
  const get = async (name: string) => parse(await azure.send({ call: `GET ${GROUPS}/${name}?${VERSION}` }));
  /** Reads the group, in agreement each time, until it says what is waited for. */
  const untilShown = (name: string, text: string) =>
    expect.poll(async () => JSON.stringify(await get(name)), { interval: 20, timeout: 5000 }).toContain(text);

  test('a new group is accepted with 201 and comes back whole, and so does each look at it until it runs', async () => {
    const accepted = await put('web', groupBody('local.azurecr.io/web:1.0.0'));
    expect(accepted.status).toBe(201);
    expect(parse(accepted)['properties']).toMatchObject({ provisioningState: 'Pending' });
    await untilShown('web', '"currentState":{"state":"Running"');
    expect(await get('web')).toMatchObject({ properties: { instanceView: { state: 'Running' } } });
  });

  test('the operation behind a PUT answers with a status, at an address outside the specification', async () => {
    const accepted = await put('polled', groupBody('local.azurecr.io/web:1.0.0', { ipAddress: undefined }));
    const url = new URL(asText(accepted.headers['azure-asyncoperation']));
    const poll = async () => {
      const answer = await azure.send({ call: `GET ${url.pathname}${url.search}` });
      azure.agree(azure.contract.bodyProblems('OperationStatus', OPERATION_STATUS, answer.body));
      return parse(answer)['status'];
    };
    expect(await poll()).toBe('Pending');
    await expect.poll(poll, { interval: 20, timeout: 5000 }).toBe('Succeeded');
  });

  test('an operation that failed says so in the common shape of an error', async () => {
    const accepted = await put('failing', groupBody('local.azurecr.io/web:1.0.0', { ipAddress: undefined }));
    const group = azure.azure.groups.all().find(({ key }) => key.name === 'failing');
    if (group !== undefined) azure.azure.groups.fail(group, 'no capacity');
    const url = new URL(asText(accepted.headers['azure-asyncoperation']));
    const answer = await azure.send({ call: `GET ${url.pathname}${url.search}` });
    azure.agree(azure.contract.bodyProblems('OperationStatus', OPERATION_STATUS, answer.body));
    expect(parse(answer)).toMatchObject({ status: 'Failed', error: { message: 'no capacity' } });
    expect(await get('failing')).toMatchObject({ properties: { provisioningState: 'Failed' } });
  });

  test('a crash-looping group is shown with its waiting container, restarts and events', async () => {
    await put('crashing', groupBody('local.azurecr.io/web:1.1.0', { ipAddress: undefined }));
    await untilShown('crashing', 'CrashLoopBackOff');
    expect(JSON.stringify(await get('crashing'))).toContain('"previousState"');
  });

  test.each(['', '/resourceGroups/test'])('groups are listed (scope: ~%s)', async (scope) => {
    const path = `~${scope}/providers/Microsoft.ContainerInstance/containerGroups`;
    const { value } = parse(await azure.send({ call: `GET ${path}?${VERSION}` }));
    expect(value).toContainEqual(expect.objectContaining({ name: 'web' }));
  });

  test('S29: a PATCH replaces the tags, restarts nothing, and gives the group back', async () => {
    const json = { tags: { use: 'patched' } };
    const before = await get('web');
    const answer = await azure.send({ call: `PATCH ${GROUPS}/web?${VERSION}`, json });
    expect(parse(answer)['tags']).toEqual(json.tags);
    // Nothing else of it has changed, and nothing was restarted.
    expect(await get('web')).toEqual({ ...before, ...json });
    expect(parse(await azure.send({ call: `PATCH ${GROUPS}/web?${VERSION}`, json: {} }))['tags']).toEqual(json.tags);
    expect((await azure.send({ call: `PATCH ${GROUPS}/none?${VERSION}`, json })).status).toBe(404);
  });

  test('the log of a container is text', async () => {
    const answer = await azure.send({ call: `GET ${GROUPS}/web/containers/web/logs?${VERSION}&tail=10` });
    expect(parse(answer)['content']).toContain('listening');
  });

  test('stop, start and restart answer without a body, and the group is shown in agreement after each', async () => {
    const act = async (verb: string) => (await azure.send({ call: `POST ${GROUPS}/web/${verb}?${VERSION}` })).status;
    expect(await act('stop')).toBe(204);
    expect(await get('web')).toMatchObject({ properties: { instanceView: { state: 'Stopped' } } });
    expect(await act('start')).toBe(202);
    await untilShown('web', '"currentState":{"state":"Running"');
    expect([await act('start'), await act('restart')]).toEqual([204, 204]);
    await get('web');
  });

  test('S70: what is stopped keeps its name, is stopped twice without harm, and may have another address once it runs', async () => {
    await put('kept', groupBody('local.azurecr.io/web:1.0.0', { ipAddress: address('kept-stopped') }));
    await untilShown('kept', '"currentState":{"state":"Running"');
    const act = async (verb: string) => (await azure.send({ call: `POST ${GROUPS}/kept/${verb}?${VERSION}` })).status;
    const seenAt = async () => asRecord(asRecord((await get('kept'))['properties'])?.['ipAddress']) ?? {};
    const before = await seenAt();
    expect([await act('stop'), await act('stop')]).toEqual([204, 204]);
    expect(JSON.stringify(await get('kept'))).toContain('Container stopped per client request');
    expect((await seenAt())['fqdn']).toBe(before['fqdn']);
    expect(await act('start')).toBe(202);
    await untilShown('kept', '"currentState":{"state":"Running"');
    const after = await seenAt();
    expect([after['fqdn'], after['ip'] === before['ip']]).toEqual([before['fqdn'], false]);
  });

  test('S70: a start needs room, as a creation does; a stop does not', async () => {
    azure.azure.groups.trouble.full.add('westeurope');
    const act = (verb: string) => azure.send({ call: `POST ${GROUPS}/kept/${verb}?${VERSION}` });
    expect((await act('stop')).status).toBe(204);
    const refused = await act('start');
    expect([refused.status, parse(refused)['error']]).toEqual([
      409,
      expect.objectContaining({ code: 'ServiceUnavailable' }),
    ]);
    azure.azure.groups.trouble.full.clear();
    expect((await act('start')).status).toBe(202);
  });

  test.each(['usages', 'capabilities', 'cachedImages'])('%s of a location are a list', async (what) => {
    const answer = await azure.send({ call: `GET ${LOCATION}/${what}?${VERSION}` });
    expect(parse(answer)['value']).toBeInstanceOf(Array);
  });

  test('usages count groups and cores in whole numbers; what is set of them and of capabilities is shown so', async () => {
    const usagesNow = async () => parse(await azure.send({ call: `GET ${LOCATION}/usages?${VERSION}` }))['value'];
    await put('counted', groupBody('local.azurecr.io/web:1.0.0', { ipAddress: undefined }));
    const here = azure.azure.groups.all().filter(({ location }) => location === 'westeurope').length;
    expect(await usagesNow()).toContainEqual(
      expect.objectContaining({
        currentValue: here,
        limit: 100,
        name: expect.objectContaining({ value: 'ContainerGroups' }),
      }),
    );
    azure.azure.locations.setQuota('westeurope', { name: 'StandardCores', limit: 7, others: 1000.25 });
    expect(JSON.stringify(await usagesNow())).toMatch(
      /"currentValue":100\d,"limit":7,"name":\{"value":"StandardCores"/,
    );
    azure.azure.locations.setCapabilities('westeurope', [
      { osType: 'Linux', ipAddressType: 'Public', gpu: 'V100', maxCpu: 6, maxMemoryInGB: 112, maxGpuCount: 1 },
    ]);
    const answer = await azure.send({ call: `GET ${LOCATION}/capabilities?${VERSION}` });
    expect(parse(answer)['value']).toMatchObject([{ gpu: 'V100', capabilities: { maxGpuCount: 1 } }]);
  });

  test('errors have the declared shape', async () => {
    const missing = `GET ${GROUPS}/none?${VERSION}`;
    const noImage = groupBody('local.azurecr.io/web:9.9.9');
    const answers = await Promise.all([
      azure.send({ call: missing }),
      azure.send({ call: missing, token: undefined }),
      azure.send({ call: `GET ${GROUPS}/none`, isWrong: true }),
      azure.send({ call: `PUT ${GROUPS}/refused?${VERSION}`, json: {}, isWrong: true }),
      azure.send({ call: `PUT ${GROUPS}/refused?${VERSION}`, json: noImage }),
      azure.send({ call: `POST ${GROUPS}/polled/containers/web/exec?${VERSION}`, isWrong: true }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 401, 400, 400, 400, 404]);
    expect(answers.map((answer) => parse(answer)['error'])).not.toContain(undefined);
  });

  test.each([200, 202, 204] as const)('a deletion may answer %i, as is declared', async (deleteStatus) => {
    const other = await Subject.start('groups', { deleteStatus });
    await other.send({ call: `PUT ${GROUPS}/gone?${VERSION}`, json: groupBody('example.org/web:1') });
    expect((await other.send({ call: `DELETE ${GROUPS}/gone?${VERSION}` })).status).toBe(deleteStatus);
    expect((await other.send({ call: `DELETE ${GROUPS}/gone?${VERSION}` })).status).toBe(204);
    await other.close();
  });

  test('every operation was tried or is one that is not served, and no exception is idle', async () => {
    await azure.send({ call: `DELETE ${GROUPS}/web?${VERSION}` });
    expect(azure.leftovers()).toEqual({ untried: [], unneeded: [] });
  });
});
