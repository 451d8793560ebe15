/**
 * Files of the local Azure: those of a file share are the same for every container that mounts it, in whatever group; those
 * of an emptyDir belong to one group, until it is stopped. Text in lines, the newest kept.
 */

/** `account/share`, or the group and the name of the volume. */
export type StoreId = string;

const MOST_LINES = 1000;
const LONGEST_LINE = 1000;
const MOST_FILES = 100;

export class Shares {
  readonly #stores = new Map<StoreId, Map<string, string[]>>();

  append(store: StoreId, path: string, line: string): void {
    const files = this.#stores.get(store) ?? new Map<string, string[]>();
    this.#stores.set(store, files);
    const lines = files.get(path) ?? [];
    if (!files.has(path) && files.size >= MOST_FILES) return;
    lines.push(line.slice(0, LONGEST_LINE));
    if (lines.length > MOST_LINES) lines.shift();
    files.set(path, lines);
  }

  /** Undefined where there is no such file. */
  lines(store: StoreId, path: string): readonly string[] | undefined {
    return this.#stores.get(store)?.get(path);
  }

  /** Every file that was written, with its number of lines. */
  list(): readonly { readonly store: StoreId; readonly path: string; readonly lines: number }[] {
    return [...this.#stores].flatMap(([store, files]) =>
      [...files].map(([path, lines]) => ({ store, path, lines: lines.length })),
    );
  }

  drop(store: StoreId): void {
    this.#stores.delete(store);
  }
}
