/** Points at places of a file of manifests. Lines of Secrets are never shown, so that no message has a secret in it. */
import type { LineCounter } from 'yaml';
import type { ConfigProblem } from '../../model/errors.ts';
import type { TemplateFile } from './format.ts';

export class ManifestLines {
  readonly #file: TemplateFile;
  readonly #counter: LineCounter;
  readonly #lines: readonly string[];
  readonly #hidden: { readonly from: number; readonly to: number }[] = [];

  /** The counter has to know the lines of the file by the time of the first problem. */
  constructor(file: TemplateFile, counter: LineCounter) {
    this.#file = file;
    this.#counter = counter;
    this.#lines = file.text.split(/\r?\n/);
  }

  get shown(): string {
    return this.#file.shown;
  }

  problemAt(at: number, message: string, hint?: string): ConfigProblem {
    const { line, column } = this.placeOf(at);
    const excerpt = this.isHidden(at) ? '' : (this.#lines[line - 1] ?? '');
    return { file: this.#file.shown, line, column, excerpt, message, ...(hint === undefined ? {} : { hint }) };
  }

  placeOf(at: number): { line: number; column: number } {
    const { line, col } = this.#counter.linePos(at);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** `from` and `to`: offsets of a Secret. */
  hide(from: number, to: number): void {
    this.#hidden.push({ from, to });
  }

  /** For what is wrong before it is known which object it is in: the whole document, where it has a Secret. */
  hideSecretsAround(at: number): void {
    const { text } = this.#file;
    const from = Math.max(0, text.lastIndexOf('\n---', at));
    const next = text.indexOf('\n---', at);
    const to = next === -1 ? text.length : next;
    if (/kind["']?\s*:\s*["']?Secret\b/.test(text.slice(from, to))) this.hide(from, to);
  }

  /** Also where only another part of the line belongs to a Secret. */
  isHidden(at: number): boolean {
    const { text } = this.#file;
    const start = text.lastIndexOf('\n', at - 1) + 1;
    const next = text.indexOf('\n', at);
    const end = next === -1 ? text.length : next;
    return this.#hidden.some(({ from, to }) => from < end && to > start);
  }
}
