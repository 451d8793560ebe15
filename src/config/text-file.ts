/**
 * Reads files of the operator's as text, each once, so that all who ask see the same: of a size that can be meant, and
 * with something in it. Remembers what was read, so that it can be told whether that is still what stands there.
 */
import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../model/errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Found } from './fingerprint.ts';

export const LARGEST_BYTES = 1024 * 1024;

export class TextFiles {
  readonly #found = new Map<string, Found>();

  /** Absolute paths of all that was asked for, also of what is not there. */
  get names(): readonly string[] {
    return [...this.#found.keys()];
  }

  /** The same for the same contents of the same files. */
  fingerprint(): string {
    return fingerprintOf(this.#found);
  }

  look(file: string): Found {
    const found = this.#found.get(file) ?? lookAt(file);
    this.#found.set(file, found);
    return found;
  }

  /** `shown` is the path in messages. Throws ConfigError where it cannot be read, is larger than 1 MiB, or is empty. */
  read(file: string, shown: string): string {
    const refuse = (message: string, hint?: string) =>
      new ConfigError([
        { file: shown, line: 1, column: 1, excerpt: '', message, ...(hint === undefined ? {} : { hint }) },
      ]);
    const found = this.look(file);
    switch (found.kind) {
      case 'unreadable':
        throw refuse(`the file cannot be read: ${found.message}`);
      case 'tooLarge':
        throw refuse(`the file has ${found.bytes} bytes, at most ${LARGEST_BYTES} are read`);
      case 'text':
        if (found.text.trim() !== '') return found.text;
        throw refuse('the file is empty, expected a mapping', 'config/example.yaml shows a whole one');
    }
  }
}

function lookAt(file: string): Found {
  try {
    const { size } = statSync(file);
    if (size > LARGEST_BYTES) return { kind: 'tooLarge', bytes: size };
    return { kind: 'text', text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { kind: 'unreadable', code: codeOf(error), message: inWords(error, file) };
  }
}

/** The whole path, since who gave a relative one may stand in another folder than they think. */
function inWords(error: unknown, file: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no ${file}`;
    case 'EACCES':
      return `this user may not read ${file}`;
    case 'EISDIR':
      return `${file} is a folder`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
