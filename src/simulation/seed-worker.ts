/** A thread of `viridian simulate`: runs one seed at a time, as it is asked to, and answers with what became of it. */
import { parentPort } from 'node:worker_threads';
import { plantNamed } from './plants.ts';
import { runSeed } from './run.ts';
import type { SeedJob } from './workers.ts';

// What throws here ends the thread, and is told by who asked, with the seed.
parentPort?.on('message', (job: SeedJob) => void answer(job));

async function answer({ seed, plant }: SeedJob): Promise<void> {
  parentPort?.postMessage(await runSeed(seed, { plant: plant === undefined ? undefined : plantNamed(plant) }));
}
