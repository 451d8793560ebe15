/** Reads a file of the operator's as text: of a size that can be meant, and with something in it. */
import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../model/errors.ts';

const LARGEST_BYTES = 1024 * 1024;

/** `shown` is the path in messages. Throws ConfigError where it cannot be read, is larger than 1 MiB, or is empty. */
export function readTextFile(file: string, shown: string): string {
  const refuse = (message: string, hint?: string) =>
    new ConfigError([
      { file: shown, line: 1, column: 1, excerpt: '', message, ...(hint === undefined ? {} : { hint }) },
    ]);
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > LARGEST_BYTES) throw refuse(`the file has ${size} bytes, at most ${LARGEST_BYTES} are read`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refuse(`the file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (text.trim() === '')
    throw refuse('the file is empty, expected a mapping', 'config/example.yaml shows a whole one');
  return text;
}
