/** An ARM template as part of a config: its parameters file, values by reference, and a document for each location. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asObject } from '../../../src/config/json.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { documentFor } from '../../../src/config/templates/variants.ts';
import type { App, JsonObject } from '../../../src/model/app.ts';
import { messages } from './arm-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-arm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EXAMPLE = 'three-containers.arm.json';

function load(values: string, locations = 'westeurope, northeurope'): App | undefined {
  copyFileSync('config/examples/three-containers.parameters.json', join(folder, 'shop.parameters.json'));
  const config = join(folder, 'viridian.yaml');
  writeFileSync(
    config,
    `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
apps:
  - name: shop
    template: { file: shop.json, parameters: shop.parameters.json, values: ${values} }
    resourceGroup: shop
    locations: [${locations}]
    replicas: 1
    images: [{ container: web, image: shop.azurecr.io/shop/web, policy: { semver: '*' } }]
`,
  );
  return loadSettings(config).settings.apps[0];
}

const SECRETS = 'registryPassword: { file: pull.txt }, storageKey: { env: A }, queueConnection: { env: B }';

test('its group differs by location where the template asks for the location', () => {
  const text = readFileSync(join('config/examples', EXAMPLE), 'utf8');
  writeFileSync(join(folder, 'shop.json'), text.replace('"/healthz"', `"[concat('/', resourceGroup().location)]"`));
  const app = load(`{ ${SECRETS} }`);
  const pathsAt = (location: string) =>
    JSON.stringify(documentFor(app?.template.document ?? {}, { location })).match(/"path":"[^"]*"/g);
  expect(pathsAt('westeurope')).toEqual(['"path":"/westeurope"', '"path":"/westeurope"']);
  expect(pathsAt('northeurope')).toEqual(['"path":"/northeurope"', '"path":"/northeurope"']);
  expect(app?.template.containers).toEqual(['web', 'worker', 'logs']);
  const credentials = asObject(app?.template.document['properties'])?.['imageRegistryCredentials'];
  expect(credentials).toEqual([{ server: 'shop.azurecr.io', username: 'shop-pull', password: { file: 'pull.txt' } }]);
});

const byLocation = () => {
  const text = readFileSync(join('config/examples', EXAMPLE), 'utf8');
  writeFileSync(join(folder, 'shop.json'), text.replace('"/healthz"', `"[concat('/', resourceGroup().location)]"`));
};

test('the order of locations is no part of its hash, nor of its document', () => {
  byLocation();
  const [one, other] = ['westeurope, northeurope', 'northeurope, westeurope'].map((locations) =>
    load(`{ ${SECRETS} }`, locations),
  );
  expect(one?.template).toEqual(other?.template);
});

test('it says nothing of a location that it was not evaluated for, where that counts', () => {
  byLocation();
  const at = (document: JsonObject | undefined) => () => documentFor(document ?? {}, { location: 'northeurope' });
  expect(at(load(`{ ${SECRETS} }`, 'westeurope')?.template.document)).toThrow(
    'the template was evaluated for westeurope, and comes out otherwise in northeurope',
  );
  copyFileSync(join('config/examples', EXAMPLE), join(folder, 'shop.json'));
  const anywhere = load(`{ ${SECRETS} }`, 'westeurope')?.template.document;
  expect(at(anywhere)()).toEqual(anywhere);
});

test('one that cannot be evaluated elsewhere is of its locations', () => {
  const text = readFileSync(join('config/examples', EXAMPLE), 'utf8');
  const byMap = `"[createObject('westeurope', '/west')[resourceGroup().location]]"`;
  writeFileSync(join(folder, 'shop.json'), text.replace('"/healthz"', byMap));
  expect(load(`{ ${SECRETS} }`, 'westeurope')?.template.document['places']).toEqual(['westeurope']);
});

test('the same document has the same hash at each reading', () => {
  copyFileSync(join('config/examples', EXAMPLE), join(folder, 'shop.json'));
  expect(load(`{ ${SECRETS} }`)?.template.hash).toBe(load(`{ ${SECRETS} }`)?.template.hash);
  expect(load(`{ ${SECRETS}, logFolder: /other }`)?.template.hash).not.toBe(load(`{ ${SECRETS} }`)?.template.hash);
});

test('what is wrong in it is told with what is wrong in the config, once for all locations', () => {
  copyFileSync(join('config/examples', EXAMPLE), join(folder, 'shop.json'));
  expect(messages(() => load('{ storageKey: { env: A }, queueConnection: { env: B }, logFolder: 5 }'))).toEqual([
    'parameter "logFolder": expected a string, got an int',
  ]);
  expect(messages(() => load('{ storageKey: { env: A }, queueConnection: { env: B } }'))).toEqual([
    'parameter "registryPassword" has no value',
  ]);
});

test('what is wrong with it in one of the later locations alone is found', () => {
  const text = readFileSync(join('config/examples', EXAMPLE), 'utf8');
  const wrong = `"[if(equals(resourceGroup().location, 'northeurope'), '/healthz', 'healthz')]"`;
  writeFileSync(
    join(folder, 'shop.json'),
    text.replace('"/var/log/shop"', wrong.replace('/healthz', '/var').replace("'healthz'", "'var:log'")),
  );
  expect(messages(() => load(`{ ${SECRETS} }`)).join()).toMatch(/mountPath/);
});
