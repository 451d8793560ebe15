/**
 * One JSON file of an ARM deployment, template or parameters, with lines and columns for messages. Ranges that hold
 * secrets in plain text are hidden in the lines that messages show.
 */
import { ConfigError } from '../../model/errors.ts';
import type { ConfigProblem } from '../../model/errors.ts';
import { ArmJsonFault } from './arm-json-fault.ts';
import { parseArmJson } from './arm-json.ts';
import type { ArmNode } from './arm-json.ts';
import type { TemplateFile } from './format.ts';

export class ArmSource {
  readonly shown: string;
  readonly text: string;
  /** Found when the first message needs them. */
  #found: readonly number[] | undefined;
  readonly #hidden: { readonly start: number; readonly end: number }[] = [];

  private constructor(file: TemplateFile) {
    this.shown = file.shown;
    this.text = file.text;
  }

  get #lineStarts(): readonly number[] {
    this.#found ??= [0, ...Array.from(this.text.matchAll(/\n/g), ({ index }) => index + 1)];
    return this.#found;
  }

  /** Throws ConfigError where it is not JSON. `secret`: what a line holds is not known to be public. */
  static read(file: TemplateFile, options: { readonly secret: boolean }): { source: ArmSource; root: ArmNode } {
    const source = new ArmSource(file);
    try {
      return { source, root: parseArmJson(file.text) };
    } catch (error) {
      if (!(error instanceof ArmJsonFault)) throw error;
      const problem = source.problem(error.offset, error.message, error.hint);
      const excerpt = options.secret ? problem.excerpt.replace(/(:\s*")[^"]*/g, hideAfter) : problem.excerpt;
      throw new ConfigError([{ ...problem, excerpt }]);
    }
  }

  hide(node: ArmNode): void {
    this.#hidden.push({ start: node.start, end: node.end });
  }

  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  problem(offset: number, message: string, hint?: string): ConfigProblem {
    const line = this.line(offset);
    const start = this.#lineStarts[line - 1] ?? 0;
    const place = { file: this.shown, line, column: offset - start + 1, excerpt: this.#excerpt(start) };
    return hint === undefined ? { ...place, message } : { ...place, message, hint };
  }

  #excerpt(start: number): string {
    const end = this.text.indexOf('\n', start);
    let line = this.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
    for (const hidden of this.#hidden) {
      const from = Math.max(0, hidden.start - start);
      const to = Math.min(line.length, hidden.end - start);
      if (to > from) line = line.slice(0, from) + '*'.repeat(to - from) + line.slice(to);
    }
    return line;
  }
}

/** Keeps its length, so that columns still fit. */
function hideAfter(found: string, opening: string): string {
  return opening + '*'.repeat(found.length - opening.length);
}
