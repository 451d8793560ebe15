/**
 * `npm run bench [name …]`: speed and memory, side by side in one run. Prints one line per figure; figures of two
 * machines, or of two runs on a busy one, do not compare. `registry --json` prints one JSON object as its last line.
 */
import { benchDecide } from './decide.ts';
import { benchEndurance } from './endurance.ts';
import { benchMemory } from './memory.ts';
import { benchPoll } from './poll.ts';
import { benchRegistry, benchRest } from './registry.ts';
import type { Measured } from './registry.ts';
import { benchRollout } from './rollout.ts';
import { benchTemplates } from './templates.ts';

/** One figure, e.g. `{name: 'decide, 2 groups', value: 120000, unit: 'decisions/s'}`. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

type Bench = () => readonly Figure[] | Promise<readonly Figure[] | Measured>;

const BENCHES: Readonly<Record<string, Bench>> = {
  decide: benchDecide,
  poll: benchPoll,
  rollout: benchRollout,
  templates: benchTemplates,
  memory: benchMemory,
  endurance: benchEndurance,
  registry: benchRegistry,
  rest: benchRest,
};
/** A part of another one: by its name only. */
const PARTS = new Set(['rest']);

const isJson = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter((word) => word !== '--json');
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}
if (isJson && wanted.join(' ') !== 'registry') {
  console.error('--json goes with registry alone: `npm run -s bench -- registry --json`');
  process.exit(1);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 ? !wanted.includes(name) : PARTS.has(name)) continue;
  const measured = await bench();
  const { figures, notes, summary } = 'figures' in measured ? measured : { figures: measured, notes: [] };
  for (const figure of figures) {
    const value = figure.value >= 100 ? figure.value.toFixed(0) : figure.value.toFixed(2);
    console.log(`${name.padEnd(10)} ${figure.name.padEnd(58)} ${value.padStart(10)} ${figure.unit}`);
  }
  for (const note of notes) console.log(`${name.padEnd(10)} ${note}`);
  if (isJson) console.log(JSON.stringify(summary));
}
process.exit(0);
