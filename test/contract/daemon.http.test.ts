/** What the daemon itself asks of Azure while it rolls out, held to the three specifications. */
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/simulator/http.ts';
import { Local } from '../support/local.ts';
import { Contract } from './contract.ts';
import { hasDocuments } from './documents.ts';

/** The token service has no specification among these. */
const SIGN_IN = /^\/[0-9a-f-]{36}\/(oauth2\/v2\.0\/token|v2\.0\/\.well-known)|^\/common\/discovery\//;

/** Two versions one after the other, so that groups and endpoints are made and taken away. */
async function rollOutTwice(): Promise<HttpRequest[]> {
  const requests: HttpRequest[] = [];
  const local = await Local.start({ onRequest: (request) => requests.push(request) });
  try {
    local.push('1.0.0');
    const journal = await local.run();
    await journal.next('rollout.finished');
    local.push('1.1.0');
    await journal.next('rollout.finished');
  } finally {
    await local.close();
  }
  return requests.filter(({ path }) => !SIGN_IN.test(path));
}

describe.skipIf(!hasDocuments())('the daemon', () => {
  test('every request of a rollout is one that a specification has, with a body and parameters as declared', async () => {
    const contracts = [new Contract('groups'), new Contract('traffic'), new Contract('registry')];
    const asked = new Set<string>();
    const problems = (await rollOutTwice()).flatMap((request) => {
      // HTTP has a HEAD wherever it has a GET; the specification of the registry names only some of them.
      const method = request.method === 'HEAD' && request.path.startsWith('/v2/') ? 'GET' : request.method;
      const sent = { method, url: `${request.path}?${request.query.toString()}`, body: request.body };
      const contract = contracts.find((candidate) => candidate.find(sent) !== undefined);
      const operation = contract?.find(sent);
      if (contract === undefined || operation === undefined)
        return [`${sent.method} ${sent.url} is in no specification`];
      asked.add(operation.id);
      return contract.requestProblems(operation, sent);
    });
    expect(problems).toEqual([]);
    expect([...asked].sort()).toEqual([
      'Authentication_ExchangeAadAccessTokenForAcrRefreshToken',
      'Authentication_ExchangeAcrRefreshTokenForAcrAccessToken',
      'ContainerGroups_CreateOrUpdate',
      'ContainerGroups_Delete',
      'ContainerGroups_Get',
      'ContainerGroups_ListByResourceGroup',
      'ContainerRegistryBlob_GetBlob',
      'ContainerRegistry_GetManifest',
      'ContainerRegistry_GetTags',
      'Endpoints_CreateOrUpdate',
      'Endpoints_Delete',
      'Endpoints_Update',
      'Profiles_Get',
    ]);
  });
});
