import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, nat, property, string } from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { formatConfigError } from '../../src/config/format-error.ts';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEMPLATE = `properties:
  osType: Linux
  containers:
    - name: web
      properties: { image: "shop.azurecr.io/web:1", ports: [{ port: 80 }], resources: { requests: { cpu: 1, memoryInGB: 1 } } }
  ipAddress: { type: Public, ports: [{ port: 80 }] }
`;
const GOOD = `version: 1
azure:
  subscription: 00000000-0000-0000-0000-000000000001
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope]
    images:
      - container: web
        image: shop.azurecr.io/web
        policy: { semver: ">=1.0.0" }
    traffic: { profile: shop }
    probe: { port: 80 }
`;

function load(config: string, template = TEMPLATE) {
  writeFileSync(join(folder, 'web.yaml'), template);
  writeFileSync(join(folder, 'viridian.yaml'), config);
  return loadSettings(join(folder, 'viridian.yaml'));
}

function problems(config: string, template = TEMPLATE): string[] {
  try {
    load(config, template);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((p) => `${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : ` (${p.hint})`}`);
  }
  return [];
}

describe('registries', () => {
  const registryOf = (image: string, registries = '') =>
    load(`${GOOD.replace('shop.azurecr.io/web', image)}${registries}`).settings.registries[0];

  test.each([
    ['shop.azurecr.cn/web', 'acr', { kind: 'azure' }, 'https://shop.azurecr.cn'],
    ['ghcr.io/shop/web', 'oci', { kind: 'anonymous' }, 'https://ghcr.io'],
    ['docker.io/nginx', 'oci', { kind: 'anonymous' }, 'https://registry-1.docker.io'],
    ['localhost:5000/web', 'oci', { kind: 'anonymous' }, 'https://localhost:5000'],
  ])('%s is of kind %s by its host', (image, kind, credential, endpoint) => {
    expect(registryOf(image)).toMatchObject({ kind, credential, endpoint });
  });

  test('take kind and credential from the config, secrets by reference', () => {
    const credential = '{ username: robot, password: { env: ROBOT } }';
    const registries = `registries: [{ host: R.example, kind: acr, endpoint: "http://127.0.0.1:5000/", credential: ${credential} }]\n`;
    expect(registryOf('r.example/web', registries)).toMatchObject({
      kind: 'acr',
      endpoint: 'http://127.0.0.1:5000',
      credential: { kind: 'basic', username: 'robot', password: { env: 'ROBOT' } },
    });
  });
});

describe('a good config', () => {
  test('S51: a probe without an expected status takes 200–299, and nothing else', () => {
    expect(load(GOOD).settings.apps[0]?.probe).toMatchObject({ statuses: [{ from: 200, to: 299 }] });
    expect(problems(GOOD.replace('{ port: 80 }', '{ port: 80, status: }')).join()).toContain('status');
  });

  test('S51: a probe over TCP has nothing but its port and its pace', () => {
    expect(
      load(GOOD.replace('{ port: 80 }', '{ scheme: tcp, port: 80, timeout: 2s }')).settings.apps[0]?.probe,
    ).toEqual({
      scheme: 'tcp',
      port: 80,
      intervalMs: 5000,
      timeoutMs: 2000,
      successes: 3,
      failures: 6,
      graceMs: 60_000,
    });
  });

  test('gets every default', () => {
    const { settings } = load(GOOD);
    expect(settings.cloud.resourceManager).toBe('https://management.azure.com');
    expect(settings.registries).toEqual([
      {
        host: 'shop.azurecr.io',
        endpoint: 'https://shop.azurecr.io',
        kind: 'acr',
        credential: { kind: 'azure' },
        schedule: '*/30 * * * * *',
        jitterMs: 5000,
      },
    ]);
    expect(settings.apps[0]?.rollout).toMatchObject({
      propagationMarginMs: 60_000,
      deadlines: { provisionMs: 1_800_000 },
    });
    expect(settings.apps[0]?.traffic).toEqual({
      resourceGroup: 'shop',
      profile: 'shop',
      weight: 100,
      confirmRemoval: true,
    });
  });

  test('of a sovereign cloud gets its endpoints', () => {
    const { settings } = load(GOOD.replace('azure:', 'azure:\n  cloud: usGovernment'));
    expect(settings.cloud.authority).toBe('https://login.microsoftonline.us');
  });

  test.each([
    ['a range', 'semver: ">=1.0.0"', { kind: 'semver', range: '>=1.0.0', prerelease: false }],
    ['a pattern', 'regex: main-.*', { kind: 'regex', pattern: 'main-.*' }],
    ['numbers', 'numerical: {}', { kind: 'numerical', order: 'asc' }],
    ['a pin', 'pin: "7"', { kind: 'pin', to: '7' }],
  ])('has a policy: %s', (_, policy, expected) => {
    const { settings } = load(GOOD.replace('semver: ">=1.0.0"', policy));
    expect(settings.apps[0]?.images[0]?.policy).toEqual(expected);
  });

  test.each([
    ['several that can change', '1.0.0', '', 60_000],
    ['several that can change, and a time of its own', '1.0.0', 'settle: 5s', 5000],
    ['several that can change, and none', '1.0.0', 'settle: 0s', 0],
    ['one, beside a sidecar that is pinned', 'pin', '', 0],
    ['one, beside a sidecar that is pinned, and a time', 'pin', 'settle: 5s', 0],
  ])('waits for the rest of a set where images are %s', (_, sidecar, settle, expected) => {
    const policy = sidecar === 'pin' ? 'pin: "7"' : 'semver: "*"';
    const images = `- { container: proxy, image: shop.azurecr.io/proxy, policy: { ${policy} } }\n      - container: web`;
    const config = GOOD.replace('- container: web', images).replace('    images:', `    ${settle}\n    images:`);
    const template = TEMPLATE.replace(
      'containers:',
      'containers:\n    - { name: proxy, properties: { image: "p:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }',
    );
    expect(load(config, template).settings.apps[0]?.settleMs).toBe(expected);
    expect(load(GOOD).settings.apps[0]?.settleMs).toBe(0);
  });

  test('in the project itself is good, the demo and the example', () => {
    expect(loadSettings('config/example.yaml').settings.apps.length).toBeGreaterThan(0);
  });

  test('warns of a secret in plain text', () => {
    const { warnings } = load(
      GOOD,
      TEMPLATE.replace('image:', 'environmentVariables: [{ name: K, secureValue: abc }], image:'),
    );
    expect(warnings.join()).toContain('secureValue is a secret in plain text');
    expect(warnings.join()).not.toContain('abc');
  });
});

describe('a bad config is refused with the place and what was expected', () => {
  test.each([
    [
      'an unknown key, with a near match',
      GOOD.replace('locations', 'location'),
      '8:5 unknown key "location" (did you mean "locations"?)',
    ],
    [
      'a missing key, at what should hold it',
      GOOD.replace(/ {2}subscription.*\n/, '  cloud: public\n'),
      '2:1 missing key "subscription"',
    ],
    [
      'a bare number for a duration',
      GOOD.replace('{ port: 80 }\n', '{ port: 80, interval: 5 }\n'),
      '14:34 apps[0].probe.interval: expected a duration with its unit',
    ],
    [
      'an unknown unit',
      GOOD.replace('{ port: 80 }\n', '{ port: 80, interval: 5 days }\n'),
      'expected a duration with its unit',
    ],
    ['a wrong word, with a near match', GOOD.replace('azure:', 'azure:\n  cloud: pubic'), '(did you mean "public"?)'],
    [
      'another version of the format',
      GOOD.replace('version: 1', 'version: 2'),
      '1:10 version: expected version: 1, got 2',
    ],
    [
      'S91: a weight of zero, which Traffic Manager does not have',
      GOOD.replace('{ profile: shop }', '{ profile: shop, weight: 0 }'),
      '13:39 apps[0].traffic.weight',
    ],
    [
      'both policies',
      GOOD.replace('{ semver: ">=1.0.0" }', '{ semver: "*", regex: x }'),
      'apps[0].images[0].policy: expected exactly one of semver,',
    ],
    [
      'a range that is none',
      GOOD.replace('>=1.0.0', 'newest'),
      '12:27 semver: expected a range such as ">=1.0.0 <2", got "newest"',
    ],
    [
      'a regular expression that is none',
      GOOD.replace('semver: ">=1.0.0"', 'regex: "("'),
      'regex: expected a regular expression',
    ],
    [
      'an image with a tag',
      GOOD.replace('shop.azurecr.io/web\n', 'shop.azurecr.io/web:1\n'),
      'expected registry/repository without a tag',
    ],
    [
      'a container that the template has not',
      GOOD.replace('container: web', 'container: wep'),
      '(did you mean "web"?)',
    ],
    [
      'a probe of another port',
      GOOD.replace('{ port: 80 }\n', '{ port: 81 }\n'),
      "probe.port: 81 is not among the template's ports (80)",
    ],
    [
      'a path for a probe that only connects',
      GOOD.replace('{ port: 80 }\n', '{ scheme: tcp, port: 80, path: /healthz }\n'),
      'probe.path: with scheme tcp only a connection is made, and nothing is asked for; remove it, or set scheme: http or https',
    ],
    [
      'a host and statuses for a probe that only connects',
      GOOD.replace('{ port: 80 }\n', '{ scheme: tcp, port: 80, host: shop.example, status: 200 }\n'),
      'probe.status: with scheme tcp only a connection is made',
    ],
    [
      'a template that is not there',
      GOOD.replace('web.yaml', 'wep.yaml'),
      '6:15 template: the file cannot be read: there is no ',
    ],
    ['names of groups that would be too long', GOOD.replace('westeurope', 'a'.repeat(60)), 'longer than 63 characters'],
    [
      'a poll that is no cron expression',
      `${GOOD}registries: [{ host: shop.azurecr.io, poll: often }]\n`,
      'poll: expected a cron expression',
    ],
    [
      'an Azure identity for another registry',
      `${GOOD}registries: [{ host: ghcr.io, credential: azure }]\n`,
      'credential: azure is for registries of kind acr, and ghcr.io is of kind oci',
    ],
    [
      'a bare token for Azure’s registry',
      `${GOOD}registries: [{ host: shop.azurecr.io, credential: { token: { env: T } } }]\n`,
      'takes no token as it is',
    ],
    [
      'a password in the config itself',
      `${GOOD}registries: [{ host: ghcr.io, credential: { username: u, password: p } }]\n`,
      'expected azure, anonymous, {username, password: {env: NAME}} or {token: {env: NAME}}',
    ],
    [
      'a registry by plain http elsewhere',
      `${GOOD}registries: [{ host: r.example, endpoint: "http://r.example" }]\n`,
      'http:// for an address of this machine only',
    ],
    [
      'a CA file that is not there',
      GOOD.replace('azure:', 'azure:\n  caFile: none.pem'),
      'azure.caFile: none.pem cannot be read',
    ],
    [
      'a secret in the config itself',
      GOOD.replace('azure:', 'azure:\n  credential: { servicePrincipal: { tenant: t, clientId: c, clientSecret: s } }'),
      'expected managedIdentity, environment',
    ],
    [
      'a pause that is too short',
      GOOD.replace('probe: { port: 80 }', 'probe: { port: 80, interval: 0s }'),
      'expected at least 10ms',
    ],
    ['no YAML', 'a: [1', 'not YAML'],
    ['an empty file', ' \n', 'the file is empty'],
    ['a list', '- a\n', 'expected a mapping'],
    ['a key given twice', GOOD.replace('version: 1', 'version: 1\nversion: 1'), 'not YAML: Map keys must be unique'],
  ])('%s', (_, config, expected) => {
    expect(problems(config).join('\n')).toContain(expected);
  });

  test('every problem at once, in order of place', () => {
    const config = GOOD.replace('locations', 'location')
      .replace(/ {2}subscription.*\n/, '  cloud: public\n')
      .replace('port: 80', 'port: http');
    expect(problems(config).map((line) => Number(line.split(':')[0]))).toEqual([2, 5, 8, 14]);
  });

  test('rules across fields too, of every part that is good by itself', () => {
    const [, app = ''] = GOOD.split('apps:\n');
    const config = `${GOOD}${app}${app.replace('locations', 'location')}`.replace(
      'azure:',
      'azure:\n  caFile: none.pem',
    );
    expect(problems(config).join('\n')).toMatch(/none\.pem cannot be read[\s\S]*two apps are called[\s\S]*unknown key/);
  });

  test('with the problems of its templates', () => {
    expect(problems(GOOD.replace('locations', 'location'), 'properties: {}\n').join('\n')).toMatch(
      /unknown key[\s\S]*at least one container/,
    );
  });

  test('a mapping for a location that the app does not have', () => {
    const config = GOOD.replace(/traffic: \{ ?profile: shop/, '$&, mappings: { nowhere: { priority: 1 } }');
    expect(problems(config).join('\n')).toMatch(/no location "nowhere", only/);
  });

  test('a profile that is nested in itself', () => {
    const config = GOOD.replace(/traffic: \{ ?profile: shop/, '$&, parents: [other/shop, shop/shop, Shop]');
    expect(problems(config).filter((line) => line.includes('cannot be nested in itself'))).toHaveLength(2);
  });

  test('two apps of one name or one profile', () => {
    const [, app = ''] = GOOD.split('apps:\n');
    expect(problems(GOOD + app).join('\n')).toMatch(/two apps are called "web"[\s\S]*share profile shop/);
  });

  test('shows the line with a caret under the place', () => {
    const text = (() => {
      try {
        load(GOOD.replace('locations', 'location'));
      } catch (error) {
        if (error instanceof ConfigError) return formatConfigError(error);
      }
      return '';
    })();
    expect(text).toContain('    8 |     location: [westeurope]\n      |     ^\n        did you mean "locations"?');
    expect(text).toMatch(/2 problems; nothing was done\.$/);
  });

  test('whatever the text, nothing but a ConfigError', () => {
    assert(
      property(string({ maxLength: 200, unit: 'grapheme' }), nat(GOOD.length), (noise, at) => {
        // `problems` lets every other error through.
        expect(Array.isArray(problems(GOOD.slice(0, at) + noise + GOOD.slice(at)))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

test('config/schema.json is what the schema gives', async () => {
  const { configJsonSchema } = await import('../../src/config/schema.ts');
  expect(JSON.parse(readFileSync('config/schema.json', 'utf8'))).toEqual(configJsonSchema());
});

test('docs/configuration.md has the table that the schema gives', async () => {
  const { configTable } = await import('../../src/config/schema-table.ts');
  const [, written = ''] = readFileSync('docs/configuration.md', 'utf8').split(/<!-- \/?keys -->/);
  expect(written.trim()).toBe(configTable().trim());
});
