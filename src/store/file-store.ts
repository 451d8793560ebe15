/**
 * State in files, one per app, in a folder that may be an Azure File share. A save replaces the whole file at once: a
 * temporary file is written and synced, then renamed over the old one. A version inside makes every save a
 * compare-and-swap.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StalledError, StoreConflictError, TransientError } from '../model/errors.ts';
import { damagedState, readEnvelope, writeEnvelope } from './envelope.ts';

const APP_NAME = /^[a-z][a-z0-9-]{0,62}$/;

interface Stored {
  /** Starts at 1 and grows by one with each save. */
  readonly version: number;
  readonly state: unknown;
}

export class FileStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder where it is missing and takes away what an interrupted save left. */
  static async open(folder: string): Promise<FileStore> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const left = (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
      await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
    } catch (error) {
      throw new StalledError(
        `state folder ${folder} cannot be used: ${textOf(error)}; make it writable or set state.folder`,
        { cause: error },
      );
    }
    return new FileStore(folder);
  }

  /** Undefined where nothing was saved yet. Throws StalledError where the file is damaged; it is never overwritten then. */
  async load(app: string): Promise<{ version: string; state: unknown } | undefined> {
    const stored = await this.#read(app);
    return stored === undefined ? undefined : { ...stored, version: String(stored.version) };
  }

  /** Names of the apps that have a file. */
  async list(): Promise<readonly string[]> {
    const files = await readdir(this.#folder);
    return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
  }

  async #read(app: string): Promise<Stored | undefined> {
    const file = this.#fileOf(app);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new TransientError(`state file ${file} cannot be read: ${textOf(error)}`, { cause: error });
    }
    return parseStored(file, text);
  }

  /**
   * Saves if the stored version is the expected one (undefined: nothing stored); gives the new version. Throws StoreConflictError
   * otherwise, TransientError where the disk does not take it: the old state is then still there, whole.
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
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
      await this.#syncFolder();
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new TransientError(`state file ${file} cannot be written: ${textOf(error)}; the state before is kept`, {
        cause: error,
      });
    }
  }

  /** File shares and Windows cannot sync a folder; a rename is durable there by other means. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r').catch(() => undefined);
    if (folder === undefined) return;
    await folder.sync().catch(() => undefined);
    await folder.close();
  }

  #fileOf(app: string): string {
    if (!APP_NAME.test(app)) throw new StalledError(`app name ${JSON.stringify(app)} cannot be a file name`);
    return join(this.#folder, `${app}.json`);
  }
}

function parseStored(file: string, text: string): Stored {
  const { version, state } = readEnvelope(`state file ${file}`, text);
  if (version === undefined) throw damagedState(`state file ${file}`, 'is damaged (no schema or version)');
  return { version, state };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
