/** `npm run schema`: writes config/schema.json and the table of keys in docs/configuration.md from the one schema. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configTable } from './schema-table.ts';
import { configJsonSchema } from './schema.ts';

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

writeFileSync(at('config/schema.json'), `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);

const doc = readFileSync(at('docs/configuration.md'), 'utf8');
const [before = '', rest = ''] = doc.split('<!-- keys -->');
const after = rest.split('<!-- /keys -->')[1] ?? '';
writeFileSync(at('docs/configuration.md'), `${before}<!-- keys -->\n${configTable()}<!-- /keys -->${after}`);
