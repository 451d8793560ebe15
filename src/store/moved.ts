/**
 * The mark of a state folder whose state was taken elsewhere. A daemon that comes back on it, by its restart policy or an
 * old config, would drive the same apps as those that have the state now.
 */
import { join } from 'node:path';
import { StalledError } from '../model/errors.ts';
import { realDisk } from './disk.ts';

const NAME = 'moved-to';

/** Throws StalledError where the state has moved, unless it has moved to `expected`. */
export async function refuseMoved(folder: string, expected?: string): Promise<void> {
  const file = join(folder, NAME);
  const to = (await realDisk.read(file))?.trim();
  if (to === undefined || to === expected) return;
  throw new StalledError(
    `the state of folder ${folder} has moved to ${to} (${file}): start with a config whose state.blob.url is that; ` +
      `to go back to the folder on purpose, stop all daemons there and delete ${file}`,
  );
}

/** Marks the folder; the same mark again is none the worse. */
export async function markMoved(folder: string, to: string): Promise<void> {
  const file = join(folder, NAME);
  if ((await realDisk.read(file)) === undefined) await realDisk.write(file, `${to}\n`);
}
