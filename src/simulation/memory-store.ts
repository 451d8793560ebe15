/** State documents that outlive a daemon: compare and swap, as the stores of the product, and failing on request. */
import type { StateStore, StoredState } from '../controller/ports.ts';
import { StoreConflictError, TransientError } from '../model/errors.ts';

export class MemoryStore implements StateStore {
  readonly #documents = new Map<string, { version: number; text: string }>();
  readonly #trouble: () => { readonly delayMs: number; readonly fails: boolean };
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #onSave: (app: string, before: unknown, after: unknown) => void;

  constructor(given: {
    /** Sees every save as it takes effect. */
    onSave: (app: string, before: unknown, after: unknown) => void;
    trouble: () => { readonly delayMs: number; readonly fails: boolean };
    sleep: (ms: number) => Promise<void>;
  }) {
    this.#trouble = given.trouble;
    this.#sleep = given.sleep;
    this.#onSave = given.onSave;
  }

  async load(app: string): Promise<StoredState | undefined> {
    await this.#pass('read');
    return this.peek(app);
  }

  async save(app: string, state: unknown, expected: string | undefined): Promise<string> {
    await this.#pass('written');
    const found = this.#documents.get(app)?.version;
    if (found?.toString() !== expected) throw new StoreConflictError(`state of ${app} has version ${found ?? 0}`);
    this.#onSave(app, this.peek(app)?.state, state);
    const version = (found ?? 0) + 1;
    this.#documents.set(app, { version, text: JSON.stringify(state) });
    return String(version);
  }

  async list(): Promise<readonly string[]> {
    await this.#pass('listed');
    return [...this.#documents.keys()].sort();
  }

  /** Without a fault, for checkers. */
  peek(app: string): StoredState | undefined {
    const document = this.#documents.get(app);
    if (document === undefined) return undefined;
    const state: unknown = JSON.parse(document.text);
    return { version: String(document.version), state };
  }

  text(app: string): string | undefined {
    return this.#documents.get(app)?.text;
  }

  /** The state folder is lost. */
  clear(): void {
    this.#documents.clear();
  }

  async #pass(what: string): Promise<void> {
    const { delayMs, fails } = this.#trouble();
    await this.#sleep(delayMs);
    if (fails) throw new TransientError(`the state cannot be ${what}: a fault of the simulation`);
  }
}
