/** Templates as a config refers to them: where they may be, what tells their format, what some groups have of their own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import { documentFor } from '../../../src/config/templates/variants.ts';
import { recognise } from '../../../src/config/templates/recognise.ts';
import { TextFiles } from '../../../src/config/text-file.ts';
import { ConfigError } from '../../../src/model/errors.ts';
import type { ConfigProblem } from '../../../src/model/errors.ts';
import { realWatchedDisk } from '../../../src/reload/watched-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'viridian-templates-'));
const folder = join(root, 'config');
afterAll(() => rmSync(root, { recursive: true }));

const GROUP = `properties:
  osType: Linux
  containers:
    - name: web
      properties: { image: 'shop.azurecr.io/web:latest', ports: [{ port: 80 }], resources: { requests: { cpu: 1, memoryInGB: 1 } } }
  ipAddress: { type: Public, ports: [{ port: 80 }] }
`;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'web.yaml'), GROUP);
  writeFileSync(join(root, 'other.yaml'), GROUP);
});

const MANY = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 200
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: 'shop.azurecr.io/web:1', resources: { requests: { cpu: '1', memory: 1Gi } } }
`;

const INSIDE = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: ClusterIP, selector: { app: web }, ports: [{ port: 80 }] }
`;

function load(template: string, more = '', replicas = '    replicas: 2\n') {
  const text = `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000000 }
apps:
  - name: web
    template: ${template}
    resourceGroup: shop
    locations: [westeurope, northeurope]
${replicas}${more}    images: [{ container: web, image: shop.azurecr.io/web, policy: { semver: '*' } }]
`;
  writeFileSync(join(folder, 'viridian.yaml'), text);
  return loadSettings(join(folder, 'viridian.yaml'));
}

function problems(...given: Parameters<typeof load>): string[] {
  return refusals(...given).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** Node cannot make one. */
function makePipe(path: string): void {
  execFileSync('/usr/bin/env', ['mkfifo', path]);
}

function hintOf(template: string): string | undefined {
  return refusals(template)[0]?.hint;
}

function refusals(...given: Parameters<typeof load>): readonly ConfigProblem[] {
  try {
    load(...given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function documentAt(location: string, replica: number, more: string) {
  const document = load('web.yaml', more).settings.apps[0]?.template.document ?? {};
  return documentFor(document, { location, replica });
}

describe('overrides that come together in one group', () => {
  const windows = '      - { location: northeurope, set: { properties: { osType: Windows } } }\n';
  const second = `      - { replica: 2, set: { properties: { containers: [{ name: log, properties: { image: 'log:1', resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] } } }\n`;

  test('are checked together, and told at the later one', () => {
    expect(problems('web.yaml', `    overrides:\n${windows}`)).toEqual([]);
    expect(problems('web.yaml', `    overrides:\n${second}`)).toEqual([]);
    expect(problems('web.yaml', `    overrides:\n${second}${windows}`)[0]).toMatch(
      /^11:39 overrides: .* Windows group/,
    );
    const both = problems('web.yaml', `    overrides:\n${windows}${second}`);
    expect(both).toHaveLength(1);
    const broken = `      - { location: westeurope, set: { properties: { containers: [{ name: web, properties: { ports: [{ port: 70000 }] } }] } } }\n`;
    const places = problems('web.yaml', `    overrides:\n${broken}${second}`).map((text) => text.split(' ')[0]);
    expect(places).toEqual(['10:38', '10:38']);
  });
});

describe('a reference to a secret', () => {
  const diagnostics = (metadata: string) =>
    `${GROUP}  diagnostics: { logAnalytics: { workspaceId: w, workspaceKey: { env: KEY }, metadata: ${metadata} } }\n`;

  test('is refused where its value would show, whatever the key is called', () => {
    writeFileSync(join(folder, 'web.yaml'), diagnostics('{ password: { env: PW } }'));
    expect(problems('web.yaml')).toContainEqual(
      expect.stringContaining('diagnostics.logAnalytics.metadata.password: a secret cannot be referred to here'),
    );
    writeFileSync(join(folder, 'web.yaml'), diagnostics('{ team: shop }'));
    expect(problems('web.yaml')).toEqual([]);
  });
});

describe('a template', () => {
  test('is a path, or an object with more to say, and that is the same', () => {
    const [one, other] = ['web.yaml', '{ file: web.yaml }'].map((text) => load(text).settings.apps[0]?.template);
    expect(one).toEqual(other);
  });

  test('outside of the folder of the config is read only if that is said', () => {
    const message =
      'template: ../other.yaml is outside of the folder of the config; expected a file in it, or template: {file: ../other.yaml, outside: true}';
    expect(problems('../other.yaml')).toEqual([`5:15 ${message}`]);
    expect(problems('{ file: ../other.yaml, outside: true }')).toEqual([]);
  });

  test('that leads outside by a link is outside', () => {
    symlinkSync(join(root, 'other.yaml'), join(folder, 'link.yaml'));
    expect(problems('link.yaml')[0]).toMatch('link.yaml is outside of the folder of the config');
  });

  test('may be a link within the folder, as mounted files are', () => {
    mkdirSync(join(folder, '..data'));
    writeFileSync(join(folder, '..data', 'web.yaml'), GROUP);
    symlinkSync('..data/web.yaml', join(folder, 'link.yaml'));
    expect(problems('link.yaml')).toEqual([]);
  });

  test('with options that only other formats have is refused', () => {
    expect(problems('{ file: web.yaml, resource: web }')[0]).toMatch(
      'is a container group as it stands, so resource of the template means nothing; expected an ARM template, or no resource',
    );
  });

  test('of more than 1 MiB is refused', () => {
    writeFileSync(join(folder, 'large.yaml'), `${GROUP}# ${'x'.repeat(1024 * 1024)}`);
    expect(problems('large.yaml')[0]).toMatch(/the file has \d+ bytes, at most 1048576 are read/);
  });

  test('that is a pipe is refused, and not waited for', () => {
    makePipe(join(folder, 'pipe.yaml'));
    expect(problems('pipe.yaml')).toEqual([
      `5:15 template: the file cannot be read: ${join(folder, 'pipe.yaml')} is a pipe, a socket or a device; expected a file`,
    ]);
    mkdirSync(join(folder, 'sub'));
    expect(problems('sub')[0]).toMatch('sub is a folder');
  });

  test.each([
    ['Latin-1', Buffer.from(`${GROUP}# café\n`, 'latin1'), '7:1 a character of this line is not in UTF-8'],
    ['UTF-16', Buffer.from(`\uFEFF${GROUP}`, 'utf16le'), '1:1 the file is in UTF-16'],
    [
      'UTF-16 without its mark',
      Buffer.from(GROUP, 'utf16le'),
      '1:1 this line has an empty byte in it, which no text has',
    ],
  ])('in %s is refused', (_, bytes, message) => {
    writeFileSync(join(folder, 'other.yaml'), bytes);
    expect(problems('other.yaml')).toEqual([message]);
    expect(hintOf('other.yaml')).toBe('save the file as UTF-8');
  });

  test('in UTF-8 is read with its mark or without, and the watch sees the same', async () => {
    writeFileSync(join(folder, 'marked.yaml'), `\uFEFF${GROUP.replace('web:latest', 'wéb:latest')}`);
    const files = new TextFiles();
    expect(files.read(join(folder, 'marked.yaml'), 'marked.yaml')).toMatch(/^properties:[^]*wéb:latest/);
    writeFileSync(join(folder, 'latin.yaml'), Buffer.from('é', 'latin1'));
    makePipe(join(folder, 'pipe.yaml'));
    for (const name of ['latin.yaml', 'pipe.yaml', 'gone.yaml', '']) files.look(join(folder, name));
    expect(await realWatchedDisk.fingerprint(files.names)).toBe(files.fingerprint());
  });

  test('of Kubernetes with more replicas than an app may have is refused, unless the app has its own', () => {
    writeFileSync(join(folder, 'many.yaml'), MANY);
    expect(problems('many.yaml')).toEqual([]);
    expect(problems('many.yaml', '', '')).toEqual([
      '5:15 replicas: the template says 200, and an app has at most 20 groups in each location',
    ]);
  });

  test('of Kubernetes that nobody can reach is told how it could be', () => {
    writeFileSync(join(folder, 'inside.yaml'), `${MANY}---\n${INSIDE}`);
    const [problem] = refusals('inside.yaml', '    traffic: { profile: web }\n');
    expect(problem?.message).toMatch('has no public ipAddress with ports');
    expect(problem?.hint).toMatch(/^add a Service of type: LoadBalancer to the manifest/);
  });

  test('that is a parameters file is told from one', () => {
    const parameters =
      '{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#" }';
    writeFileSync(join(folder, 'web.json'), parameters);
    expect(problems('web.json')).toEqual(['1:1 this is a parameters file; expected the ARM template itself']);
  });
});

describe('overrides', () => {
  test('give some groups what they have of their own, and make another release', () => {
    const more = `    overrides:
      - { location: northeurope, set: { zones: ['1'] } }
      - { replica: 2, set: { properties: { containers: [{ name: web, properties: { resources: { requests: { cpu: 2 } } } }] } } }
`;
    expect(documentAt('northeurope', 1, more)).toMatchObject({ zones: ['1'] });
    expect(documentAt('westeurope', 1, more)).not.toHaveProperty('zones');
    const requests = { cpu: 2, memoryInGB: 1 };
    const containers = [{ name: 'web', properties: { image: 'shop.azurecr.io/web:latest', resources: { requests } } }];
    expect(documentAt('westeurope', 2, more)).toMatchObject({ properties: { containers } });
    const [plain, varied] = [load('web.yaml'), load('web.yaml', more)].map(
      ({ settings }) => settings.apps[0]?.template.hash,
    );
    expect(plain).not.toBe(varied);
  });

  const row = (text: string) => `    overrides: [${text}]\n`;
  test.each([
    [
      '{ location: eastus, set: {} }',
      '9:29 overrides: the app has no location "eastus"; expected one of westeurope, northeurope',
    ],
    [
      '{ replica: 3, set: {} }',
      '9:28 overrides: expected a replica from 1 to 2, as many as the app has in each location, got 3',
    ],
    ['{ replica: 1, set: { name: x } }', '9:38 overrides: name is set by Viridian itself, and cannot be set here'],
    ['{ set: {} }', '9:17 apps[0].overrides[0]: expected a location, a replica, or both, got {"set":{}}'],
    [
      '{ replica: 1, set: { properties: { containers: [] } } }',
      '9:36 overrides: properties.containers: expected a list of at least one container',
    ],
    [
      '{ replica: 1, set: { properties: { ipAddress: { ports: [{ port: 81 }] } } } }',
      '9:36 overrides: the public address and its ports must be the same for every group of an app',
    ],
  ])('%s is refused', (text, expected) => {
    expect(problems('web.yaml', row(text))).toEqual([expected]);
  });
});

describe('the format', () => {
  test.each([
    ['aci', GROUP],
    ['aci', 'apiVersion: 2021-10-01\ntype: Microsoft.ContainerInstance/containerGroups\nproperties: {}'],
    ['aci', '{ "properties": { "containers": [] } }'],
    ['arm', '{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#" }'],
    ['arm', '// shop\n/* of\nmany */ { "contentVersion": "1.0.0.0", "resources": [] }'],
    [
      'armParameters',
      '{"$schema":"https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#"}',
    ],
    ['kubernetes', 'apiVersion: apps/v1\nkind: Deployment\n'],
    ['kubernetes', '# first\n---\napiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Pod\n'],
    ['kubernetes', '{"apiVersion": "v1", "kind": "Pod"}'],
    // A value that is called so is none.
    ['aci', 'properties:\n  containers:\n    - name: web\n      kind: Pod\n'],
  ])('%s is told by what stands in it', (expected, text) => {
    expect(recognise(text)).toBe(expected);
  });
});
