/** `pollers.ts CONFIG SETTLE MEASURE` (seconds): polls what the config's apps follow, and prints the part of a core it takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import { Poller } from '../../src/registry/poller.ts';

const [file = '', settle = '', measured = ''] = process.argv.slice(2);
const { settings } = loadSettings(file);
const edges = await joinEdges(settings);
const seen = new Set<string>();
let failures = 0;
const poller = new Poller({
  ...edges,
  onChange(key, list) {
    seen.add(key);
    if (list.kind === 'unknown') failures += 1;
  },
});
for (const { registry, repository } of settings.apps.flatMap(({ images }) => images)) {
  const place = settings.registries.find(({ host }) => host === registry);
  if (place === undefined) throw new Error(`${registry} is not among the registries`);
  poller.add(`${registry}/${repository}`, edges.openRepository(place, repository), place);
}
poller.start();
await sleep(Number(settle) * 1000);
const before = process.cpuUsage();
const from = performance.now();
await sleep(Number(measured) * 1000);
const { user, system } = process.cpuUsage(before);
const corePercent = ((user + system) / 1000 / (performance.now() - from)) * 100;
console.log(JSON.stringify({ repositories: seen.size, failures, corePercent }));
process.exit(0);
