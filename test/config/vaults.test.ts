/** References to key vaults in the config and in templates. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-vaults-'));
afterAll(() => rmSync(folder, { recursive: true }));

const VERSION = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const config = (azure = '', more = '') => `version: 1
azure:
  subscription: 00000000-0000-0000-0000-000000000001
${azure}
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope]
    images: [{ container: web, image: shop.azurecr.io/web, policy: { semver: ">=1.0.0" } }]
    traffic: { profile: shop }
    probe: { port: 80 }
${more}`;
const template = (variable: string) => `properties:
  osType: Linux
  containers:
    - name: web
      properties:
        image: "shop.azurecr.io/web:1"
        environmentVariables: [{ name: DB, ${variable} }]
        ports: [{ port: 80 }]
        resources: { requests: { cpu: 1, memoryInGB: 1 } }
  ipAddress: { type: Public, ports: [{ port: 80 }] }
`;
const vault = (url: string, secret = 'db', version = '') =>
  `{ keyVault: { vault: "${url}", secret: ${secret}${version === '' ? '' : `, version: ${version}`} } }`;
const SHOP = 'https://shop.vault.azure.net';

function problems(text: string, group = template('value: x')): string[] {
  writeFileSync(join(folder, 'web.yaml'), group);
  writeFileSync(join(folder, 'viridian.yaml'), text);
  try {
    loadSettings(join(folder, 'viridian.yaml'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ file, line, message }) => `${file.split('/').at(-1)}:${line} ${message}`);
  }
  return [];
}

describe('in the config', () => {
  const api = (reference: string) => config('', `api: { tokens: [{ name: ann, token: ${reference} }] }`);

  test.each([
    ['by its URL', api(vault(SHOP))],
    ['by its URL with a slash', api(vault(`${SHOP}/`))],
    ['with a version', api(vault(SHOP, 'db', VERSION))],
    [
      'of another cloud',
      config('  cloud: china', `api: { tokens: [{ name: ann, token: ${vault('https://shop.vault.azure.cn')} }] }`),
    ],
    [
      'of a domain of one’s own',
      config(
        '  keyVault: { domain: vault.local.example.net }',
        `api: { tokens: [{ name: ann, token: ${vault('https://shop.vault.local.example.net')} }] }`,
      ),
    ],
  ])('a vault %s is good', (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each([
    ['a vault of another domain', api(vault('https://shop.vault.azure.net.example.net')), 'is not in vault.azure.net'],
    ['a vault of another cloud', api(vault('https://shop.vault.azure.cn')), 'is not in vault.azure.net'],
    ['a domain that only ends alike', api(vault('https://shop.evilvault.azure.net')), 'is not in vault.azure.net'],
    ['plain http', api(vault('http://shop.vault.azure.net')), 'expected the URL of a key vault'],
    ['a path', api(vault(`${SHOP}/secrets/db`)), 'expected the URL of a key vault'],
    ['a name of another kind', api(vault(SHOP, 'a/b')), 'expected the name of a secret'],
    ['a version of another kind', api(vault(SHOP, 'db', 'latest')), '32 hex digits'],
    ['a poll that is no cron expression', config('  keyVault: { poll: hourly }'), 'poll: expected a cron expression'],
    ['an endpoint with a path', config('  keyVault: { endpoint: "https://proxy.example.net/x" }'), 'without a path'],
  ])('%s is refused', (_, text, message) => {
    expect(problems(text).join('\n')).toContain(message);
  });

  test('what the daemon signs in with cannot come from a vault, and why', () => {
    const text = config(`  credential: { servicePrincipal: { tenant: t, clientId: c, clientSecret: ${vault(SHOP)} } }`);
    expect(problems(text).join()).toContain('the daemon needs this very secret to sign in there');
  });

  test('versions of secrets count where it says so', () => {
    writeFileSync(join(folder, 'web.yaml'), template('value: x'));
    writeFileSync(
      join(folder, 'viridian.yaml'),
      config().replace('    resourceGroup', '    secretVersions: newRelease\n    resourceGroup'),
    );
    expect(loadSettings(join(folder, 'viridian.yaml')).settings.apps[0]?.secretVersions).toBe('newRelease');
  });
});

describe('in a template', () => {
  test.each([
    ['a reference', `secureValue: ${vault(SHOP)}`],
    ['one that is joined', `secureValue: { join: ["Password=", ${vault(SHOP, 'db', VERSION)}, ";"] }`],
  ])('%s is good', (_, variable) => {
    expect(problems(config(), template(variable))).toEqual([]);
  });

  test.each([
    [
      'a vault of another domain',
      `secureValue: ${vault('https://shop.example.net')}`,
      'viridian.yaml:7 template: properties.containers[0].properties.environmentVariables[0].secureValue: vault https://shop.example.net is not in vault.azure.net',
    ],
    [
      'one within a join',
      `secureValue: { join: ["a", ${vault('https://shop.example.net')}] }`,
      'is not in vault.azure.net',
    ],
    ['a name of another kind', `secureValue: ${vault(SHOP, '"a b"')}`, 'expected the name of a secret'],
    ['a version of another kind', `secureValue: ${vault(SHOP, 'db', 'v1')}`, '32 hex digits'],
    ['a reference in a plain value', 'value: { env: DB }', 'use secureValue in place of value'],
    [
      'a vault in a plain value',
      `value: ${vault(SHOP)}`,
      'web.yaml:7 properties.containers.0.properties.environmentVariables.0.value: a secret cannot be referred to here',
    ],
    [
      'half a reference',
      'secureValue: { keyVault: { vault: "https://shop.vault.azure.net" } }',
      'expected a text or a reference to a secret',
    ],
    ['two references in one', 'secureValue: { env: A, file: b }', 'expected a text or a reference to a secret'],
  ])('%s is refused', (_, variable, message) => {
    expect(problems(config(), template(variable)).join('\n')).toContain(message);
  });

  test('a plain value that looks like a secret is warned of', () => {
    writeFileSync(join(folder, 'web.yaml'), template('value: "Server=db;Password=hunter2"'));
    writeFileSync(join(folder, 'viridian.yaml'), config());
    const { warnings } = loadSettings(join(folder, 'viridian.yaml'));
    expect(warnings.join('\n')).toContain(
      'web.yaml: container web: environment variable DB holds a connection string with a password',
    );
    expect(warnings.join('\n')).not.toContain('hunter2');
  });
});
