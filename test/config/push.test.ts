import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-push-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'web.yaml'),
  'properties: { osType: Linux, containers: [{ name: web, properties: { image: "r.io/web:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] }',
);
writeFileSync(join(folder, 'push.pem'), 'PEM');

function load(push: string) {
  const file = join(folder, 'viridian.yaml');
  writeFileSync(
    file,
    `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
${push}
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope]
    images: [{ container: web, image: r.io/web, policy: { semver: ">=1.0.0" } }]
`,
  );
  return loadSettings(file);
}

describe('push', () => {
  test('is nothing where the config does not name it', () => {
    expect(load('').settings.push).toBeUndefined();
  });

  test('listens on the loopback address by itself', () => {
    const { settings, warnings } = load('push: { secret: { env: PUSH_SECRET } }');
    expect(settings.push).toEqual({
      host: '127.0.0.1',
      port: 8081,
      header: 'authorization',
      secret: { env: 'PUSH_SECRET' },
      tls: undefined,
    });
    expect(warnings).toEqual([]);
  });

  test('takes files of its certificate beside the config, an IPv6 address and another header', () => {
    const tls = 'tls: { cert: push.pem, key: push.pem }';
    const { settings, warnings } = load(
      `push: { listen: "[::]:443", secret: { file: s }, header: X-Push-Secret, ${tls} }`,
    );
    const pem = join(folder, 'push.pem');
    const read = { host: '::', port: 443, header: 'x-push-secret', tls: { certFile: pem, keyFile: pem } };
    expect(settings.push).toMatchObject(read);
    expect(warnings).toEqual([]);
  });

  test.each(['"0.0.0.0:8081"', '"10.0.0.4:8081"', '"[::]:8081"'])(
    'warns of a secret that would travel in plain text: %s',
    (listen) => {
      const { warnings } = load(`push: { listen: ${listen}, secret: { env: S } }`);
      expect(warnings).toEqual([expect.stringContaining('the secret travels in plain text')]);
    },
  );

  test.each([
    ['push: {}', '3:1: missing key "secret"'],
    ['push: { secret: hunter2 }', 'a secret never stands in the config itself'],
    ['push: { secret: { env: S }, listen: "8081" }', 'expected an address and a port'],
    ['push: { secret: { env: S }, listen: "127.0.0.1:65536" }', 'expected a port of 65535 at most'],
    ['push: { secret: { env: S }, header: "a b" }', 'expected the name of a header'],
    ['push: { secret: { env: S }, tls: { cert: none.pem, key: push.pem } }', 'none.pem cannot be read'],
  ])('says what is wrong with %s', (push, message) => {
    expect(() => load(push)).toThrow(message);
  });
});
