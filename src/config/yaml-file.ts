/** A YAML file with places: every value in it can be pointed at, for messages that say exactly where. */
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { ConfigError } from '../model/errors.ts';
import type { ConfigProblem } from '../model/errors.ts';
import { TextFiles } from './text-file.ts';

export type Path = readonly (string | number)[];

export class YamlFile {
  readonly file: string;
  readonly content: unknown;
  readonly #text: string;
  readonly #lines: readonly string[];
  readonly #document: Document;
  readonly #counter: LineCounter;

  private constructor(file: string, text: string, parsed: { document: Document; counter: LineCounter }) {
    this.file = file;
    this.#text = text;
    this.#lines = text.split(/\r?\n/);
    this.#document = parsed.document;
    this.#counter = parsed.counter;
    this.content = parsed.document.toJS({ maxAliasCount: 100 });
  }

  /** `shown` is the path in messages. Throws ConfigError where there is no YAML mapping to be read. */
  static read(file: string, shown: string, files = new TextFiles()): YamlFile {
    return YamlFile.parse(files.read(file, shown), shown);
  }

  /** Of a text that was read; `merge` has `<<` mean what it does in YAML 1.1. Throws ConfigError where it is no YAML mapping. */
  static parse(text: string, shown: string, { merge = false } = {}): YamlFile {
    const refuse = (message: string, place: Partial<ConfigProblem> = {}) =>
      new ConfigError([{ file: shown, line: 1, column: 1, excerpt: '', message, ...place }]);
    const counter = new LineCounter();
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge });
    const lines = text.split(/\r?\n/);
    if (document.errors.length > 0) {
      throw new ConfigError(
        document.errors.map((error) => {
          const { line, col } = counter.linePos(error.pos[0]);
          return {
            file: shown,
            line,
            column: col,
            excerpt: lines[line - 1] ?? '',
            message: `not YAML: ${error.message}`,
          };
        }),
      );
    }
    if (!isMap(document.contents)) throw refuse('expected a mapping (key: value)', { excerpt: lines[0] ?? '' });
    try {
      return new YamlFile(shown, text, { document, counter });
    } catch (error) {
      throw refuse(`not YAML that can be used: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  has(path: Path): boolean {
    return path.length === 0 || this.#document.hasIn(path);
  }

  valueAt(path: Path): unknown {
    const node = this.#document.getIn(path, true);
    return isScalar(node) ? node.value : isNode(node) ? node.toJS(this.#document) : node;
  }

  /**
   * A problem at the value of a path, at its key, or at the nearest thing above it that exists. `within` counts the
   * characters of a text from 0, where only a part of it is wrong.
   */
  problem(
    path: Path,
    message: string,
    options: { atKey?: boolean; hint?: string | undefined; within?: number } = {},
  ): ConfigProblem {
    const start = this.#offsetOf(path, options.atKey === true);
    const offset = options.within === undefined ? start : start + this.#sourceLength(path, options.within);
    const { line, col } = this.#counter.linePos(offset);
    const place = {
      file: this.file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      excerpt: this.#lines[line - 1] ?? '',
    };
    return options.hint === undefined ? { ...place, message } : { ...place, message, hint: options.hint };
  }

  #offsetOf(path: Path, atKey: boolean): number {
    for (let length = path.length; length > 0; length -= 1) {
      const part = path.slice(0, length);
      if (!this.#document.hasIn(part)) continue;
      const node: unknown = this.#document.getIn(part, true);
      const keyNode = this.#keyNode(part);
      const wanted = (atKey && length === path.length) || length < path.length ? (keyNode ?? node) : node;
      const start = isNode(wanted) ? wanted.range?.[0] : undefined;
      if (start !== undefined) return start;
    }
    return this.#document.contents?.range?.[0] ?? 0;
  }

  /** How much of the file the first characters of a text take, its quote and escapes counted; 0 where it is not plain. */
  #sourceLength(path: Path, characters: number): number {
    const node: unknown = this.#document.getIn(path, true);
    if (!isScalar(node) || !isNode(node) || node.range === undefined || node.range === null) return 0;
    const escape = node.type === 'QUOTE_SINGLE' ? "''" : node.type === 'QUOTE_DOUBLE' ? '\\' : undefined;
    if (escape === undefined && node.type !== 'PLAIN') return 0;
    const source = this.#text.slice(node.range[0], node.range[1]);
    // Longer escapes, and texts over several lines, are pointed at as a whole.
    if (source.includes('\n') || (escape === '\\' && /\\[xuU]/.test(source))) return 0;
    let length = escape === undefined ? 0 : 1;
    for (let count = 0; count < characters; count += 1) {
      length += escape !== undefined && source.startsWith(escape, length) ? 2 : 1;
    }
    return length;
  }

  #keyNode(path: Path): Node | undefined {
    const parent: unknown = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    return isScalar(pair?.key) ? pair.key : undefined;
  }
}
