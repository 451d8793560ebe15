/** A config of 1,000 apps, each with a template of its own: reading and checking all of it, and rendering each group. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../src/config/load.ts';
import { renderGroup } from '../src/config/render.ts';
import type { App } from '../src/model/app.ts';
import { groupName } from '../src/model/ownership.ts';
import type { Figure } from './bench.ts';

const APPS = 1000;
/** One that has to be different for each app, so that no work is shared. */
const FORMATS = [
  { name: 'ACI YAML', file: 'web.group.yaml', ending: 'yaml', values: '{}' },
  { name: 'Kubernetes manifest', file: 'three-containers.kubernetes.yaml', ending: 'yaml', values: '{}' },
  {
    name: 'ARM template',
    file: 'three-containers.arm.json',
    ending: 'json',
    values:
      '{ registry: shop.azurecr.io, storageAccount: shop, registryPassword: { env: A }, storageKey: { env: B }, queueConnection: { env: C } }',
  },
] as const;

export function benchTemplates(): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'viridian-bench-'));
  try {
    return FORMATS.map((format) => ({
      name: `${APPS.toLocaleString('en')} apps read, checked and rendered, ${format.name}`,
      value: measure(folder, format),
      unit: 's',
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(folder: string, { file, ending, values }: (typeof FORMATS)[number]): number {
  const text = readFileSync(new URL(`../config/examples/${file}`, import.meta.url), 'utf8');
  const apps = Array.from({ length: APPS }, (_, index) => {
    const template = `web${index}.${ending}`;
    writeFileSync(join(folder, template), `${text}\n`);
    return `  - name: web${index}
    template: { file: ${template}, values: ${values} }
    resourceGroup: shop
    locations: [westeurope]
    replicas: 1
    images: [{ container: web, image: shop.azurecr.io/shop/web, policy: { semver: '*' } }]
`;
  });
  const config = join(folder, 'viridian.yaml');
  const azure = 'azure: { subscription: 00000000-0000-0000-0000-000000000000 }';
  writeFileSync(config, `version: 1\n${azure}\napps:\n${apps.join('')}`);
  const from = performance.now();
  const { settings } = loadSettings(config);
  for (const app of settings.apps) renderOne(app);
  return (performance.now() - from) / 1000;
}

function renderOne(app: App): void {
  const [location = ''] = app.locations;
  const name = groupName(app.name, '12345678', location, 1);
  const group = { name, location, replica: 1, endpoint: name };
  const release = { id: '0', templateHash: app.template.hash, images: [] };
  renderGroup({ app, owner: 'bench', release, group, stackId: '12345678' });
}
