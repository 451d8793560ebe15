/**
 * State in files, one per app, in a folder that may be an Azure File share. A save replaces the whole file at once: a
 * temporary file is written and synced, then renamed over the old one. A version inside makes every save a
 * compare-and-swap.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StateStore, StoredState } from '../controller/ports.ts';
import { StalledError, StoreConflictError, TransientError } from '../model/errors.ts';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { damagedState, readEnvelope, writeEnvelope } from './envelope.ts';

/** Of this store's own making: the lock has temporary files, too. */
const LEFT_OVER = /\.json\.[0-9a-f]+\.tmp$/;
const APP_NAME = /^[a-z][a-z0-9-]{0,62}$/;

interface Stored {
  /** Starts at 1 and grows by one with each save. */
  readonly version: number;
  readonly state: unknown;
}

export class FileStore implements StateStore {
  readonly #folder: string;
  readonly #disk: Disk;

  private constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  /** Takes away what an interrupted save left: only who holds the folder's lock may open it. */
  static async open(folder: string, disk: Disk = realDisk): Promise<FileStore> {
    await makeFolder(folder, disk);
    try {
      const left = (await disk.list(folder)).filter((name) => LEFT_OVER.test(name));
      await Promise.all(left.map((name) => disk.remove(join(folder, name))));
    } catch (error) {
      throw unusable(folder, error);
    }
    return new FileStore(folder, disk);
  }

  /** For who only looks, beside the daemon that holds the lock: changes nothing, also where the folder is missing. */
  static view(folder: string, disk: Disk = realDisk): Pick<StateStore, 'load'> {
    return new FileStore(folder, disk);
  }

  /** Undefined where nothing was saved yet. Throws StalledError where the file is damaged; it is never overwritten then. */
  async load(app: string): Promise<StoredState | undefined> {
    const stored = await this.#read(app);
    return stored === undefined ? undefined : { ...stored, version: String(stored.version) };
  }

  /** Names of the apps that have a file. */
  async list(): Promise<readonly string[]> {
    const files = await this.#disk.list(this.#folder);
    return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
  }

  async #read(app: string): Promise<Stored | undefined> {
    const file = this.#fileOf(app);
    let text: string | undefined;
    try {
      text = await this.#disk.read(file);
    } catch (error) {
      throw new TransientError(`state file ${file} cannot be read: ${textOf(error)}`, { cause: error });
    }
    return text === undefined ? undefined : parseStored(file, text);
  }

  /**
   * Saves if the stored version is the expected one (undefined: nothing stored); gives the new version. Throws StoreConflictError
   * otherwise, TransientError where the disk does not take it: what is there then is whole, the old state or the new one.
   */
  async save(app: string, state: unknown, expected: string | undefined): Promise<string> {
    const found = (await this.#read(app))?.version;
    const file = this.#fileOf(app);
    if (found?.toString() !== expected) {
      throw new StoreConflictError(
        `state file ${file} has version ${found ?? 0}, expected ${expected ?? 0}: another daemon writes to this folder`,
      );
    }
    const version = (found ?? 0) + 1;
    const text = writeEnvelope(state, version);
    await this.#replace(file, text);
    return String(version);
  }

  async #replace(file: string, text: string): Promise<void> {
    const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await this.#disk.write(temporary, text);
      await this.#disk.rename(temporary, file);
    } catch (error) {
      await this.#disk.remove(temporary).catch(() => undefined);
      throw new TransientError(
        `state file ${file} cannot be written: ${textOf(error)}; it is read again before anything is done`,
        {
          cause: error,
        },
      );
    }
  }

  #fileOf(app: string): string {
    if (!APP_NAME.test(app)) throw new StalledError(`app name ${JSON.stringify(app)} cannot be a file name`);
    return join(this.#folder, `${app}.json`);
  }
}

/** Where it is missing, for its owner alone. Throws StalledError. */
export async function makeFolder(folder: string, disk: Disk = realDisk): Promise<void> {
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): StalledError {
  return new StalledError(
    `state folder ${folder} cannot be used: ${textOf(error)}; make it writable or set state.folder`,
    { cause: error },
  );
}

function parseStored(file: string, text: string): Stored {
  const { version, state } = readEnvelope(`state file ${file}`, text);
  if (version === undefined) throw damagedState(`state file ${file}`, 'is damaged (no schema or version)');
  return { version, state };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
