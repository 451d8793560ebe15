/** Polling a registry: how many requests and how long a look takes, by the number of tags, with the real client. */
import { joinEdges } from '../src/cli/edges.ts';
import { loadSettings } from '../src/config/load.ts';
import { Local } from '../test/support/local.ts';
import type { Figure } from './bench.ts';

const LOOKS = 20;

export async function benchPoll(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const tags of [10, 1000, 10_000]) {
    let requests = 0;
    const local = await Local.start({ onRequest: ({ path }) => (requests += path.includes('_tags') ? 1 : 0) });
    for (let number = 0; number < tags; number += 1) {
      local.azure.images.push({
        registry: local.azure.registry,
        repository: 'web',
        tag: `1.0.${number}`,
        program: {},
        at: Date.UTC(2026, 0, 1) + number * 1000,
      });
    }
    const { settings } = loadSettings(local.configFile);
    const edges = await joinEdges(settings);
    const [registry] = settings.registries;
    if (registry === undefined) throw new Error('the config has no registry');
    const repository = edges.openRepository(registry, 'web');
    const first = await timed(() => repository.listTags());
    figures.push({ name: `first look at ${tags} tags (${requests} requests)`, value: first, unit: 'ms' });
    requests = 0;
    let spent = 0;
    for (let look = 0; look < LOOKS; look += 1) spent += await timed(() => repository.listTags());
    const each = (requests / LOOKS).toFixed(1);
    figures.push({ name: `each later look at ${tags} tags (${each} requests)`, value: spent / LOOKS, unit: 'ms' });
    await local.close();
  }
  return figures;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
