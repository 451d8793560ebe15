/** The few things that the file store asks of a disk; the simulation has one that tears, fills up and fails. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Disk {
  /** Makes the folder, and those above it, where they are missing. */
  makeFolder(folder: string): Promise<void>;
  /** Names of the files in the folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Undefined where there is no such file. */
  read(file: string): Promise<string | undefined>;
  /** Makes a new file, for its owner's eyes only; it is on the disk when this returns, and may be torn until then. */
  write(file: string, text: string): Promise<void>;
  /** Puts the file in the place of another, at once; on the disk when this returns, where the disk can say so. */
  rename(from: string, to: string): Promise<void>;
  /** Also where there is none. */
  remove(file: string): Promise<void>;
}

export const realDisk: Disk = {
  makeFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
  list: (folder) => readdir(folder),
  async read(file) {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  },
  async write(file, text) {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async rename(from, to) {
    await rename(from, to);
    await syncFolderOf(to);
  },
  remove: (file) => rm(file, { force: true }),
};

/** File shares and Windows cannot sync a folder; a rename is durable there by other means. */
async function syncFolderOf(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r').catch(() => undefined);
  if (folder === undefined) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}
