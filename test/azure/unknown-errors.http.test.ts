/** What was not foreseen is shown whole, once of each kind, and without secrets. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Azure } from '../../src/azure/azure.ts';
import type { UnknownError } from '../../src/azure/unknown-errors.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Local } from '../support/local.ts';

let local: Local;
let azure: Azure;
let met: UnknownError[];
beforeEach(async () => {
  local = await Local.start();
  met = [];
  ({ azure } = await joinEdges(loadSettings(local.configFile).settings, {
    onUnknownError: (error) => met.push(error),
  }));
});
afterEach(() => local.close());

const address = { resourceGroup: 'test', name: 'web' };
const refuse = (status: number, body: object) =>
  local.azure.faults.add({ method: 'GET', path: 'containerGroups', status, body: JSON.stringify(body), times: 1 });

test('an unknown code is handed on whole the first time, with what was asked and the ids to ask support with', async () => {
  const body = { error: { code: 'NeverHeardOf', message: 'something new', details: [{ why: 'unknown' }] } };
  for (let time = 0; time < 3; time += 1) {
    refuse(418, body);
    expect(await azure.getGroup(address)).toMatchObject({ known: false });
  }
  expect(met).toHaveLength(1);
  expect(met[0]).toMatchObject({ status: 418, code: 'NeverHeardOf', body: JSON.stringify(body) });
  expect(met[0]?.request).toMatch(/^GET https:.*\/containerGroups\/web$/);
});

test('each kind has its own first time', async () => {
  for (const code of ['OneThing', 'AnotherThing']) {
    refuse(400, { error: { code, message: 'new' } });
    await azure.getGroup(address);
  }
  expect(met.map(({ code }) => code)).toEqual(['OneThing', 'AnotherThing']);
});

test('what is foreseen is not shown again', async () => {
  for (const [status, code] of [
    [429, 'TooManyRequests'],
    [403, 'AuthorizationFailed'],
    [409, 'ContainerGroupTransitioning'],
    [500, 'InternalServerError'],
  ] as const) {
    refuse(status, { error: { code, message: 'as ever' } });
    await azure.getGroup(address);
  }
  expect(met).toEqual([]);
});

test('what the registry answers to a question for one tag is shown, too', async () => {
  const { settings } = loadSettings(local.configFile);
  const [registry] = settings.registries;
  if (registry === undefined) throw new Error('the config has a registry');
  const edges = await joinEdges(settings, { onUnknownError: (error) => met.push(error) });
  const repository = edges.openRepository(registry, 'web');
  local.azure.faults.add({ method: 'GET', path: '/_tags/', status: 418, body: '{}' });
  await expect(repository.resolveDigest('1.0.0')).rejects.toThrow('{}');
  expect(met).toMatchObject([{ status: 418, request: expect.stringMatching(/_tags\/1\.0\.0$/) }]);
});

test('R9: secrets that an answer repeats are masked', async () => {
  refuse(400, { error: { code: 'Odd', message: 'odd', sent: { secureValue: 'hunter2', password: 'a"b' } } });
  await azure.getGroup(address);
  expect(met[0]?.body).toContain('"secureValue":"[masked]"');
  expect(JSON.stringify(met)).not.toMatch(/hunter2|a\\+"b/);
});
