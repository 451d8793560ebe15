/**
 * One example in three forms: what Azure gets is the same. The group in YAML also says which API it is written for, and
 * this alone tells its document from the others.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import { TemplateReader } from '../../../src/config/templates/read.ts';
import type { TemplateRequest } from '../../../src/config/templates/read.ts';
import type { JsonObject } from '../../../src/model/app.ts';
import { copyForm, THREE_FORMS } from '../../support/three-forms.ts';
import type { Form } from '../../support/three-forms.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-forms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const place = { subscription: '00000000-0000-0000-0000-000000000000', resourceGroup: 'shop', location: 'westeurope' };
const values = {
  registryPassword: { env: 'SHOP_PULL_PASSWORD' },
  storageKey: { env: 'SHOP_STORAGE_KEY' },
  queueConnection: { env: 'SHOP_QUEUE_CONNECTION' },
};

function read(name: string, more: Partial<TemplateRequest> = {}) {
  return new TemplateReader().read({ ...named(name), ...NOTHING, ...more });
}

/** Without what says how to read it. */
function groupOf(document: JsonObject = {}): JsonObject {
  const { apiVersion: _version, type: _type, ...group } = document;
  return group;
}

const named = (shown: string) => ({ file: join('config/examples', shown), shown });
const NOTHING = { parameters: undefined, values: {}, resource: undefined, overrides: [], places: [place] } as const;

function load(form: Form) {
  copyForm(form, folder);
  const text = readFileSync('config/examples/three-containers.yaml', 'utf8');
  expect(text).toContain('template: three-containers.group.yaml\n');
  const config = join(folder, `${form.format}.yaml`);
  writeFileSync(
    config,
    text.replace('template: three-containers.group.yaml', () => `template: ${form.template}`),
  );
  const { settings, warnings } = loadSettings(config);
  return { app: settings.apps[0], warnings };
}

test('a container group, an ARM template and a Kubernetes manifest become one and the same document', () => {
  const group = read('three-containers.group.yaml');
  const arm = read('three-containers.arm.json', { parameters: named('three-containers.parameters.json'), values });
  const manifest = read('three-containers.kubernetes.yaml');
  expect([group, arm, manifest].map(({ format }) => format)).toEqual(['aci', 'arm', 'kubernetes']);
  expect([group, arm, manifest].flatMap(({ warnings }) => warnings)).toEqual([]);
  expect(arm.template.document).toEqual(groupOf(group.template.document));
  expect(manifest.template).toEqual({ ...arm.template, file: manifest.template.file });
  expect([group, arm, manifest].map(({ replicas }) => replicas)).toEqual([undefined, undefined, 2]);
});

describe('the config of the example', () => {
  test.each(THREE_FORMS)('is good with $form, and makes the same app of it', (form) => {
    const { app, warnings } = load(form);
    expect(warnings).toEqual([]);
    expect(app?.template.containers).toEqual(['web', 'worker', 'logs']);
    const first = load(THREE_FORMS[0] ?? form).app;
    expect(groupOf(app?.template.document)).toEqual(groupOf(first?.template.document));
    expect({ ...app, template: undefined }).toEqual({ ...first, template: undefined });
  });
});
