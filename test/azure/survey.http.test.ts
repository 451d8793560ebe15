/** Permissions, usages and capabilities, through the real SDK client: pages, limits, and answers that are none. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Survey } from '../../src/azure/survey.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Local } from '../support/local.ts';

const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/test';

let local: Local;
let survey: Survey;
let asked: string[];
beforeEach(async () => {
  asked = [];
  local = await Local.start({ onRequest: ({ path }) => void asked.push(path) });
  const { cloud, ...settings } = loadSettings(local.configFile).settings;
  const { credential, clock } = await joinEdges({ cloud, ...settings });
  survey = new Survey({ cloud, credential, clock, onUnknownError: () => undefined });
});
afterEach(() => local.close());

const answer = (path: string, body: string, times?: number) =>
  local.azure.faults.add({ path, status: 200, body, ...(times === undefined ? {} : { times }) });

test('permissions are those of the innermost scope', async () => {
  expect(await survey.permissions(GROUP)).toEqual({ known: true, value: [{ actions: ['*'], notActions: [] }] });
  local.azure.permissions.restrict(GROUP, [{ actions: ['*/read'], notActions: ['a/b'] }]);
  const read = { known: true, value: [{ actions: ['*/read'], notActions: ['a/b'] }] };
  expect(await survey.permissions(GROUP)).toEqual(read);
  expect(await survey.permissions(`${GROUP}/providers/Microsoft.Network/trafficManagerProfiles/web`)).toEqual(read);
  expect(await survey.permissions(`${GROUP}-2`)).toMatchObject({ value: [{ actions: ['*'] }] });
});

describe('permissions', () => {
  const first = (nextLink: string) => JSON.stringify({ value: [{ actions: ['a'] }], nextLink });

  test('are read to the last page', async () => {
    answer(
      'authorization',
      first(`${local.azure.url}${GROUP}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01&page=2`),
      1,
    );
    expect(await survey.permissions(GROUP)).toEqual({
      known: true,
      value: [
        { actions: ['a'], notActions: [] },
        { actions: ['*'], notActions: [] },
      ],
    });
  });

  test('are unknown where a page is elsewhere, where pages never end, and where the answer is none', async () => {
    answer('authorization', first('https://elsewhere.example/next'), 1);
    const elsewhere = 'the next page of permissions is at elsewhere.example';
    expect(await survey.permissions(GROUP)).toMatchObject({ known: false, reason: expect.stringContaining(elsewhere) });
    answer('authorization', '{}', 1);
    expect(await survey.permissions(GROUP)).toMatchObject({ known: false, reason: expect.stringContaining('no list') });
    answer('authorization', 'a proxy’s page', 1);
    expect((await survey.permissions(GROUP)).known).toBe(false);
    asked.length = 0;
    answer(
      'authorization',
      first(`${local.azure.url}${GROUP}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`),
    );
    expect(await survey.permissions(GROUP)).toMatchObject({ reason: expect.stringContaining('more than 20 pages') });
    expect(asked).toHaveLength(20);
  });
});

test('usages and capabilities of a location', async () => {
  local.azure.locations.setQuota('westeurope', { name: 'StandardCores', limit: 10, others: 4 });
  expect(await survey.usages('westeurope')).toEqual({
    known: true,
    value: [
      { name: 'ContainerGroups', used: 0, limit: 100 },
      { name: 'StandardCores', used: 4, limit: 10 },
      { name: 'StandardSpotCores', used: 0, limit: 100 },
    ],
  });
  expect(await survey.capabilities('westeurope')).toMatchObject({
    known: true,
    value: [
      { osType: 'Linux', addressType: 'Public', gpu: 'None', maxCpu: 4, maxMemoryGb: 16, maxGpus: 0 },
      { osType: 'Linux', addressType: 'Private' },
      { osType: 'Windows', addressType: 'Public' },
    ],
  });
});

test.each(['{}', '{"value":{}}', '{"value":[{"name":{"value":"StandardCores"}}]}'])(
  'usages in an answer such as %s are unknown, not none',
  async (body) => {
    answer('/usages', body);
    expect((await survey.usages('westeurope')).known).toBe(false);
  },
);
