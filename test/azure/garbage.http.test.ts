/** Answers of status 200 that are not what was asked for: a proxy's page, a stub. None may pass for an empty world. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Azure } from '../../src/azure/azure.ts';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Local } from '../support/local.ts';

let local: Local;
let azure: Azure;
beforeEach(async () => {
  local = await Local.start();
  ({ azure } = await joinEdges(loadSettings(local.configFile).settings));
});
afterEach(() => local.close());

const answerWith = (body: string) =>
  local.azure.faults.add({ method: 'GET', path: '/providers/Microsoft', status: 200, body });

describe('R6: an answer that is not what was asked for is unknown', () => {
  test.each(['{}', '[]', 'null', '""', '', '<html>Sign in</html>', '{"value":{}}', '{"value":[{"name":"web"}]}'])(
    'as a list of groups: %s',
    async (body) => {
      answerWith(body);
      expect(await azure.listGroups('test')).toMatchObject({ known: false });
    },
  );

  test.each(['{}', '[]', 'null', '', '<html>Sign in</html>', '{"name":"web","properties":{}}'])(
    'as a group: %s',
    async (body) => {
      answerWith(body);
      expect(await azure.getGroup({ resourceGroup: 'test', name: 'web' })).toMatchObject({ known: false });
    },
  );

  test.each([
    '{}',
    '[]',
    'null',
    '',
    '<html>Sign in</html>',
    '{"name":"web","properties":{"dnsConfig":{"fqdn":"web.trafficmanager.net"},"endpoints":[]}}',
    '{"name":"web","properties":{"dnsConfig":{"fqdn":"web.trafficmanager.net","ttl":60}}}',
    '{"name":"web","properties":{"dnsConfig":{"fqdn":"web.trafficmanager.net","ttl":60},"endpoints":{}}}',
    '{"name":"web","properties":{"dnsConfig":{"fqdn":"web.trafficmanager.net","ttl":"soon"},"endpoints":[]}}',
  ])('as a profile, whose TTL and endpoints decide when a group may go: %s', async (body) => {
    answerWith(body);
    expect(await azure.getProfile('test', 'web')).toMatchObject({ known: false });
  });
});
