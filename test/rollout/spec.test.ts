/** What docs/rollout-spec.md refers to is there: test files, the numbers of scenarios in their titles, planted faults. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { PLANTS } from '../../src/simulation/plants.ts';

const ROOT = join(import.meta.dirname, '../..');
const spec = readFileSync(join(ROOT, 'docs/rollout-spec.md'), 'utf8');
const SHORT = {
  transitions: 'test/rollout/transitions.test.ts',
  'blue-green': 'test/rollout/blue-green.test.ts',
  rules: 'test/rollout/rules.test.ts',
};

/** A name without a folder is in that of the one before it. */
function filesIn(text: string): readonly string[] {
  let folder = '';
  return [...text.matchAll(/(?:[\w./-]+\/)?[\w-]+(?:\.(?:sim|http|e2e))?\.test\.ts/g)].map(([name]) => {
    if (name.includes('/')) folder = dirname(name);
    return name.includes('/') ? name : join(folder, name);
  });
}

/** Its lines without comments: titles stand in strings, in rows of tables too. */
const told = (file: string): string =>
  readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .join('\n');

test('each test file is there', () => {
  const missing = spec.split('\n').flatMap((line) => filesIn(line).filter((file) => !existsSync(join(ROOT, file))));
  expect(missing).toEqual([]);
});

test('each scenario is in the titles of the files that its row names', () => {
  const rows = [...spec.matchAll(/^\| (S\d+) \|[^|]*\| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(50);
  const wrong = rows.flatMap(([, number = '', cell = '']) => {
    const short = Object.entries(SHORT).flatMap(([name, file]) =>
      new RegExp(`(^|[ ,])${name}[ ,]|^${name}$`).test(cell) ? [file] : [],
    );
    return [...filesIn(cell), ...short]
      .filter((file) => !new RegExp(`${number}\\b`).test(told(file)))
      .map((file) => `${number} is in no title of ${file}`);
  });
  expect(wrong).toEqual([]);
});

test('each planted fault stands where its rule is', () => {
  const rows = spec.split('\n').filter((line) => line.startsWith('| '));
  const missing = PLANTS.filter(({ name }) => !rows.some((row) => new RegExp(`[ ,]${name}[ ,]`).test(row)));
  expect(missing.map(({ name, rule }) => `${name} (${rule})`)).toEqual([]);
});

test('each folder that stands for all of its tests has some', () => {
  for (const [, folder = ''] of spec.matchAll(/(test\/[\w/-]+)\/(?=[ |,)])/g))
    expect(statSync(join(ROOT, folder)).isDirectory() && readdirSync(join(ROOT, folder)).length).toBeGreaterThan(0);
});
