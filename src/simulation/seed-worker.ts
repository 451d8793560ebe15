/** A thread of `viridian simulate`: runs one seed at a time, as it is asked to, and answers with what became of it. */
import { parentPort } from 'node:worker_threads';
import { runJob } from './job.ts';
import type { Job } from './job.ts';

// What throws here ends the thread, and is told by who asked, with the seed.
parentPort?.on('message', (job: Job) => void answer(job));

async function answer(job: Job): Promise<void> {
  parentPort?.postMessage(await runJob(job));
}
