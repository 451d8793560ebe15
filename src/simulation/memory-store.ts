/** State documents that several daemons share: compare and swap, as in Azure Blob Storage, and failing on request. */
import type { StateStore, StoredState } from '../controller/ports.ts';
import { StoreConflictError, TransientError } from '../model/errors.ts';
import type { Documents, OnSave, StoreTrouble } from './documents.ts';
import type { Life } from './life.ts';

export interface MemoryStoreGiven {
  readonly onSave: OnSave;
  readonly trouble: () => StoreTrouble;
  readonly sleep: (ms: number) => Promise<void>;
}

export class MemoryStore implements Documents, StateStore {
  readonly #documents = new Map<string, { version: number; text: string; state?: unknown }>();
  readonly #given: MemoryStoreGiven;

  constructor(given: MemoryStoreGiven) {
    this.#given = given;
  }

  open(life: Life): StateStore {
    return {
      load: life.bound((app) => this.load(app)),
      save: life.bound((...save) => this.save(...save)),
      list: life.bound(() => this.list()),
    };
  }

  load(app: string): Promise<StoredState | undefined> {
    return this.#asked('read', () => this.peek(app));
  }

  save(app: string, state: unknown, expected: string | undefined): Promise<string> {
    return this.#asked('written', () => {
      const found = this.#documents.get(app)?.version;
      if (found?.toString() !== expected) throw new StoreConflictError(`state of ${app} has version ${found ?? 0}`);
      this.#given.onSave(app, this.peek(app)?.state, state);
      const version = (found ?? 0) + 1;
      this.#documents.set(app, { version, text: JSON.stringify(state) });
      return String(version);
    });
  }

  list(): Promise<readonly string[]> {
    return this.#asked('listed', () => [...this.#documents.keys()].sort());
  }

  peek(app: string): StoredState | undefined {
    const document = this.#documents.get(app);
    if (document === undefined) return undefined;
    // Judges peek far more often than anything is written.
    document.state ??= JSON.parse(document.text);
    return { version: String(document.version), state: document.state };
  }

  text(app: string): string | undefined {
    return this.#documents.get(app)?.text;
  }

  clear(): void {
    this.#documents.clear();
  }

  async #asked<Result>(what: string, act: () => Result): Promise<Result> {
    const { trouble, sleep } = this.#given;
    const { delayMs, fails } = trouble();
    const failed = () => new TransientError(`the state cannot be ${what}: a fault of the simulation`);
    await sleep(delayMs);
    if (fails === 'before') throw failed();
    const result = act();
    if (fails === 'after') throw failed();
    return result;
  }
}
