import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-api-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'web.yaml'),
  'properties: { osType: Linux, containers: [{ name: web, properties: { image: "r.io/web:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] }',
);
writeFileSync(join(folder, 'api.pem'), 'PEM');

/** Of the last config that was loaded. */
let warned: readonly string[] = [];

function load(api: string, rollout = '') {
  const file = join(folder, 'viridian.yaml');
  writeFileSync(
    file,
    `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
${api}
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope]
    images: [{ container: web, image: r.io/web, policy: { semver: ">=1.0.0" } }]
    ${rollout}
`,
  );
  const { settings, warnings } = loadSettings(file);
  warned = warnings;
  return settings;
}

const TOKENS = 'tokens: [{ name: alice, token: { env: ALICE } }, { name: bob@ops, token: { file: bob } }]';

test('checks that nobody could judge, where they come to nothing, are warned of', () => {
  const checks = 'rollout: { checks: { before: [{ name: it, tcp: { port: 80 } }] } }';
  load('', checks);
  expect(warned).toEqual([expect.stringContaining('web: a check that is inconclusive waits for a person')]);
  load(`api: { listen: "127.0.0.1:8080", ${TOKENS} }`, checks);
  expect(warned).toEqual([]);
});

describe('api', () => {
  test('is nothing where the config does not name it', () => {
    expect(load('').api).toBeUndefined();
  });

  test('listens on the loopback address by itself, with a token for each person', () => {
    expect(load(`api: { ${TOKENS} }`).api).toEqual({
      host: '127.0.0.1',
      port: 8080,
      tls: undefined,
      tokens: [
        { name: 'alice', token: { env: 'ALICE' } },
        { name: 'bob@ops', token: { file: 'bob' } },
      ],
    });
  });

  test.each(['0.0.0.0:8080', '10.0.0.4:8080', '"[::]:8080"'])('on %s needs TLS', (listen) => {
    expect(() => load(`api: { listen: ${listen}, ${TOKENS} }`)).toThrow(
      /:3:16: api\.listen: \S+ is reached from other machines, and without api\.tls tokens would travel in plain text/,
    );
    const tls = 'tls: { cert: api.pem, key: api.pem }';
    expect(load(`api: { listen: ${listen}, ${TOKENS}, ${tls} }`).api?.tls?.certFile).toBe(join(folder, 'api.pem'));
  });

  test.each(['127.0.0.1:8080', 'localhost:8080', '"[::1]:8080"'])('on %s does not', (listen) => {
    expect(load(`api: { listen: ${listen}, ${TOKENS} }`).api?.port).toBe(8080);
  });

  test.each([
    ['no token', 'api: { tokens: [] }', 'api.tokens'],
    [
      'a token in the config itself',
      'api: { tokens: [{ name: alice, token: secret }] }',
      'a secret never stands in the config',
    ],
    ['a name with a space', 'api: { tokens: [{ name: a b, token: { env: A } }] }', 'expected a name of letters'],
    [
      'a name twice',
      'api: { tokens: [{ name: a, token: { env: A } }, { name: a, token: { env: B } }] }',
      'two tokens are called "a"',
    ],
    [
      'a certificate that is not there',
      `api: { ${TOKENS}, tls: { cert: no.pem, key: api.pem } }`,
      'no.pem cannot be read',
    ],
  ])('%s is told with its place', (_, api, message) => {
    expect(() => load(api)).toThrow(message);
  });
});

test('what comes after a rollback: a newer release only, or nothing until it is released', () => {
  expect(load('').apps[0]?.afterRollback).toBe('untilNewer');
  expect(load('', 'rollout: { afterRollback: hold }').apps[0]?.afterRollback).toBe('hold');
});
