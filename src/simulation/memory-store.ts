/** State documents that outlive a daemon: compare and swap, as the stores of the product, and failing on request. */
import type { StateStore } from '../controller/ports.ts';
import { TransientError } from '../model/errors.ts';
import { StoreConflictError } from '../store/file-store.ts';

export class MemoryStore implements StateStore {
  readonly #documents = new Map<string, { version: number; text: string }>();
  readonly #trouble: () => { readonly delayMs: number; readonly fails: boolean };
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(given: {
    trouble: () => { readonly delayMs: number; readonly fails: boolean };
    sleep: (ms: number) => Promise<void>;
  }) {
    this.#trouble = given.trouble;
    this.#sleep = given.sleep;
  }

  async load(app: string): Promise<{ version: number; state: unknown } | undefined> {
    await this.#pass('read');
    return this.peek(app);
  }

  async save(app: string, state: unknown, expectedVersion: number): Promise<number> {
    await this.#pass('written');
    const found = this.#documents.get(app)?.version ?? 0;
    if (found !== expectedVersion) throw new StoreConflictError(`state of ${app} has version ${found}`);
    this.#documents.set(app, { version: found + 1, text: JSON.stringify(state) });
    return found + 1;
  }

  /** Without a fault, for checkers. */
  peek(app: string): { version: number; state: unknown } | undefined {
    const document = this.#documents.get(app);
    if (document === undefined) return undefined;
    const state: unknown = JSON.parse(document.text);
    return { version: document.version, state };
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
