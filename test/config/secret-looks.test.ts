import { describe, expect, test } from 'vitest';
import { secretWarnings } from '../../src/config/templates/secret-looks.ts';
import type { Json } from '../../src/model/app.ts';

/** Put together here, so that nothing in this file looks like a secret itself. */
const RANDOM = ['q7Zp3', 'Xw9Lk2', 'Vt8Rb4', 'Nc6Md1'].join('');
const LONG = `${RANDOM}aB3dE5`.repeat(3);
const PRIVATE = 'PRIVATE';
const AWS = 'ABCDEFGH23456789';

function variable(name: string, value: Json) {
  const container = { name: 'web', properties: { image: 'x', environmentVariables: [{ name, value }] } };
  return { properties: { containers: [container] } };
}

const LOOKS: readonly (readonly [string, string, string])[] = [
  [
    'X',
    `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${LONG.slice(0, 60)}==`,
    'connection string with a key',
  ],
  [
    'X',
    `Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=${RANDOM}`,
    'connection string with a key',
  ],
  [
    'X',
    'Server=tcp:shop.database.windows.net;Database=a;User ID=b;Password=hunter2',
    'connection string with a password',
  ],
  ['X', 'Server=db;Uid=b;Pwd=hunter2;', 'connection string with a password'],
  ['X', 'cache.redis:6380,password=hunter2,ssl=True', 'connection string with a password'],
  ['X', 'mongodb://shop:hunter2@db.example.net/a', 'URL with a password'],
  ['X', 'postgres://shop:hunter2@db/a?sslmode=require', 'URL with a password'],
  ['X', 'amqps://:hunter2@mq.example.net', 'URL with a password'],
  ['X', `https://shop.blob.core.windows.net/a?sv=2024&se=2026-01-01&sig=${RANDOM}%3D`, 'shared access signature'],
  ['X', `-----BEGIN RSA ${PRIVATE} KEY-----\nabc`, 'private key'],
  ['X', `eyJ${RANDOM}.eyJ${RANDOM}.${RANDOM}`, 'JSON web token'],
  ['X', `ghp_${LONG.slice(0, 36)}`, 'GitHub'],
  ['X', `github_pat_${RANDOM}`, 'GitHub'],
  ['X', `glpat-${RANDOM}`, 'GitLab'],
  ['X', `npm_${LONG.slice(0, 36)}`, 'npm'],
  ['X', `xoxb-${RANDOM}`, 'Slack'],
  ['X', `AKIA${AWS}`, 'AWS'],
  ['X', `sk_live_${RANDOM}`, 'Stripe'],
  ['X', `AIza${LONG.slice(0, 35)}`, 'Google'],
  ['X', `abc8Q~${LONG.slice(0, 34)}`, 'Entra'],
  ['X', `${(LONG + LONG).slice(0, 86)}==`, 'storage account'],
  ['DB_PASSWORD', 'hunter2', 'by its name a secret'],
  ['MYSQL_ROOT_PASSWORD', 'root', 'by its name a secret'],
  ['PGPASSWORD', 'postgres', 'by its name a secret'],
  ['PASSWORD', 'short', 'by its name a secret'],
  ['PASSWORD', '12345', 'by its name a secret'],
  ['dbPassword', 'correct horse', 'by its name a secret'],
  ['CLIENT_SECRET', RANDOM, 'by its name a secret'],
  ['Api__Token', RANDOM, 'by its name a key'],
  ['SUBSCRIPTION_KEY', '0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'by its name a key'],
];

const HARMLESS: readonly (readonly [string, Json])[] = [
  ['DB_PASSWORD', '{{ password }}'],
  ['DB_PASSWORD', '${DB_PASSWORD}'],
  ['DB_PASSWORD', '$(DB_PASSWORD)'],
  ['DB_PASSWORD', '<your password>'],
  ['DB_PASSWORD', ''],
  ['DB_PASSWORD_FILE', '/mnt/secrets/password'],
  ['DB_PASSWORD', '/mnt/secrets/password'],
  ['REQUIRE_PASSWORD', 'true'],
  ['USE_TOKEN', 'true'],
  ['TOKEN', 'https://login.example.net/token'],
  ['TOKEN_ENDPOINT', 'https://login.example.net/oauth2/v2.0/token'],
  ['PARTITION_KEY', '0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['CACHE_KEY', RANDOM],
  ['PUBLIC_KEY', RANDOM],
  ['SESSION_KEY', 'customer-session-2024'],
  ['API_KEY', 'unset'],
  ['MAX_TOKEN', 4096],
  ['URL', 'https://example.net:8443/path@2?x=1'],
  ['URL', 'postgres://shop@db.example.net:5432/a'],
  ['URL', 'postgres://shop:${DB_PASSWORD}@db/a'],
  ['X', 'Server=db;Password={{password}}'],
  ['X', 'InstrumentationKey=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0;IngestionEndpoint=https://westeurope-5.in/'],
  ['GIT_SHA', '0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccdd'],
  ['IMAGE', `shop.azurecr.io/web@sha256:${'0f1e2d3c'.repeat(8)}`],
  ['KEYBOARD', RANDOM],
  ['MONKEY', RANDOM],
];

describe('a plain environment value that looks like a secret', () => {
  test.each(LOOKS)('%s=%s: it %s', (name, value, why) => {
    const [warning = '', ...others] = secretWarnings(variable(name, value));
    expect(others).toEqual([]);
    expect(warning).toContain(`container web: environment variable ${name}`);
    expect(warning).toContain(why);
    expect(warning).toContain('use secureValue: {env: ');
    expect(warning).not.toContain(value);
    for (const part of ['hunter2', RANDOM]) expect(warning).not.toContain(part);
  });

  test.each(HARMLESS)('%s=%s is none', (name, value) => {
    expect(secretWarnings(variable(name, value))).toEqual([]);
  });

  test('a secure value is not looked at', () => {
    const container = {
      name: 'web',
      properties: { environmentVariables: [{ name: 'DB_PASSWORD', secureValue: 'hunter2' }] },
    };
    expect(secretWarnings({ properties: { containers: [container] } })).toEqual([]);
  });

  test('a text of a megabyte is looked at in no time', () => {
    const value = 'a://:;password?sig&'.repeat(60_000);
    expect(secretWarnings(variable('X', value))).toEqual([]);
  });
});

test('commands, headers of probes, tags, init containers and overrides are looked at as well', () => {
  const container = {
    name: 'web',
    properties: {
      command: ['serve', '--db-password=hunter2', '--token', RANDOM, '--port', '8080'],
      livenessProbe: {
        exec: { command: ['curl', 'http://a:hunter2@localhost/'] },
        httpGet: { httpHeaders: [{ name: 'Authorization', value: `Bearer ${RANDOM}` }] },
      },
    },
  };
  const init = { name: 'first', properties: { environmentVariables: [{ name: 'PASSWORD', value: 'hunter2' }] } };
  const set = {
    properties: {
      containers: [{ name: 'web', properties: { environmentVariables: [{ name: 'PWD', value: 'hunter2' }] } }],
    },
  };
  const document = {
    properties: { containers: [container], initContainers: [init] },
    tags: { owner: 'shop', 'api-key': RANDOM },
    variants: [{ location: 'westeurope', set }],
  };
  const warnings = secretWarnings(document);
  expect(warnings.map((text) => text.split(', and ')[0])).toEqual([
    'container first: environment variable PASSWORD holds a plain value, and by its name a secret'.split(', and ')[0],
    'container web: command, argument 2 holds a plain value',
    'container web: command, argument 4 holds a value that looks random',
    'container web: command of a probe, argument 2 holds a URL with a password',
    'container web: header Authorization of a probe holds a value that looks random',
    'tag api-key holds a value that looks random',
    'container web: environment variable PWD holds a plain value',
  ]);
  expect(warnings.join()).not.toContain('hunter2');
  expect(warnings.join()).not.toContain(RANDOM);
});
