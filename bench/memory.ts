/** Resident memory of the daemon as a process of its own, at rest after its first rollouts, by the number of apps. */
import { startDaemon } from '../src/cli/demo-daemon.ts';
import { Local } from '../test/support/local.ts';
import { join } from 'node:path';
import type { Figure } from './bench.ts';

export async function benchMemory(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const apps of [1, 10, 50]) {
    const local = await Local.start({ config: (text) => manyApps(text, apps), withProfile: false });
    local.push('1.0.0');
    const atRest = Promise.withResolvers<void>();
    let finished = 0;
    const daemon = startDaemon(local.configFile, {
      logFile: join(local.folder, 'daemon.log'),
      onLine: ({ event }) => {
        if (event === 'rollout.finished') finished += 1;
        if (finished === apps) atRest.resolve();
      },
    });
    await atRest.promise;
    const residentMiB = daemon.residentMiB();
    await daemon.stop();
    await local.close();
    if (residentMiB !== undefined)
      figures.push({ name: `daemon at rest, ${apps} apps`, value: residentMiB, unit: 'MiB' });
  }
  return figures;
}

/** The one app of the config as so many workers, each with one group. */
function manyApps(text: string, apps: number): string {
  const [head = '', app = ''] = text.split('  - name: web\n');
  const worker = app.replace(/^ {4}traffic:.*\n/m, '').replace('replicas: 2', 'replicas: 1');
  return head + Array.from({ length: apps }, (_, index) => `  - name: web-${index}\n${worker}`).join('');
}
