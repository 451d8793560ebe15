/** Every picture of docs/strategies.md, by its file. */
import { drawTimeline } from './draw.ts';
import { RUNS, timelineOf } from './runs.ts';

export async function drawAll(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const [name, run] of Object.entries(RUNS)) {
    const timeline = await timelineOf(run);
    const title = `${name.replace('-back', '')}: ${run.illIn === undefined ? 'a release goes live' : 'the new release falls ill, and the old one comes back'}`;
    pictures.set(`docs/pictures/${name}.svg`, drawTimeline(title, timeline));
  }
  return pictures;
}
