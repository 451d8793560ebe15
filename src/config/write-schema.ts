/** `npm run schema`: writes config/schema.json, and the tables of keys and fields in docs/configuration.md and docs/templates.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configTable } from './schema-table.ts';
import { configJsonSchema } from './schema.ts';
import { fieldTable } from './templates/field-table.ts';

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

writeFileSync(at('config/schema.json'), `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);

between('docs/configuration.md', 'keys', configTable());
between('docs/templates.md', 'fields', fieldTable());

/** Replaces what stands between the two marks of a document. */
function between(path: string, mark: string, text: string): void {
  const [before = '', rest = ''] = readFileSync(at(path), 'utf8').split(`<!-- ${mark} -->`);
  const after = rest.split(`<!-- /${mark} -->`)[1] ?? '';
  writeFileSync(at(path), `${before}<!-- ${mark} -->\n${text}<!-- /${mark} -->${after}`);
}
