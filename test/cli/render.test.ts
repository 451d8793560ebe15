/** `viridian render`: what Azure would get, and nothing that is secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render } from '../../src/cli/render.ts';
import type { RenderCommand } from '../../src/cli/render.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-render-command-'));
const config = join(folder, 'viridian.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'web.yaml'),
  `name: exported
location: eastus
properties:
  osType: Linux
  containers:
    - name: web
      properties:
        image: shop.azurecr.io/web:latest
        environmentVariables: [{ name: A, secureValue: hidden-a }, { name: B, secureValue: { env: B } }]
        resources: { requests: { cpu: 1, memoryInGB: 1 } }
  volumes: [{ name: keys, secret: { key: aGlkZGVuLWI= } }]
`,
);
writeFileSync(
  config,
  `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000000 }
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [westeurope, northeurope]
    replicas: 2
    overrides: [{ location: northeurope, set: { zones: ['1'] } }]
    images: [{ container: web, image: shop.azurecr.io/web, policy: { semver: '*' } }]
`,
);

function run(command: Partial<RenderCommand>) {
  const lines: string[] = [];
  const errors: string[] = [];
  const given = { app: 'web', config, location: undefined, replica: undefined, json: false, ...command };
  const status = render(given, { out: (text) => lines.push(text), err: (text) => errors.push(text) });
  return { status, text: lines.join('\n'), errors };
}

test('prints every group that a rollout would make, as documents of YAML', () => {
  const { status, text } = run({});
  const groups = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
  expect(status).toBe(0);
  expect(groups.map(({ name, zones }) => [name, zones])).toEqual([
    ['web-00000000-westeurope-1', undefined],
    ['web-00000000-westeurope-2', undefined],
    ['web-00000000-northeurope-1', ['1']],
    ['web-00000000-northeurope-2', ['1']],
  ]);
  expect(groups[0]).toMatchObject({ location: 'westeurope', tags: { 'viridian-app': 'web' } });
});

test('shows secrets as they are referred to, and masks those that stand there themselves', () => {
  const { text, errors } = run({ location: 'westeurope', replica: 1, json: true });
  expect(text).not.toMatch(/hidden|aGlkZGVu/);
  expect(errors.join()).not.toMatch(/hidden|aGlkZGVu/);
  expect(JSON.parse(text)).toMatchObject([
    {
      properties: {
        containers: [{ properties: { environmentVariables: [{ secureValue: '***' }, { secureValue: { env: 'B' } }] } }],
        volumes: [{ secret: { key: '***' } }],
      },
    },
  ]);
});

test.each<[string, Partial<RenderCommand>, string]>([
  ['an app', { app: 'wep' }, `viridian: ${config} has no app "wep"; did you mean "web"?`],
  [
    'a group',
    { replica: 3 },
    'viridian: app web has no such group; expected one of westeurope, northeurope, replicas 1 to 2',
  ],
])('%s that is not there is told, with what is', (_, command, expected) => {
  const { status, text, errors } = run(command);
  expect({ status, text }).toEqual({ status: 2, text: '' });
  expect(errors.at(-1)).toBe(expected);
});
