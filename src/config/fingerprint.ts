/** One short text for the contents of many files: another one where any of them is another. Pure. */
import { createHash } from 'node:crypto';

/** What was found of a file. */
export type Found =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooLarge'; readonly bytes: number }
  /** Of another encoding than UTF-8. */
  | { readonly kind: 'notText'; readonly line: number; readonly message: string }
  | { readonly kind: 'unreadable'; readonly code: string; readonly message: string };

/** By absolute path. */
export function fingerprintOf(files: ReadonlyMap<string, Found>): string {
  const hash = createHash('sha256');
  for (const [file, found] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(JSON.stringify([file, contentOf(found)]));
  return hash.digest('hex');
}

function contentOf(found: Found): string {
  switch (found.kind) {
    case 'text':
      return `text ${found.text}`;
    case 'tooLarge':
      return `large ${found.bytes}`;
    case 'notText':
      return `not text ${found.line} ${found.message}`;
    case 'unreadable':
      return `unreadable ${found.code}`;
  }
}
