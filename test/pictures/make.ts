/** Draws all pictures of docs/strategies.md anew, from runs in virtual time: `npm run pictures`. */
import { writeFile } from 'node:fs/promises';
import { drawAll } from './pictures.ts';

for (const [file, svg] of await drawAll()) await writeFile(file, svg);
