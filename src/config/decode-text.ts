/** The text in the bytes of a file, which is UTF-8: in any other encoding, names and values would be others than written. Pure. */
import type { Found } from './fingerprint.ts';

/** What such a file begins with; without it, its empty bytes tell. */
const UTF_16 = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

export function decodeText(bytes: Uint8Array): Found {
  if (UTF_16.some((mark) => mark.every((byte, index) => bytes[index] === byte)))
    return { kind: 'notText', line: 1, message: 'the file is in UTF-16' };
  const text = decoded(bytes);
  if (text === undefined)
    return { kind: 'notText', line: firstBadLine(bytes), message: 'a character of this line is not in UTF-8' };
  const empty = text.indexOf('\0');
  if (empty < 0) return { kind: 'text', text };
  const line = text.slice(0, empty).split('\n').length;
  return { kind: 'notText', line, message: 'this line has an empty byte in it, which no text has' };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** No character has the byte of a line's end in it. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 || decoded(bytes.subarray(start, end)) === undefined) return line;
    start = end + 1;
  }
}
