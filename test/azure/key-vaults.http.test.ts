/** Azure Key Vault through the real SDK client, on the local Azure: what it gives, and what is said where it does not. */
import { createDefaultHttpClient, createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCredential } from '../../src/azure/credential.ts';
import { KeyVaults } from '../../src/azure/key-vaults.ts';
import type { KeyVaultsGiven } from '../../src/azure/key-vaults.ts';
import { loadSettings } from '../../src/config/load.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { trustFile } from '../../src/runtime/trust.ts';
import { Local } from '../support/local.ts';

const VALUE = 'hunter2 of the vault';
const VAULT = 'https://shop.vault.azure.net';
const asked = { vault: VAULT, secret: 'db-password' };

let local: Local;
let requests: string[];
let authorizations: (string | undefined)[];
beforeEach(async () => {
  requests = [];
  authorizations = [];
  local = await Local.start({
    onRequest({ method, path, headers }) {
      if (!headers['host']?.includes('vault')) return;
      requests.push(`${method} ${headers['host']} ${path}`);
      authorizations.push(headers['authorization']);
    },
  });
  trustFile(local.azure.caFile);
});
afterEach(() => local.close());

/** Short pauses pass at once. */
const clock = {
  now: () => Date.now(),
  wait: (ms: number, signal?: AbortSignal) => (ms <= 5000 ? Promise.resolve() : systemClock.wait(ms, signal)),
};

async function open(more: Partial<KeyVaultsGiven> = {}): Promise<KeyVaults> {
  const { settings } = loadSettings(local.configFile);
  const credential = await makeCredential(settings.cloud, async () => 'right');
  // A machine that is busy must not count as a vault that is slow.
  return new KeyVaults({ credential, clock, endpoint: local.azure.url, timeoutMs: 60_000, ...more });
}

const set = (more: Partial<Parameters<Local['azure']['vaults']['set']>[0]> = {}) =>
  local.azure.vaults.set({ vault: 'shop', secret: 'db-password', value: VALUE, ...more });
const failureOf = async (read: Promise<unknown>): Promise<Error & { retryAfterMs?: number }> => {
  const error: unknown = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('it has not failed');
  expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain(VALUE);
  return error;
};

describe('a secret', () => {
  test('is read by its name: first nobody, then as whom the challenge asks for', async () => {
    set();
    expect(await (await open()).read(asked)).toBe(VALUE);
    expect(requests).toEqual(Array(2).fill('GET shop.vault.azure.net /secrets/db-password/'));
    expect(authorizations.map((header) => header?.split(' ')[0])).toEqual([undefined, 'Bearer']);
  });

  test('is read in the version that is asked for', async () => {
    const { id } = set();
    set({ value: 'newer' });
    const vaults = await open();
    expect(await vaults.read({ ...asked, version: id })).toBe(VALUE);
    expect(await vaults.read(asked)).toBe('newer');
  });

  test('is read anew each time, with one token', async () => {
    set();
    const vaults = await open();
    await vaults.read(asked);
    set({ value: 'newer' });
    expect(await vaults.read(asked)).toBe('newer');
    expect(requests).toHaveLength(3);
  });

  test.each([
    [
      'that is disabled',
      { enabled: false },
      'secret db-password of https://shop.vault.azure.net cannot be read (HTTP 403, Forbidden, SecretDisabled); enable it',
    ],
    ['that has expired', { expires: 1_700_000_000 }, 'expired at 2023-11-14T22:13:20.000Z; set a new version'],
    ['that is not valid yet', { notBefore: 4_000_000_000 }, 'is not valid before 2096'],
    ['that is empty', { value: '' }, 'is empty; set a new version'],
  ])('%s stalls, and says what to do', async (_, how, message) => {
    set(how);
    const error = await failureOf((await open()).read(asked));
    expect(error.name).toBe('StalledError');
    expect(error.message).toContain(message);
  });

  test('that is not there stalls', async () => {
    const error = await failureOf((await open()).read(asked));
    expect(error.name).toBe('StalledError');
    expect(error.message).toContain('(HTTP 404, SecretNotFound); set it, or correct the reference');
  });

  test('that may not be read stalls, and says which right is missing', async () => {
    set();
    local.azure.faults.add({ path: '/secrets/', status: 403, code: 'Forbidden', message: `not for ${VALUE}` });
    const error = await failureOf((await open()).read(asked));
    expect(error.name).toBe('StalledError');
    expect(error.message).toContain('Key Vault Secrets User');
  });

  test.each([
    ['an error of the vault', { status: 503 }, 'HTTP 503'],
    ['a connection that is cut', { status: 0 }, 'cannot be read now'],
    [
      'an answer that cannot be read, with the value in it',
      { status: 200, body: `{"value": "${VALUE}", "id` },
      'cannot be read now',
    ],
  ])('%s passes: three tries, then it is said to be transient', async (_, fault, message) => {
    set();
    local.azure.faults.add({ path: '/secrets/', ...fault });
    const error = await failureOf((await open()).read(asked));
    expect(error.name).toBe('TransientError');
    expect(error.message).toContain(message);
    expect(requests).toHaveLength(3);
  });

  test('is read at the second try where the first fails', async () => {
    set();
    local.azure.faults.add({ path: '/secrets/', status: 500, times: 1 });
    expect(await (await open()).read(asked)).toBe(VALUE);
  });

  test('of a vault that throttles is asked for again when the vault says', async () => {
    set();
    local.azure.faults.add({ path: '/secrets/', status: 429, code: 'Throttled', retryAfterSeconds: 60 });
    const error = await failureOf((await open()).read(asked));
    expect(error).toMatchObject({ name: 'TransientError', retryAfterMs: 60_000 });
    expect(requests).toHaveLength(1);
  });

  test('of a vault that is slow is not waited for', async () => {
    set();
    local.azure.faults.add({ path: '/secrets/', status: 200, delayMs: 60_000 });
    const error = await failureOf((await open({ timeoutMs: 50 })).read(asked));
    expect(error.name).toBe('TransientError');
  });

  test('cannot be had without a token', async () => {
    set();
    const credential = await makeCredential(loadSettings(local.configFile).settings.cloud, async () => 'wrong');
    const error = await failureOf((await open({ credential })).read(asked));
    expect(error.name).toBe('StalledError');
    expect(error.message).toContain('no token could be had');
  });

  test('cannot be had by a token for something else', async () => {
    set();
    const credential = {
      getToken: async () => ({
        token: local.azure.tokens.issue({ kind: 'aad', aud: 'https://management.azure.com' }),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    };
    const error = await failureOf((await open({ credential })).read(asked));
    expect(error.name).toBe('StalledError');
    expect(error.message).toContain('HTTP 401');
  });
});

test('R9: an answer that breaks off in the middle is no reason to show it', async () => {
  set();
  const real = createDefaultHttpClient();
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const answer = await real.sendRequest(request);
      const bodyAsText = answer.status === 200 ? (answer.bodyAsText ?? '').slice(0, -5) : (answer.bodyAsText ?? '');
      return { ...answer, bodyAsText };
    },
  };
  const error = await failureOf((await open({ httpClient })).read(asked));
  expect(error.name).toBe('TransientError');
});

test('who asks for a token of another domain gets none', async () => {
  const sent: (string | undefined)[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      sent.push(request.headers.get('authorization'));
      const challenge = 'Bearer authorization="https://login.example.net/t", resource="https://management.azure.com"';
      return { request, status: 401, headers: createHttpHeaders({ 'WWW-Authenticate': challenge }) };
    },
  };
  const error = await failureOf((await open({ httpClient })).read(asked));
  expect(error.message).toContain('asks for a token of another domain');
  expect(sent).toEqual([undefined]);
});

test('who answers in place of a vault needs a certificate of the vault’s name', async () => {
  set({ vault: 'shop' });
  const error = await failureOf((await open()).read({ ...asked, vault: 'https://shop.vault.azure.cn' }));
  expect(error.name).toBe('TransientError');
  expect(requests).toEqual([]);
});

describe('the newest version', () => {
  test('is found without reading a secret, over several pages', async () => {
    for (let age = 60; age > 0; age -= 1) set({ created: 1_700_000_000 - age });
    const { id } = set({ created: 1_700_000_000 });
    expect(await (await open()).newestVersion(asked)).toBe(id);
    expect(new Set(requests)).toEqual(new Set(['GET shop.vault.azure.net /secrets/db-password/versions']));
  });

  test('of two of the same second is the one that the vault gives', async () => {
    for (let count = 0; count < 10; count += 1) set({ created: 1_700_000_000 });
    const { id } = set({ created: 1_700_000_000 });
    expect(await (await open()).newestVersion(asked)).toBe(id);
  });

  test.each([
    ['disabled', { enabled: false }, 'is disabled'],
    ['expired', { expires: 1_700_000_000 }, 'expired at'],
  ])('that is %s stalls: an older one is not gone back to', async (_, how, message) => {
    set({ created: 1_700_000_000 });
    set(how);
    const error = await failureOf((await open()).newestVersion(asked));
    expect(error).toMatchObject({ name: 'StalledError', message: expect.stringContaining(message) });
  });

  test('of a secret that is not there stalls', async () => {
    expect((await failureOf((await open()).newestVersion(asked))).name).toBe('StalledError');
  });
});

test('what was read a while ago is known: the newest few that are enabled, expired or not', async () => {
  for (const [index, value] of ['a', 'b', 'c', 'd', 'e'].entries())
    set({ value, created: 1_700_000_000 + index, enabled: value !== 'd', expires: 1_700_000_000 });
  expect(await (await open()).recentValues(asked)).toEqual(['e', 'c', 'b']);
});

test('no more than eight questions are asked at a time', async () => {
  set();
  local.azure.faults.add({ path: '/secrets/', status: 200, delayMs: 20 });
  let now = 0;
  let most = 0;
  const real = createDefaultHttpClient();
  const httpClient: HttpClient = {
    async sendRequest(request) {
      now += 1;
      most = Math.max(most, now);
      return real.sendRequest(request).finally(() => (now -= 1));
    },
  };
  const vaults = await open({ httpClient });
  expect(new Set(await Promise.all(Array.from({ length: 40 }, () => vaults.read(asked))))).toEqual(new Set([VALUE]));
  expect(most).toBe(8);
});
