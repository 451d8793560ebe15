/** The examples of docs/gates.md, as they stand there: each block of YAML with the table that follows it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../../src/config/load.ts';
import type { App } from '../../src/model/app.ts';
import { judgeWindows } from '../../src/policy/windows.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-gates-doc-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = z.looseObject({ apps: z.record(z.string(), z.looseObject({})) });
const blocks = [...readFileSync('docs/gates.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```\n+((?:\|.*\n)*)/g)];

function load(text: string): readonly App[] {
  const { apps, ...whole } = example.parse(parse(text));
  writeFileSync(
    join(folder, 'web.yaml'),
    'properties: { osType: Linux, containers: [{ name: web, properties: { image: x, resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] }\n',
  );
  const config = {
    version: 1,
    azure: { subscription: '00000000-0000-0000-0000-000000000001' },
    ...whole,
    apps: Object.entries(apps).map(([name, more]) => ({
      name,
      template: 'web.yaml',
      resourceGroup: 'shop',
      locations: ['westeurope'],
      images: [{ container: 'web', image: `shop.azurecr.io/${name}`, policy: { semver: '*' } }],
      ...more,
    })),
  };
  writeFileSync(join(folder, 'viridian.yaml'), stringify(config));
  return loadSettings(join(folder, 'viridian.yaml')).settings.apps;
}

function verdict(app: App | undefined, at: string): string {
  const judged = judgeWindows(app?.windows ?? [], Date.parse(at));
  if (judged.kind === 'open') return 'open';
  return judged.opensAt === undefined ? 'never' : `from ${new Date(judged.opensAt).toISOString().replace('.000', '')}`;
}

test.each(blocks.map(([, text = '', table = '']) => [text, table] as const))('example %#', (text, table) => {
  const apps = load(text);
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  const [head = [], , ...body] = rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const names = head.slice(1).map((cell) => cell.replaceAll('`', ''));
  const judged = body.map(([at = '']) => [
    at,
    ...names.map((name) =>
      verdict(
        apps.find((app) => app.name === name),
        at,
      ),
    ),
  ]);
  expect(judged).toEqual(body);
});

test('there are examples, and tables of what they mean', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  expect(blocks.filter(([, , table]) => table !== '').length).toBeGreaterThanOrEqual(3);
});
