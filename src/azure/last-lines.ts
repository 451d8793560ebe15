/**
 * The end of a log within bounds. Only whole lines are kept: a part of a line could be a part of a secret, which nobody
 * would know to mask.
 */

/** At most so many lines and bytes; a line that is longer by itself is only named. */
export function lastLines(text: string, most: { readonly lines: number; readonly bytes: number }): string {
  const lines = text.replace(/\n$/, '').split('\n').slice(-most.lines);
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines.toReversed()) {
    const size = Buffer.byteLength(line) + 1;
    if (size > most.bytes) {
      kept.unshift(`[a line of ${size - 1} bytes, which is more than is kept]`);
      break;
    }
    bytes += size;
    if (bytes > most.bytes) break;
    kept.unshift(line);
  }
  return kept.join('\n');
}
