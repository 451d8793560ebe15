/** Tags by what a stack is: what of the config is taken, and each mistake with its place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { ConfigError } from '../../src/model/errors.ts';
import type { App } from '../../src/model/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'viridian-role-tags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEMPLATE =
  'tags: { team: shop }\nproperties: { osType: Linux, containers: [{ name: web, properties: { image: x, resources: { requests: { cpu: 1, memoryInGB: 1 } } } }] }\n';

/** With its `tags` on line 9. */
function load(tags: string): App | undefined {
  writeFileSync(join(folder, 'web.yaml'), TEMPLATE);
  writeFileSync(
    join(folder, 'viridian.yaml'),
    `version: 1
azure: { subscription: 00000000-0000-0000-0000-000000000001 }
apps:
  - name: web
    template: web.yaml
    resourceGroup: shop
    locations: [west]
    images: [{ container: web, image: shop.azurecr.io/web, policy: { semver: "*" } }]
    rollout: { tags: ${tags} }
`,
  );
  return loadSettings(join(folder, 'viridian.yaml')).settings.apps[0];
}

function problems(tags: string): string[] {
  try {
    load(tags);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `t${index}: x`).join(', ');

describe('rollout.tags', () => {
  test('S29: are read as they stand, either side may have none, and no release changes with them', () => {
    const app = load('{ candidate: { role: green }, live: { role: blue, "cost center": "12" } }');
    const tags = { candidate: { role: 'green' }, live: { role: 'blue', 'cost center': '12' } };
    expect(app?.rollout).toMatchObject({ tags });
    expect(load('{ live: { role: blue } }')?.rollout).toMatchObject({
      tags: { candidate: {}, live: { role: 'blue' } },
    });
    expect(load('{}')?.rollout).not.toHaveProperty('tags');
    expect(load('{}')?.template.hash).toBe(app?.template.hash);
  });

  test('S29: with ours and those of the template a group has 50 at most', () => {
    expect(problems(`{ candidate: { ${many(42)} }, live: { ${many(42)} } }`)).toEqual([]);
    expect(problems(`{ live: { ${many(43)} } }`)).toEqual([
      '9:30 tags.live: expected at most 42, got 43: with those of the template and of Viridian a group has 50 at most',
    ]);
  });

  test.each([
    [
      'one of ours',
      '{ live: { Viridian-Owner: me } }',
      '9:48 tags.live: "Viridian-Owner" is reserved; expected a name',
    ],
    ['one of Azure’s', '{ candidate: { azure-x: y } }', '9:46 tags.candidate: "azure-x" is reserved; expected a name'],
    ['one of the template’s', '{ live: { Team: web } }', '9:38 tags.live: the template has a tag "Team" of its own'],
    [
      'two spellings',
      '{ candidate: { Role: a }, live: { role: b } }',
      '9:62 tags.live: "role" and "Role" are the same to',
    ],
    [
      'a name that Azure refuses',
      '{ live: { "a/b": x } }',
      'expected the name of an Azure tag, at most 512 characters',
    ],
    ['a value that is no text', '{ live: { critical: true } }', 'live.critical: '],
    ['a value that is too long', `{ live: { a: ${'x'.repeat(257)} } }`, 'live.a: '],
    ['a role that there is not', '{ retired: { a: b } }', 'retired'],
  ])('S29: %s is told with its place', (_, tags, expected) => {
    const found = problems(tags);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^9:\d+ /);
    expect(found[0]).toContain(expected);
  });
});
