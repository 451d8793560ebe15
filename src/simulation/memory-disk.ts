/**
 * A disk for the real file store: a write that is interrupted leaves half a file, a full disk takes half of it, and any
 * call may fail, before or after it took effect. A rename happens at once or not at all.
 */
import type { StateStore, StoredState } from '../controller/ports.ts';
import type { Disk } from '../store/disk.ts';
import { readEnvelope } from '../store/envelope.ts';
import { FileStore } from '../store/file-store.ts';
import type { Documents, OnSave, StoreTrouble } from './documents.ts';
import type { Life } from './life.ts';

export interface MemoryDiskGiven {
  readonly onSave: OnSave;
  readonly trouble: () => StoreTrouble;
  readonly sleep: (ms: number) => Promise<void>;
}

const FOLDER = '/simulation/state';
/** Half of a file is there for so long. */
const WRITE_MS = 10;

export class MemoryDisk implements Documents {
  isFull = false;
  readonly #files = new Map<string, string>();
  /** Judges peek far more often than anything is written. */
  readonly #peeked = new Map<string, { readonly text: string; readonly stored: StoredState | undefined }>();
  readonly #given: MemoryDiskGiven;

  constructor(given: MemoryDiskGiven) {
    this.#given = given;
  }

  /** A real daemon that cannot open its folder ends and is started again: here it tries again at its next call. */
  open(life: Life, plant: (disk: Disk) => Disk = (disk) => disk): StateStore {
    let opened: Promise<FileStore> | undefined;
    const disk = plant(this.#diskOf(life));
    const store = async () => {
      opened ??= FileStore.open(FOLDER, disk);
      try {
        return await opened;
      } catch (error) {
        opened = undefined;
        throw error;
      }
    };
    return {
      load: async (app) => (await store()).load(app),
      save: async (...save) => (await store()).save(...save),
      list: async () => (await store()).list(),
    };
  }

  peek(app: string): StoredState | undefined {
    const text = this.#files.get(`${FOLDER}/${app}.json`);
    if (text === undefined) return undefined;
    const peeked = this.#peeked.get(app);
    if (peeked?.text === text) return peeked.stored;
    const stored = storedIn(app, text);
    this.#peeked.set(app, { text, stored });
    return stored;
  }

  text(app: string): string | undefined {
    const stored = this.peek(app);
    return stored === undefined ? undefined : JSON.stringify(stored.state);
  }

  clear(): void {
    this.#files.clear();
  }

  #diskOf(life: Life): Disk {
    const call = <Given extends readonly string[], Result>(act: (...given: Given) => Result | Promise<Result>) =>
      life.bound((...given: Given) => this.#asked(life, () => act(...given)));
    return {
      makeFolder: call(() => undefined),
      list: call(() => [...this.#files.keys()].map((file) => file.slice(FOLDER.length + 1))),
      read: call((file: string) => this.#files.get(file)),
      write: call((file: string, text: string) => this.#write(file, text, life)),
      rename: call((from: string, to: string) => this.#rename(from, to)),
      remove: call((file: string) => void this.#files.delete(file)),
    };
  }

  async #write(file: string, text: string, life: Life): Promise<void> {
    this.#files.set(file, text.slice(0, text.length / 2));
    await life.bound(this.#given.sleep)(WRITE_MS);
    if (this.isFull) throw new Error('ENOSPC: no space left on device, a fault of the simulation');
    this.#files.set(file, text);
  }

  #rename(from: string, to: string): void {
    const text = this.#files.get(from);
    if (text === undefined) throw new Error(`ENOENT: ${from}`);
    const app = to.slice(FOLDER.length + 1, -'.json'.length);
    this.#given.onSave(app, this.peek(app)?.state, readEnvelope(to, text).state);
    this.#files.delete(from);
    this.#files.set(to, text);
  }

  /** Nothing reaches the disk from a life that is over. */
  async #asked<Result>(life: Life, act: () => Result | Promise<Result>): Promise<Result> {
    const { delayMs, fails } = this.#given.trouble();
    await life.bound(this.#given.sleep)(delayMs);
    if (fails === 'before') throw new Error('EIO: a fault of the simulation');
    const result = await act();
    if (fails === 'after') throw new Error('EIO: a fault of the simulation');
    return result;
  }
}

function storedIn(app: string, text: string): StoredState | undefined {
  try {
    const { version, state } = readEnvelope(app, text);
    return { version: String(version), state };
  } catch {
    return undefined;
  }
}
