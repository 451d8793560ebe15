/**
 * Reads files of the operator's as text, each once, so that all who ask see the same: of a size that can be meant, and
 * with something in it. Remembers what was read, so that it can be told whether that is still what stands there.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { ConfigError } from '../model/errors.ts';
import { decodeText } from './decode-text.ts';
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

  /** `shown` is the path in messages. Throws ConfigError where it cannot be read, is larger than 1 MiB, not UTF-8, or empty. */
  read(file: string, shown: string): string {
    const refuse = (message: string, hint?: string, line = 1) =>
      new ConfigError([
        { file: shown, line, column: 1, excerpt: '', message, ...(hint === undefined ? {} : { hint }) },
      ]);
    const found = this.look(file);
    switch (found.kind) {
      case 'unreadable':
        throw refuse(`the file cannot be read: ${found.message}`);
      case 'tooLarge':
        throw refuse(`the file has ${found.bytes} bytes, at most ${LARGEST_BYTES} are read`);
      case 'notText':
        throw refuse(found.message, 'save the file as UTF-8', found.line);
      case 'text':
        if (found.text.trim() !== '') return found.text;
        throw refuse('the file is empty, expected a mapping', 'config/example.yaml shows a whole one');
    }
  }
}

function lookAt(file: string): Found {
  try {
    const status = statSync(file);
    return foundBefore(status, file) ?? decodeText(readFileSync(file));
  } catch (error) {
    return { kind: 'unreadable', code: codeOf(error), message: inWords(error, file) };
  }
}

/** What need not be read, or must not be: a pipe would be waited for until somebody writes to it. */
export function foundBefore(status: Pick<Stats, 'size' | 'isFile' | 'isDirectory'>, file: string): Found | undefined {
  if (status.size > LARGEST_BYTES && status.isFile()) return { kind: 'tooLarge', bytes: status.size };
  if (status.isFile()) return undefined;
  if (status.isDirectory()) return { kind: 'unreadable', code: 'EISDIR', message: `${file} is a folder` };
  return { kind: 'unreadable', code: 'ENOTFILE', message: `${file} is a pipe, a socket or a device; expected a file` };
}

/** The whole path, since who gave a relative one may stand in another folder than they think. */
function inWords(error: unknown, file: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no ${file}`;
    case 'EACCES':
      return `this user may not read ${file}`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
