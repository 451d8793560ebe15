/** Keys and certificates that the config names: what is taken, and what is said of those that cannot be. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';
import { certify, ecKeys, trusted } from '../support/signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-trusted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = trusted(ecKeys()).pem;
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const pemOf = (pair: ReturnType<typeof ecKeys>) => trusted(pair).pem;

beforeAll(async () => {
  write(
    'web.yaml',
    'properties:\n  osType: Linux\n  containers:\n    - name: web\n      properties: { image: "shop.azurecr.io/web:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } }\n',
  );
  write('cosign.pub', KEY);
  write('two.pub', `# two of them\n${KEY}${pemOf(ecKeys())}`);
  write('private.pem', String(ecKeys().privateKey.export({ type: 'pkcs8', format: 'pem' })));
  write('notes.txt', 'the key is elsewhere');
  write('broken.pub', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n');
  write('p384.pub', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })));
  write('short.pub', pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 })));
  write('root.pem', (await certify('root')).cert);
  write('old.pem', (await certify('old', { from: -48, to: -24 })).cert);
  write('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
});

function load(verify: string) {
  write(
    'viridian.yaml',
    `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope]
    images:
      - container: web
        image: shop.azurecr.io/web
        policy: { semver: "*" }
        verify: ${verify}
`,
  );
  const { settings, warnings } = loadSettings(join(folder, 'viridian.yaml'));
  return { verify: settings.apps[0]?.images[0]?.verify, warnings };
}

function problems(verify: string): string[] {
  try {
    load(verify);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((p) => `${p.line}:${p.column} ${p.message}`);
  }
  return [];
}

describe('verify', () => {
  test('takes every public key of its files', () => {
    const { verify, warnings } = load('{ cosign: { keys: [cosign.pub, two.pub], reference: shop.azurecr.io/web } }');
    expect(verify).toMatchObject({ kind: 'cosign', reference: 'shop.azurecr.io/web' });
    const files =
      verify?.kind === 'cosign' ? verify.keys.map(({ file, pem }) => [file, pem.trim() === KEY.trim()]) : [];
    expect(files).toEqual([
      ['cosign.pub', true],
      ['two.pub', true],
      ['two.pub', false],
    ]);
    expect(warnings).toEqual([]);
  });

  test('takes certificates, and warns of one that has expired', () => {
    const { verify, warnings } = load('{ notation: { certificates: [root.pem, old.pem] } }');
    expect(verify).toMatchObject({ kind: 'notation', certificates: [{ file: 'root.pem' }, { file: 'old.pem' }] });
    expect(warnings).toEqual([expect.stringMatching(/^old\.pem: the certificate CN=old expired at .*: no signature/)]);
  });

  test.each([
    ['{ cosign: { keys: [gone.pub] } }', '12:36 keys: gone.pub cannot be read (ENOENT); expected a PEM file'],
    [
      '{ cosign: { keys: [cosign.pub, notes.txt] } }',
      '12:48 keys: notes.txt is not PEM; expected -----BEGIN PUBLIC KEY',
    ],
    ['{ cosign: { keys: [private.pem] } }', '12:36 keys: private.pem has a PRIVATE KEY; expected a PUBLIC KEY'],
    ['{ cosign: { keys: [broken.pub] } }', '12:36 keys: broken.pub is no public key that can be read'],
    ['{ cosign: { keys: [p384.pub] } }', '12:36 keys: p384.pub: expected a key of ECDSA P-256, RSA of at least 2048'],
    ['{ cosign: { keys: [short.pub] } }', 'got rsa 1024'],
    ['{ cosign: { keys: [root.pem] } }', '12:36 keys: root.pem has a CERTIFICATE; expected a PUBLIC KEY'],
    [
      '{ notation: { certificates: [cosign.pub] } }',
      'certificates: cosign.pub has a PUBLIC KEY; expected a CERTIFICATE',
    ],
    ['{ notation: { certificates: [broken.pem] } }', 'broken.pem is no certificate that can be read'],
    ['{ cosign: { keys: [] } }', 'cosign.keys'],
    ['{}', 'expected one of cosign and notation'],
    [
      '{ cosign: { keys: [cosign.pub] }, notation: { certificates: [root.pem] } }',
      'expected one of cosign and notation',
    ],
    ['{ cosine: {} }', 'unknown key "cosine"'],
  ])('%s is a problem of the config', (verify, expected) => {
    expect(problems(verify).join('\n')).toContain(expected);
  });
});
